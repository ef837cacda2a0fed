import type { World } from '../../core/world.ts';
import { accessLogFormat } from './access-log.ts';
import { badRequest } from './errors.ts';
import type { Exchange } from './exchange.ts';
import type { StageProperties } from './properties.ts';
import { Throttles } from './throttle.ts';

const LOG_GROUP = /^arn:aws:logs:[\w-]+:\d{12}:log-group:([^:*]+)(:\*)?$/;

/** What a stage adds to the routes of its API. */
export interface Stage {
  readonly name: string;
  readonly variables: Readonly<Record<string, string>>;
  /** Routes with settings of their own. */
  readonly settings: readonly string[];
  readonly throttles: Throttles;
  /** Writes a line to the access log, where there is one. */
  log(exchange: Exchange): void;
}

/** @throws AwsError BadRequestException, NotImplemented */
export function createStage(
  world: Pick<World, 'clock' | 'log'>,
  properties: StageProperties,
  logStream: string,
): Stage {
  const { StageName, StageVariables, DefaultRouteSettings = {}, RouteSettings } = properties;
  return {
    name: StageName,
    variables: StageVariables,
    settings: Object.keys(RouteSettings),
    throttles: new Throttles(world.clock, DefaultRouteSettings, new Map(Object.entries(RouteSettings))),
    log: accessLog(world, properties.AccessLogSettings, logStream),
  };
}

function accessLog(
  world: Pick<World, 'log'>,
  settings: StageProperties['AccessLogSettings'],
  logStream: string,
): Stage['log'] {
  if (settings === undefined) return () => undefined;
  const group = LOG_GROUP.exec(settings.DestinationArn)?.[1];
  if (group === undefined) throw badRequest(`The access log's destination is no log group: ${settings.DestinationArn}`);
  const write = accessLogFormat(settings.Format);
  return (exchange) => world.log(group, logStream, [write(exchange)]);
}

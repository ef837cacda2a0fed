import type { LogGroupClass } from '@aws-sdk/client-cloudwatch-logs';
import { AwsError } from '../../core/aws-error.ts';
import type { World } from '../../core/world.ts';
import { parseFilter, selector, type Filter } from './filter-pattern.ts';

/** One event in a stream; times in epoch milliseconds. */
export interface LogEvent {
  readonly timestamp: number;
  readonly message: string;
  readonly ingestionTime: number;
}

export interface LogStream {
  readonly name: string;
  readonly createdAt: number;
  /** By timestamp; equal ones as they came. */
  events: LogEvent[];
}

/** A metric that a filter takes from a group's events. */
export interface MetricFilter {
  readonly name: string;
  readonly pattern: string;
  readonly matches: Filter;
  readonly namespace: string;
  readonly metric: string;
  /** A number, or a selector such as `$.bytes`. */
  readonly value: string;
}

export interface MetricValue {
  readonly namespace: string;
  readonly metric: string;
  readonly value: number;
  readonly timestamp: number;
}

export interface LogGroup {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: number;
  readonly logGroupClass: LogGroupClass;
  retentionInDays: number | undefined;
  kmsKeyId: string | undefined;
  readonly streams: Map<string, LogStream>;
  readonly metricFilters: Map<string, MetricFilter>;
}

export type NewLogGroup = Partial<Pick<LogGroup, 'logGroupClass' | 'retentionInDays' | 'kmsKeyId'>>;

const DAY = 86_400_000;
const RETENTIONS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

const missing = (what: string): AwsError =>
  new AwsError('ResourceNotFoundException', `The specified log ${what} does not exist.`);
const present = (what: string): AwsError =>
  new AwsError('ResourceAlreadyExistsException', `The specified log ${what} already exists`);

/** The log groups of the account, with their streams and events. */
export class LogGroups {
  readonly metricValues: MetricValue[] = [];
  readonly #groups = new Map<string, LogGroup>();
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  all(): readonly LogGroup[] {
    return [...this.#groups.values()];
  }

  /** As the operations' IAM resource and DescribeLogGroups' `arn`, but without what follows the name. */
  arnOf(name: string): string {
    return `arn:aws:logs:${this.#world.region}:${this.#world.account}:log-group:${name}`;
  }

  /** @throws AwsError ResourceAlreadyExistsException, InvalidParameterException */
  create(name: string, { logGroupClass = 'STANDARD', retentionInDays, kmsKeyId }: NewLogGroup = {}): LogGroup {
    if (!/^[\w./#-]{1,512}$/u.test(name))
      throw constraint(name, 'logGroupName', 'Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+');
    if (this.#groups.has(name)) throw present('group');
    checkRetention(retentionInDays);
    const group: LogGroup = {
      ...{ name, logGroupClass, retentionInDays, kmsKeyId },
      arn: this.arnOf(name),
      createdAt: this.#world.clock.now(),
      streams: new Map(),
      metricFilters: new Map(),
    };
    this.#groups.set(name, group);
    return group;
  }

  delete(name: string): void {
    this.get(name);
    this.#groups.delete(name);
  }

  find(name: string): LogGroup | undefined {
    return this.#groups.get(name);
  }

  /** By name or ARN. @throws AwsError ResourceNotFoundException */
  get(nameOrArn: string): LogGroup {
    const name = nameOrArn.startsWith('arn:') ? (nameOrArn.split(':')[6] ?? '') : nameOrArn;
    const group = this.#groups.get(name);
    if (group === undefined) throw missing('group');
    return group;
  }

  setRetention(name: string, days: number | undefined): void {
    checkRetention(days);
    this.get(name).retentionInDays = days;
  }

  createStream(group: LogGroup, name: string): LogStream {
    if (!/^[^:*]{1,512}$/u.test(name))
      throw constraint(name, 'logStreamName', 'Member must satisfy regular expression pattern: [^:*]*');
    if (group.streams.has(name)) throw present('stream');
    const stream: LogStream = { name, createdAt: this.#world.clock.now(), events: [] };
    group.streams.set(name, stream);
    return stream;
  }

  /** @throws AwsError ResourceNotFoundException */
  stream(group: LogGroup, name: string): LogStream {
    const stream = group.streams.get(name);
    if (stream === undefined) throw missing('stream');
    return stream;
  }

  append(
    group: LogGroup,
    stream: LogStream,
    events: readonly { readonly timestamp: number; readonly message: string }[],
  ): void {
    const ingestionTime = this.#world.clock.now();
    const last = stream.events.at(-1);
    for (const { timestamp, message } of events) stream.events.push({ timestamp, message, ingestionTime });
    if (events.some(({ timestamp }) => timestamp < (last?.timestamp ?? 0)))
      stream.events.sort((a, b) => a.timestamp - b.timestamp);
    for (const filter of group.metricFilters.values()) this.#measure(filter, events);
  }

  /** The events of a stream that retention has not taken away. */
  events({ retentionInDays }: LogGroup, stream: LogStream): readonly LogEvent[] {
    if (retentionInDays !== undefined) {
      const oldest = this.#world.clock.now() - retentionInDays * DAY;
      if ((stream.events[0]?.timestamp ?? oldest) < oldest)
        stream.events = stream.events.filter(({ timestamp }) => timestamp >= oldest);
    }
    return stream.events;
  }

  #measure(
    { matches, namespace, metric, value }: MetricFilter,
    events: readonly { readonly timestamp: number; readonly message: string }[],
  ): void {
    for (const { timestamp, message } of events) {
      if (!matches(message)) continue;
      const measured = value.startsWith('$') ? selector(value)(JSON.parse(message)) : Number(value);
      if (typeof measured === 'number') this.metricValues.push({ namespace, metric, value: measured, timestamp });
    }
  }
}

/** @throws AwsError InvalidParameterException, NotImplemented */
export function metricFilter(filter: Omit<MetricFilter, 'matches'>): MetricFilter {
  if (!filter.value.startsWith('$') && Number.isNaN(Number(filter.value))) {
    throw new AwsError(
      'InvalidParameterException',
      `Invalid metric transformation: metric value must be a number or a selector`,
    );
  }
  if (filter.value.startsWith('$')) selector(filter.value);
  return { ...filter, matches: parseFilter(filter.pattern) };
}

function checkRetention(days: number | undefined): void {
  if (days === undefined || RETENTIONS.includes(days)) return;
  throw constraint(String(days), 'retentionInDays', `Member must satisfy enum value set: [${RETENTIONS.join(', ')}]`);
}

function constraint(value: string, member: string, rule: string): AwsError {
  return new AwsError(
    'InvalidParameterException',
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: ${rule}`,
  );
}

import type * as logs from '@aws-sdk/client-cloudwatch-logs';
import { AwsError } from '../../core/aws-error.ts';
import { parseFilter } from './filter-pattern.ts';
import type { LogEvent, LogGroup, LogGroups } from './log-groups.ts';

const MOST_EVENTS = 10_000;

interface Range {
  readonly startTime?: number | undefined;
  readonly endTime?: number | undefined;
}

const inRange =
  ({ startTime = 0, endTime = Number.POSITIVE_INFINITY }: Range, closed: boolean) =>
  ({ timestamp }: LogEvent): boolean =>
    timestamp >= startTime && (closed ? timestamp <= endTime : timestamp < endTime);

const invalidToken = (): AwsError => new AwsError('InvalidParameterException', 'The specified nextToken is invalid.');

/** A token names the place between two events, and the direction in which to go from there. */
function place(token: string | undefined): number | undefined {
  if (token === undefined) return undefined;
  const [, at] = /^[fb]\/(\d+)\/s$/u.exec(token) ?? [];
  if (at === undefined) throw invalidToken();
  return Number(at);
}

const token = (direction: 'f' | 'b', at: number): string => `${direction}/${String(at).padStart(56, '0')}/s`;

/** GetLogEvents: the latest events unless told, never ending, with a token for each direction. */
export function getLogEvents(groups: LogGroups, input: logs.GetLogEventsCommandInput): logs.GetLogEventsResponse {
  const group = groups.get(input.logGroupName ?? input.logGroupIdentifier ?? '');
  const all = groups.events(group, groups.stream(group, input.logStreamName ?? '')).filter(inRange(input, false));
  const most = input.limit ?? MOST_EVENTS;
  const given = place(input.nextToken);
  const backward = given === undefined ? input.startFromHead !== true : input.nextToken?.startsWith('b') === true;
  const start = given ?? (backward ? all.length : 0);
  const [from, to] = backward ? [Math.max(0, start - most), start] : [start, Math.min(all.length, start + most)];
  return { events: all.slice(from, to), nextForwardToken: token('f', to), nextBackwardToken: token('b', from) };
}

/** FilterLogEvents over the streams of a group, by time. */
export function filterLogEvents(
  groups: LogGroups,
  input: logs.FilterLogEventsCommandInput,
): logs.FilterLogEventsResponse {
  const group = groups.get(input.logGroupName ?? input.logGroupIdentifier ?? '');
  const matches = parseFilter(input.filterPattern ?? '');
  const found = chosen(groups, group, input)
    .flatMap((stream) =>
      groups
        .events(group, stream)
        .map((event, index) => ({ ...event, logStreamName: stream.name, eventId: eventId(event, stream.name, index) })),
    )
    .filter((event) => inRange(input, true)(event) && matches(event.message))
    .sort((a, b) => a.timestamp - b.timestamp);
  const from = input.nextToken === undefined ? 0 : (place(input.nextToken) ?? 0);
  const to = from + (input.limit ?? MOST_EVENTS);
  return { events: found.slice(from, to), ...(to < found.length && { nextToken: token('f', to) }) };
}

function chosen(
  groups: LogGroups,
  group: LogGroup,
  { logStreamNames, logStreamNamePrefix = '' }: logs.FilterLogEventsCommandInput,
) {
  if (logStreamNames === undefined)
    return [...group.streams.values()].filter(({ name }) => name.startsWith(logStreamNamePrefix));
  if (logStreamNamePrefix === '') return logStreamNames.map((name) => groups.stream(group, name));
  throw new AwsError('InvalidParameterException', 'You may not specify both logStreamNames and logStreamNamePrefix');
}

/** 56 digits, as AWS has it; the same for the same event. */
function eventId({ ingestionTime }: LogEvent, stream: string, index: number): string {
  const sum = Buffer.from(stream).reduce((total, byte) => (total * 31 + byte) % 1_000_000_007, 7);
  return `${ingestionTime}${String(sum).padStart(10, '0')}${index}`.padStart(56, '3').slice(-56);
}

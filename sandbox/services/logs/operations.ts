import type * as logs from '@aws-sdk/client-cloudwatch-logs';
import { AwsError } from '../../core/aws-error.ts';
import { only } from '../../core/only.ts';
import { operation, type Permission, type Service } from '../../core/service.ts';
import type { World } from '../../core/world.ts';
import type { LogGroup, LogGroups } from './log-groups.ts';
import { filterLogEvents, getLogEvents } from './reading.ts';

const DAY = 86_400_000;
const LARGEST_BATCH = 1_048_576;
const OVERHEAD = 26;
const MOST_EVENTS = 10_000;

const invalid = (message: string): AwsError => new AwsError('InvalidParameterException', message);

/** The operations of CloudWatch Logs that write and read. Source: Amazon CloudWatch Logs API Reference. No Insights, no subscriptions. */
export function logOperations(world: World, groups: LogGroups): Service['operations'] {
  /** Logs asks for `log-group:NAME:*`, the ARN that policies name a group by. */
  const onGroup = (action: string, name = ''): Permission[] => [
    { action: `logs:${action}`, resource: name.startsWith('arn:') ? name : `${groups.arnOf(name)}:*` },
  ];
  const onStream = (action: string, group = '', stream = ''): Permission[] => [
    { action: `logs:${action}`, resource: `${groups.arnOf(group)}:log-stream:${stream}` },
  ];

  return {
    CreateLogGroup: operation<logs.CreateLogGroupCommandInput, logs.CreateLogGroupCommandOutput>(
      ({ logGroupName = '' }) => [{ action: 'logs:CreateLogGroup', resource: groups.arnOf(logGroupName) }],
      (input) => {
        const logGroupClass = input.logGroupClass === 'STANDARD' ? undefined : input.logGroupClass;
        only('logs:CreateLogGroup', { ...input, logGroupClass }, ['logGroupName', 'tags']);
        groups.create(input.logGroupName ?? '');
        return {};
      },
    ),
    DeleteLogGroup: operation<logs.DeleteLogGroupCommandInput, logs.DeleteLogGroupCommandOutput>(
      ({ logGroupName }) => onGroup('DeleteLogGroup', logGroupName),
      ({ logGroupName = '' }) => {
        groups.delete(logGroupName);
        return {};
      },
    ),
    CreateLogStream: operation<logs.CreateLogStreamCommandInput, logs.CreateLogStreamCommandOutput>(
      ({ logGroupName }) => onGroup('CreateLogStream', logGroupName),
      ({ logGroupName = '', logStreamName = '' }) => {
        groups.createStream(groups.get(logGroupName), logStreamName);
        return {};
      },
    ),
    PutLogEvents: operation<logs.PutLogEventsCommandInput, logs.PutLogEventsCommandOutput>(
      ({ logGroupName, logStreamName }) => onStream('PutLogEvents', logGroupName, logStreamName),
      (input) => {
        only('logs:PutLogEvents', input, ['logGroupName', 'logStreamName', 'logEvents', 'sequenceToken']);
        const group = groups.get(input.logGroupName ?? '');
        const stream = groups.stream(group, input.logStreamName ?? '');
        const events = (input.logEvents ?? []).map(({ timestamp = 0, message = '' }) => ({ timestamp, message }));
        checkBatch(events);
        const [tooOld, tooNew] = acceptable(world, events);
        groups.append(group, stream, events.slice(tooOld, tooNew));
        const rejected = {
          ...(tooOld > 0 && { tooOldLogEventEndIndex: tooOld }),
          ...(tooNew < events.length && { tooNewLogEventStartIndex: tooNew }),
        };
        return { ...(Object.keys(rejected).length > 0 && { rejectedLogEventsInfo: rejected }) };
      },
    ),
    DescribeLogGroups: operation<logs.DescribeLogGroupsCommandInput, logs.DescribeLogGroupsCommandOutput>(
      () => [{ action: 'logs:DescribeLogGroups', resource: '*' }],
      (input) => {
        only('logs:DescribeLogGroups', input, ['logGroupNamePrefix', 'logGroupNamePattern', 'limit', 'nextToken']);
        const { logGroupNamePrefix: prefix = '', logGroupNamePattern: pattern = '' } = input;
        const found = groups
          .all()
          .filter(({ name }) => name.startsWith(prefix) && name.toLowerCase().includes(pattern.toLowerCase()));
        const page = paged(byName(found), input);
        return { logGroups: page.items.map(described), nextToken: page.nextToken };
      },
    ),
    DescribeLogStreams: operation<logs.DescribeLogStreamsCommandInput, logs.DescribeLogStreamsCommandOutput>(
      ({ logGroupName, logGroupIdentifier }) => onGroup('DescribeLogStreams', logGroupName ?? logGroupIdentifier),
      (input) => {
        const page = describeStreams(groups, input);
        return { logStreams: page.items, nextToken: page.nextToken };
      },
    ),
    GetLogEvents: operation<logs.GetLogEventsCommandInput, logs.GetLogEventsCommandOutput>(
      ({ logGroupName, logStreamName }) => onStream('GetLogEvents', logGroupName, logStreamName),
      (input) => getLogEvents(groups, input),
    ),
    FilterLogEvents: operation<logs.FilterLogEventsCommandInput, logs.FilterLogEventsCommandOutput>(
      ({ logGroupName, logGroupIdentifier }) => onGroup('FilterLogEvents', logGroupName ?? logGroupIdentifier),
      (input) => filterLogEvents(groups, input),
    ),
    PutRetentionPolicy: operation<logs.PutRetentionPolicyCommandInput, logs.PutRetentionPolicyCommandOutput>(
      ({ logGroupName }) => onGroup('PutRetentionPolicy', logGroupName),
      ({ logGroupName = '', retentionInDays }) => {
        groups.setRetention(logGroupName, retentionInDays);
        return {};
      },
    ),
    DeleteRetentionPolicy: operation<logs.DeleteRetentionPolicyCommandInput, logs.DeleteRetentionPolicyCommandOutput>(
      ({ logGroupName }) => onGroup('DeleteRetentionPolicy', logGroupName),
      ({ logGroupName = '' }) => {
        groups.setRetention(logGroupName, undefined);
        return {};
      },
    ),
  };
}

interface InputEvent {
  readonly timestamp: number;
  readonly message: string;
}

function checkBatch(events: readonly InputEvent[]): void {
  if (events.length < 1 || events.length > MOST_EVENTS) {
    throw invalid(
      `1 validation error detected: Value at 'logEvents' failed to satisfy constraint: Member must have length between 1 and ${MOST_EVENTS}`,
    );
  }
  if (events.some(({ message }) => message === '')) {
    throw invalid(
      "1 validation error detected: Value at 'logEvents.1.member.message' failed to satisfy constraint: Member must have length greater than or equal to 1",
    );
  }
  const size = events.reduce((sum, { message }) => sum + Buffer.byteLength(message) + OVERHEAD, 0);
  if (size > LARGEST_BATCH) throw invalid(`Upload too large: ${size} bytes exceeds limit of ${LARGEST_BATCH}`);
  if (events.some(({ timestamp }, index) => timestamp < (events[index - 1]?.timestamp ?? 0))) {
    throw invalid('Log events in a single PutLogEvents request must be in chronological order.');
  }
  const span = (events.at(-1)?.timestamp ?? 0) - (events[0]?.timestamp ?? 0);
  if (span > DAY)
    throw invalid('The batch of log events in a single PutLogEvents request cannot span more than 24 hours.');
}

/** Events older than 14 days or more than 2 hours ahead are left out: the index of the first taken, and of the first after it that is not. */
function acceptable(world: World, events: readonly InputEvent[]): [tooOld: number, tooNew: number] {
  const now = world.clock.now();
  const [oldest, newest] = [now - 14 * DAY, now + 2 * 3_600_000];
  return [
    events.filter(({ timestamp }) => timestamp < oldest).length,
    events.filter(({ timestamp }) => timestamp <= newest).length,
  ];
}

function paged<T>(
  items: readonly T[],
  { limit = 50, nextToken = '0' }: { limit?: number | undefined; nextToken?: string | undefined },
) {
  const from = Number(nextToken);
  if (!Number.isInteger(from)) throw invalid('The specified nextToken is invalid.');
  const to = from + limit;
  return { items: items.slice(from, to), nextToken: to < items.length ? String(to) : undefined };
}

const byName = <T extends { readonly name: string }>(items: readonly T[]): T[] =>
  [...items].sort((a, b) => (a.name < b.name ? -1 : 1));

function described(group: LogGroup): logs.LogGroup {
  const events = [...group.streams.values()].flatMap((stream) => stream.events);
  return {
    logGroupName: group.name,
    creationTime: group.createdAt,
    metricFilterCount: group.metricFilters.size,
    arn: `${group.arn}:*`,
    logGroupArn: group.arn,
    logGroupClass: group.logGroupClass,
    storedBytes: events.reduce((sum, { message }) => sum + Buffer.byteLength(message) + OVERHEAD, 0),
    ...(group.retentionInDays !== undefined && { retentionInDays: group.retentionInDays }),
    ...(group.kmsKeyId !== undefined && { kmsKeyId: group.kmsKeyId }),
  };
}

function describeStreams(groups: LogGroups, input: logs.DescribeLogStreamsCommandInput) {
  const { logStreamNamePrefix: prefix = '', orderBy = 'LogStreamName', descending = false } = input;
  if (prefix !== '' && orderBy === 'LastEventTime')
    throw invalid('Cannot order by LastEventTime with a logStreamNamePrefix.');
  const group = groups.get(input.logGroupName ?? input.logGroupIdentifier ?? '');
  const found = byName([...group.streams.values()].filter(({ name }) => name.startsWith(prefix)));
  if (orderBy === 'LastEventTime')
    found.sort((a, b) => (a.events.at(-1)?.timestamp ?? 0) - (b.events.at(-1)?.timestamp ?? 0));
  if (descending) found.reverse();
  const streams = found.map(({ name, createdAt, events }): logs.LogStream => ({
    logStreamName: name,
    creationTime: createdAt,
    arn: `${group.arn}:log-stream:${name}`,
    firstEventTimestamp: events[0]?.timestamp,
    lastEventTimestamp: events.at(-1)?.timestamp,
    lastIngestionTime: events.at(-1)?.ingestionTime,
  }));
  return paged(streams, input);
}

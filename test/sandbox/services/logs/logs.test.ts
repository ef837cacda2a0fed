import { beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseFilter } from '../../../../sandbox/services/logs/filter-pattern.ts';
import { createLogs, type Logs } from '../../../../sandbox/services/logs/index.ts';
import { caller, provision } from '../../support/service.ts';
import { testWorld, type TestWorld } from '../../support/world.ts';

const DAY = 86_400_000;
const HOUR = 3_600_000;
const GROUP = 'arn:aws:logs:eu-central-1:123456789012:log-group:/group';
const logGroupName = '/group';
const logStreamName = 'stream';

let world: TestWorld;
let logs: Logs;
let call: ReturnType<typeof caller>;

beforeEach(async () => {
  world = testWorld();
  logs = createLogs(world);
  world.dispatcher.register(logs.service);
  call = caller(world, 'logs');
  await call('CreateLogGroup', { logGroupName });
  await call('CreateLogStream', { logGroupName, logStreamName });
});

const put = (...messages: string[]) =>
  call('PutLogEvents', {
    logGroupName,
    logStreamName,
    logEvents: messages.map((message) => ({ timestamp: world.clock.now(), message })),
  });
const messages = (output: Record<string, unknown>) =>
  (output['events'] as { message: string }[]).map(({ message }) => message);

describe('writing', () => {
  it('makes the group and the stream that are missing', () => {
    logs.write('/aws/lambda/f', 'one', ['a', 'b']);
    logs.write('/aws/lambda/f', 'two', ['c']);
    logs.write('/aws/lambda/f', 'one', ['d']);
    expect(logs.events('/aws/lambda/f')).toMatchObject([
      { message: 'a' },
      { message: 'b' },
      { message: 'd' },
      { message: 'c' },
    ]);
  });

  it('takes what is neither too old nor too new, and says what it left out', async () => {
    const now = world.clock.now();
    const events = (...offsets: number[]) => ({
      logGroupName,
      logStreamName,
      logEvents: offsets.map((offset) => ({ timestamp: now + offset, message: String(offset) })),
    });
    expect(await call('PutLogEvents', events(-14 * DAY - 1, -14 * DAY))).toEqual({
      rejectedLogEventsInfo: { tooOldLogEventEndIndex: 1 },
    });
    expect(await call('PutLogEvents', events(2 * HOUR, 2 * HOUR + 1))).toEqual({
      rejectedLogEventsInfo: { tooNewLogEventStartIndex: 1 },
    });
    expect(logs.events(logGroupName).map(({ message }) => message)).toEqual([String(-14 * DAY), String(2 * HOUR)]);
  });

  it.each([
    ['in chronological order', [1, 0]],
    ['cannot span more than 24 hours', [-DAY - 1, 0]],
    ['between 1 and 10000', []],
  ])('refuses a batch: %s', async (reason, offsets) => {
    const logEvents = offsets.map((offset) => ({ timestamp: world.clock.now() + offset, message: 'm' }));
    await expect(call('PutLogEvents', { logGroupName, logStreamName, logEvents })).rejects.toMatchObject({
      code: 'InvalidParameterException',
      message: expect.stringContaining(reason),
    });
  });

  it('refuses a batch that is too large', async () => {
    await expect(put('x'.repeat(1_048_576))).rejects.toMatchObject({
      message: 'Upload too large: 1048602 bytes exceeds limit of 1048576',
    });
  });

  it('forgets what is past its retention', async () => {
    await put('old');
    await call('PutRetentionPolicy', { logGroupName, retentionInDays: 1 });
    await world.clock.runFor(DAY);
    await put('new');
    expect(logs.events(logGroupName).map(({ message }) => message)).toEqual(['old', 'new']);
    await world.clock.runFor(1);
    expect(logs.events(logGroupName).map(({ message }) => message)).toEqual(['new']);
    await expect(call('PutRetentionPolicy', { logGroupName, retentionInDays: 2 })).rejects.toMatchObject({
      code: 'InvalidParameterException',
    });
  });
});

describe('reading', () => {
  it('gives the latest events, and pages both ways', async () => {
    await put('a', 'b', 'c', 'd', 'e');
    const read = (more: object) => call('GetLogEvents', { logGroupName, logStreamName, limit: 2, ...more });
    const latest = await read({});
    expect(messages(latest)).toEqual(['d', 'e']);
    expect(messages(await read({ nextToken: latest['nextBackwardToken'] }))).toEqual(['b', 'c']);
    const end = await read({ nextToken: latest['nextForwardToken'] });
    expect(messages(end)).toEqual([]);
    expect(end['nextForwardToken']).toBe(latest['nextForwardToken']);
    expect(messages(await read({ startFromHead: true }))).toEqual(['a', 'b']);
    await expect(read({ nextToken: 'x' })).rejects.toMatchObject({ code: 'InvalidParameterException' });
  });

  it('filters by text, time and stream, in pages', async () => {
    const from = world.clock.now();
    await put('ERROR one', 'INFO two');
    await world.clock.runFor(1000);
    logs.write(logGroupName, 'other', ['ERROR three']);
    const filter = (more: object) => call('FilterLogEvents', { logGroupName, ...more });
    expect(messages(await filter({ filterPattern: 'ERROR' }))).toEqual(['ERROR one', 'ERROR three']);
    expect(messages(await filter({ endTime: from }))).toEqual(['ERROR one', 'INFO two']);
    expect(messages(await filter({ startTime: from + 1 }))).toEqual(['ERROR three']);
    expect(messages(await filter({ logStreamNames: ['other'] }))).toEqual(['ERROR three']);
    expect(messages(await filter({ logStreamNamePrefix: 'str' }))).toEqual(['ERROR one', 'INFO two']);
    const first = await filter({ limit: 2 });
    expect(messages(await filter({ limit: 2, nextToken: first['nextToken'] }))).toEqual(['ERROR three']);
  });

  it('describes groups and streams', async () => {
    await put('12345');
    logs.write('/other', 'x', ['y']);
    expect((await call('DescribeLogGroups', { logGroupNamePrefix: '/gr' }))['logGroups']).toEqual([
      {
        logGroupName,
        arn: `${GROUP}:*`,
        logGroupArn: GROUP,
        logGroupClass: 'STANDARD',
        creationTime: world.clock.now(),
        metricFilterCount: 0,
        storedBytes: 31,
      },
    ]);
    const { logGroups, nextToken } = await call('DescribeLogGroups', { limit: 1 });
    expect([logGroups, nextToken]).toMatchObject([[{ logGroupName }], '1']);
    const at = world.clock.now();
    expect((await call('DescribeLogStreams', { logGroupName }))['logStreams']).toMatchObject([
      { logStreamName, firstEventTimestamp: at, lastEventTimestamp: at },
    ]);
  });

  it.each([
    [
      'ResourceNotFoundException',
      'The specified log group does not exist.',
      'GetLogEvents',
      { logGroupName: '/none', logStreamName },
    ],
    [
      'ResourceNotFoundException',
      'The specified log stream does not exist.',
      'GetLogEvents',
      { logGroupName, logStreamName: 'none' },
    ],
    ['ResourceAlreadyExistsException', 'The specified log group already exists', 'CreateLogGroup', { logGroupName }],
    [
      'ResourceAlreadyExistsException',
      'The specified log stream already exists',
      'CreateLogStream',
      { logGroupName, logStreamName },
    ],
  ])('%s: %s', async (code, message, operation, input) => {
    await expect(call(operation, input)).rejects.toMatchObject({ code, message });
  });

  it('asks IAM for the ARNs that policies name', () => {
    const asked = (operation: string) =>
      logs.service.operations[operation]
        ?.permissions({ logGroupName, logStreamName } as never, {} as never)
        .map(({ resource }) => resource);
    expect(asked('PutLogEvents')).toEqual([`${GROUP}:log-stream:stream`]);
    expect(asked('CreateLogStream')).toEqual([`${GROUP}:*`]);
    expect(asked('DescribeLogGroups')).toEqual(['*']);
  });
});

describe('filter patterns', () => {
  const record = JSON.stringify({
    status: 'FAILED',
    n: 5,
    ok: true,
    none: null,
    user: { name: 'root' },
    list: ['a', 'b'],
  });

  it.each([
    ['', 'anything', true],
    ['ERROR', 'an ERROR here', true],
    ['ERROR timeout', 'an ERROR here', false],
    ['"an ERROR"', 'an ERROR here', true],
    ['"ERROR an"', 'an ERROR here', false],
    ['ERROR -here', 'an ERROR here', false],
    ['?WARN ?ERROR', 'an ERROR here', true],
    ['" %d"', 'a format %d', true],
    ['?WARN ?FATAL', 'an ERROR here', false],
    ['{ $.status = "FAILED" }', record, true],
    ['{ $.status = FAILED }', record, true],
    ['{ $.status = "FAIL*" }', record, true],
    ['{ $.status != "FAILED" }', record, false],
    ['{ $.missing != "x" }', record, false],
    ['{ $.n = 5 }', record, true],
    ['{ $.n >= 6 }', record, false],
    ['{ $.n > 4 && $.n < 6 }', record, true],
    ['{ ($.n = 4) || ($.user.name = "root") }', record, true],
    ['{ $.n = 4 || $.n = 5 && $.ok IS FALSE }', record, false],
    ['{ $.ok IS TRUE && $.none IS NULL && $.missing NOT EXISTS }', record, true],
    ['{ $.list[1] = "b" }', record, true],
    ['{ $.status = "FAILED" }', 'no JSON', false],
  ])('%s on %s: %s', (pattern, message, expected) => {
    expect(parseFilter(pattern)(message)).toBe(expected);
  });

  it.each(['{ $.a }', '{ $.a = }', '{ $.a = 1', '{ $.a = 1 } x', '{ a = 1 }', '{ $.a ~ 1 }', '{ $.a < "x" }', '{ }'])(
    '%s is none',
    (pattern) => {
      expect(() => parseFilter(pattern)).toThrow(expect.objectContaining({ code: 'InvalidParameterException' }));
    },
  );

  it.each(['[ip, user]', '%ERR.*%', 'a ?%b%', '{ $.a = %b% }'])('%s is not modelled', (pattern) => {
    expect(() => parseFilter(pattern)).toThrow(expect.objectContaining({ code: 'NotImplemented' }));
  });

  it('find any text that is quoted, wherever it stands', () => {
    fc.assert(
      fc.property(fc.string(), fc.string({ minLength: 1 }), fc.string(), (before, term, after) => {
        expect(parseFilter(`"${term.replace(/[\\"]/gu, '\\$&')}"`)(before + term + after)).toBe(true);
      }),
    );
  });
});

describe('a template', () => {
  it('has groups, and metrics that are taken from them', async () => {
    const { ref, attributes } = await provision(logs.resources, 'AWS::Logs::LogGroup', { RetentionInDays: 731 }, 'Log');
    expect(attributes['Arn']).toBe('arn:aws:logs:eu-central-1:123456789012:log-group:Stack-Log-ABC:*');
    await provision(logs.resources, 'AWS::Logs::MetricFilter', {
      LogGroupName: ref,
      FilterPattern: '{ $.level = "ERROR" }',
      MetricTransformations: [{ MetricName: 'Bytes', MetricNamespace: 'Test', MetricValue: '$.bytes' }],
    });
    logs.write(ref, 's', ['{"level":"ERROR","bytes":7}', '{"level":"INFO","bytes":9}', 'plain']);
    expect(logs.metricValues()).toMatchObject([{ namespace: 'Test', metric: 'Bytes', value: 7 }]);
  });

  it('has queries and policies', async () => {
    await provision(logs.resources, 'AWS::Logs::QueryDefinition', {
      Name: 'q',
      QueryString: 'fields @message',
      LogGroupNames: [logGroupName],
    });
    const Statement = [
      {
        Effect: 'Allow',
        Principal: { Service: 'events.amazonaws.com' },
        Action: 'logs:PutLogEvents',
        Resource: `${GROUP}:*`,
      },
    ];
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
    await provision(logs.resources, 'AWS::Logs::ResourcePolicy', { PolicyName: 'p', PolicyDocument });
    expect(world.resourcePolicies.for(`${GROUP}:log-stream:any`)).toMatchObject({ Statement });
    await expect(
      provision(logs.resources, 'AWS::Logs::ResourcePolicy', { PolicyName: 'p', PolicyDocument: '{' }),
    ).rejects.toThrow();
  });

  it('may not say what is not modelled', async () => {
    await expect(provision(logs.resources, 'AWS::Logs::LogGroup', { DataProtectionPolicy: {} })).rejects.toThrow(
      /DataProtectionPolicy/,
    );
    await expect(
      provision(logs.resources, 'AWS::Logs::QueryDefinition', {
        Name: 'q',
        QueryString: 'x',
        LogGroupNames: ['/none'],
      }),
    ).rejects.toThrow(/does not exist/);
  });
});

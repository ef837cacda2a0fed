import { beforeEach, describe, expect, it } from '@jest/globals';
import { AnswerLost, AwsError } from '../../../../sandbox/core/aws-error.ts';
import { operation, type Caller } from '../../../../sandbox/core/service.ts';
import { createEvents, type Events, type EventsOptions } from '../../../../sandbox/services/events/index.ts';
import { createLogs } from '../../../../sandbox/services/logs/index.ts';
import { createSns } from '../../../../sandbox/services/sns/index.ts';
import { createSqs } from '../../../../sandbox/services/sqs/index.ts';
import { caller, provision } from '../../support/service.ts';
import { testWorld, type TestWorld } from '../../support/world.ts';

const ACCOUNT = '123456789012';
const RULE = `arn:aws:events:eu-central-1:${ACCOUNT}:rule/rule`;
const FUNCTION = `arn:aws:lambda:eu-central-1:${ACCOUNT}:function:f`;
const MACHINE = `arn:aws:states:eu-central-1:${ACCOUNT}:stateMachine:m`;
const QUEUE = `arn:aws:sqs:eu-central-1:${ACCOUNT}:queue`;
const DEAD = `arn:aws:sqs:eu-central-1:${ACCOUNT}:dead`;
const TOPIC = `arn:aws:sns:eu-central-1:${ACCOUNT}:topic`;
const ROLE = `arn:aws:iam::${ACCOUNT}:role/events`;
const SECOND = 1000;
const DAY = 86_400 * SECOND;

interface Stage {
  readonly world: TestWorld;
  readonly events: Events;
  readonly call: ReturnType<typeof caller>;
  readonly invoked: { at: number; caller: Caller; payload: unknown }[];
  readonly started: { at: number; caller: Caller; name: string; input: unknown }[];
  /** What the targets answer, one after the other, before they take anything. */
  failures: Error[];
  messages(arn: string): readonly { body: string; attributes: object }[];
  published(): readonly string[];
  emit(detail: object): void;
}

const refused: EventsOptions['iam'] = {
  assume: () => {
    throw new AwsError('ValidationException', 'cannot be assumed');
  },
};
const assuming: EventsOptions['iam'] = {
  assume: (_arn, _service, { sourceArn } = {}) => ({
    kind: 'role',
    arn: `assumed for ${sourceArn ?? ''}`,
    roleName: 'events',
  }),
};

async function stage(options: Partial<EventsOptions> = {}): Promise<Stage> {
  const world = testWorld();
  const events = createEvents(world, { iam: assuming, ...options });
  const [sqs, sns, logs] = [createSqs(world), createSns(world), createLogs(world)];
  const at: Stage = {
    world,
    events,
    call: caller(world, 'events'),
    invoked: [],
    started: [],
    failures: [],
    messages: (arn) => sqs.messages(arn),
    published: () => sns.messages(TOPIC).map(({ message }) => message),
    emit: (detail) => events.emit({ source: 'test', 'detail-type': 'Test', detail: { ...detail } }),
  };
  const fail = () => {
    const failure = at.failures.shift();
    if (failure !== undefined) throw failure;
  };
  const Invoke = operation<{ Payload: Buffer }, object>(
    () => [],
    ({ Payload }, { caller: by }) => {
      fail();
      at.invoked.push({ at: world.clock.now(), caller: by, payload: JSON.parse(Payload.toString()) });
      return {};
    },
  );
  const StartExecution = operation<{ name: string; input: string }, object>(
    () => [],
    ({ name, input }, { caller: by }) => {
      fail();
      at.started.push({ at: world.clock.now(), caller: by, name, input: JSON.parse(input) });
      return {};
    },
  );
  for (const { service } of [events, sqs, sns, logs]) world.dispatcher.register(service);
  world.dispatcher.register({ id: 'lambda', operations: { Invoke } });
  world.dispatcher.register({ id: 'states', operations: { StartExecution } });
  for (const QueueName of ['queue', 'dead']) await caller(world, 'sqs')('CreateQueue', { QueueName });
  await caller(world, 'sns')('CreateTopic', { Name: 'topic' });
  return at;
}

async function rule(at: Stage, ...Targets: object[]): Promise<void> {
  await at.call('PutRule', { Name: 'rule', EventPattern: JSON.stringify({ source: ['test'] }) });
  await at.call('PutTargets', {
    Rule: 'rule',
    Targets: Targets.map((target, index) => ({ Id: `t${index}`, ...target })),
  });
}

let at: Stage;
beforeEach(async () => {
  at = await stage();
});

describe('delivery', () => {
  it('hands a function the event as the service itself', async () => {
    await rule(at, { Arn: FUNCTION });
    at.emit({ n: 1 });
    expect(at.invoked).toEqual([]);
    await at.world.clock.runFor(SECOND);
    expect(at.invoked).toHaveLength(1);
    expect(at.invoked[0]?.caller).toEqual({ kind: 'service', arn: 'events.amazonaws.com', sourceArn: RULE });
    expect(at.invoked[0]?.payload).toMatchObject({
      version: '0',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      source: 'test',
      'detail-type': 'Test',
      account: ACCOUNT,
      time: '2026-01-05T09:00:00Z',
      region: 'eu-central-1',
      resources: [],
      detail: { n: 1 },
    });
  });

  it('starts executions with the role of the target', async () => {
    await rule(at, { Arn: MACHINE, RoleArn: ROLE });
    at.emit({ n: 1 });
    await at.world.clock.runFor(SECOND);
    expect(at.started).toMatchObject([
      { caller: { kind: 'role', arn: `assumed for ${RULE}` }, input: { detail: { n: 1 } } },
    ]);
    expect(at.started[0]?.name).toMatch(/^[0-9a-f-]{36}_[0-9a-f-]{36}$/);
  });

  it('reaches queues, topics and log groups', async () => {
    await caller(at.world, 'logs')('CreateLogGroup', { logGroupName: '/events' });
    await rule(
      at,
      { Arn: QUEUE, Input: '"a"' },
      { Arn: TOPIC, Input: '"b"' },
      { Arn: `arn:aws:logs:eu-central-1:${ACCOUNT}:log-group:/events`, Input: '"c"' },
    );
    at.emit({});
    await at.world.clock.runFor(SECOND);
    expect(at.messages(QUEUE).map(({ body }) => body)).toEqual(['"a"']);
    expect(at.published()).toEqual(['"b"']);
    const { events } = await caller(at.world, 'logs')('FilterLogEvents', { logGroupName: '/events' });
    expect(events).toMatchObject([{ message: '"c"' }]);
  });

  it('goes by pattern and state, in the order of the rules', async () => {
    await rule(at, { Arn: QUEUE, Input: '1' });
    await at.call('PutRule', { Name: 'other', EventPattern: '{"detail":{"n":[2]}}' });
    await at.call('PutTargets', { Rule: 'other', Targets: [{ Id: 'q', Arn: QUEUE, Input: '2' }] });
    const bodies = () => at.messages(QUEUE).map(({ body }) => body);
    at.emit({ n: 2 });
    await at.world.clock.runFor(SECOND);
    expect(bodies()).toEqual(['1', '2']);
    await at.call('DisableRule', { Name: 'rule' });
    at.emit({ n: 2 });
    await at.world.clock.runFor(SECOND);
    expect(bodies()).toEqual(['1', '2', '2']);
    await at.call('EnableRule', { Name: 'rule' });
    at.emit({ n: 3 });
    await at.world.clock.runFor(SECOND);
    expect(bodies()).toEqual(['1', '2', '2', '1']);
  });

  it('is unmoved by what becomes of the detail later', async () => {
    await rule(at, { Arn: FUNCTION, InputPath: '$.detail' });
    const detail = { nested: { n: 1 } };
    at.events.emit({ source: 'test', 'detail-type': 'Test', detail });
    detail.nested.n = 2;
    await at.world.clock.runFor(SECOND);
    expect(at.invoked[0]?.payload).toEqual({ nested: { n: 1 } });
  });
});

describe('what goes wrong', () => {
  const throttled = () => new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429);
  const attributes = (): Record<string, string | undefined> => {
    const given = at.messages(DEAD)[0]?.attributes as Record<string, { StringValue: string }> | undefined;
    return Object.fromEntries(Object.entries(given ?? {}).map(([name, { StringValue }]) => [name, StringValue]));
  };

  it('is tried again, ever more slowly', async () => {
    await rule(at, { Arn: FUNCTION });
    at.failures = [throttled(), new AwsError('ServiceException', 'oops', 500), new AnswerLost('gone'), throttled()];
    const from = at.world.clock.now();
    at.emit({});
    await at.world.clock.runFor(DAY);
    expect(at.invoked).toHaveLength(1);
    expect(at.invoked[0]?.at ?? 0).toBeGreaterThan(from + 7 * SECOND);
    expect(at.invoked[0]?.at ?? 0).toBeLessThan(from + 16 * SECOND);
    expect(at.events.lost()).toEqual([]);
  });

  it('goes to the dead-letter queue at once when trying again cannot help', async () => {
    await rule(at, { Arn: FUNCTION, DeadLetterConfig: { Arn: DEAD } });
    at.failures = [new AwsError('AccessDeniedException', 'not authorized', 403)];
    at.emit({ n: 1 });
    await at.world.clock.runFor(SECOND);
    expect(attributes()).toEqual({
      RULE_ARN: RULE,
      TARGET_ARN: FUNCTION,
      ERROR_CODE: 'NO_PERMISSIONS',
      ERROR_MESSAGE: 'not authorized',
      RETRY_ATTEMPTS: '0',
    });
    expect(JSON.parse(at.messages(DEAD)[0]?.body ?? '')).toMatchObject({ detail: { n: 1 } });
    expect(at.events.lost()).toEqual([]);
  });

  it.each([
    ['MaximumRetryAttempts', { MaximumRetryAttempts: 2 }, '2', 10 * SECOND],
    ['MaximumEventAgeInSeconds', { MaximumEventAgeInSeconds: 60 }, '5', 62 * SECOND],
    ['MaximumRetryAttempts', {}, '185', DAY * 2],
  ])('goes there when %s is used up (%j)', async (condition, RetryPolicy, retries, within) => {
    await rule(at, { Arn: FUNCTION, RetryPolicy, DeadLetterConfig: { Arn: DEAD } });
    at.failures = Array.from({ length: 500 }, throttled);
    at.emit({});
    await at.world.clock.runFor(within);
    const { EXHAUSTED_RETRY_CONDITION, RETRY_ATTEMPTS, ERROR_CODE } = attributes();
    expect(ERROR_CODE).toBe('THROTTLING');
    if (condition === 'MaximumRetryAttempts' && retries === '185') {
      expect(['MaximumRetryAttempts', 'MaximumEventAgeInSeconds']).toContain(EXHAUSTED_RETRY_CONDITION);
    } else {
      expect([EXHAUSTED_RETRY_CONDITION, Number(RETRY_ATTEMPTS)]).toEqual([
        condition,
        expect.closeTo(Number(retries), -1),
      ]);
    }
  });

  it('names a role that cannot be assumed', async () => {
    at = await stage({ iam: refused });
    await rule(at, { Arn: MACHINE, RoleArn: ROLE, DeadLetterConfig: { Arn: DEAD } });
    at.emit({});
    await at.world.clock.runFor(SECOND);
    expect(attributes()).toMatchObject({ ERROR_CODE: 'FAILED_TO_ASSUME_ROLE', ERROR_MESSAGE: 'cannot be assumed' });
  });

  it('is on record when there is no queue, or the queue refuses', async () => {
    await rule(at, { Arn: `${TOPIC}-missing` }, { Arn: `${TOPIC}-gone`, DeadLetterConfig: { Arn: `${DEAD}-missing` } });
    at.emit({});
    await at.world.clock.runFor(SECOND);
    expect(
      at.events.lost().map(({ targetArn, error }) => [targetArn, error instanceof AwsError && error.code]),
    ).toEqual([
      [`${TOPIC}-missing`, 'NotFound'],
      [`${TOPIC}-gone`, 'QueueDoesNotExist'],
    ]);
  });

  it('ends the run where the sandbox has a gap', async () => {
    await rule(at, { Arn: FUNCTION });
    at.failures = [new AwsError('NotImplemented', 'not modelled', 501)];
    at.emit({});
    await expect(at.world.clock.runFor(SECOND)).rejects.toThrow('not modelled');
  });

  it('may arrive twice and out of order when it is told to', async () => {
    at = await stage({ delivery: { duplicates: 0.5, latency: [0, 1000] } });
    await rule(at, { Arn: FUNCTION, InputPath: '$.detail.n' });
    for (let n = 0; n < 20; n++) at.emit({ n });
    await at.world.clock.runFor(2 * SECOND);
    const order = at.invoked.map(({ payload }) => payload as number);
    expect(new Set(order).size).toBe(20);
    expect(order.length).toBeGreaterThan(20);
    expect(order).not.toEqual([...order].sort((a, b) => a - b));
  });
});

describe('input of a target', () => {
  const given = async (
    target: object,
    detail: object = { id: 'i-1', state: 'a "b"\n', tags: { k: 'v' }, list: [1, 2] },
  ) => {
    await rule(at, { Arn: QUEUE, ...target });
    at.emit(detail);
    await at.world.clock.runFor(SECOND);
    return at.messages(QUEUE)[0]?.body;
  };
  const transformed = (
    InputTemplate: string,
    InputPathsMap: object = { id: '$.detail.id', state: '$.detail.state', tags: '$.detail.tags', no: '$.detail.no' },
  ) => given({ InputTransformer: { InputPathsMap, InputTemplate } });

  it.each([
    ['$.detail.list[1]', '2'],
    ["$['detail']['tags']", '{"k":"v"}'],
    ['$.detail-type', '"Test"'],
    ['$.detail.missing', 'null'],
  ])('by path %s', async (InputPath, expected) => {
    expect(await given({ InputPath })).toBe(expected);
  });

  it.each([
    ['{"id": <id>, "tags": <tags>}', '{"id": "i-1", "tags": {"k":"v"}}'],
    ['{"text": "<id> is <state>"}', '{"text": "i-1 is a \\"b\\"\\n"}'],
    ['"tags <tags>, none <no>"', '"tags {\\"k\\":\\"v\\"}, none "'],
    ['{"rule": "<aws.events.rule-name>", "arn": <aws.events.rule-arn>}', `{"rule": "rule", "arn": "${RULE}"}`],
    ['<id> is plain', 'i-1 is plain'],
  ])('by template %s', async (template, expected) => {
    expect(await transformed(template)).toBe(expected);
  });

  it('can be the whole event, with and without its detail', async () => {
    const body = await transformed(
      '{"all": <aws.events.event.json>, "head": <aws.events.event>, "at": <aws.events.event.ingestion-time>}',
      {},
    );
    const { all, head, at: time } = JSON.parse(body ?? '') as { all: object; head: object; at: string };
    expect(all).toMatchObject({ source: 'test', detail: { id: 'i-1' } });
    expect(head).toMatchObject({ source: 'test' });
    expect(head).not.toHaveProperty('detail');
    expect(time).toBe('2026-01-05T09:00:00.000Z');
  });

  it.each([
    [{ Input: '{' }, 'JSON syntax error in input for target t0'],
    [
      { Input: '1', InputPath: '$' },
      'Only one of Input, InputPath, or InputTransformer must be provided for target t0.',
    ],
    [{ InputPath: '$.a[*]' }, 'Invalid InputPath for target t0.'],
    [
      { InputTransformer: { InputTemplate: '<id>' } },
      'Invalid InputTemplate for target t0 : [<id> is not defined in InputPathsMap]',
    ],
    [{ InputTransformer: { InputTemplate: '{"a": }' } }, 'Invalid InputTemplate for target t0 : [JSON syntax error]'],
  ])('%j is refused', async (target, message) => {
    await expect(rule(at, { Arn: QUEUE, ...target })).rejects.toMatchObject({ code: 'ValidationException', message });
  });
});

describe('schedules', () => {
  it('put an event in when they are due, until the rule is disabled or deleted', async () => {
    await provision(at.events.resources, 'AWS::Events::Rule', {
      Name: 'every',
      ScheduleExpression: 'rate(1 hour)',
      State: 'ENABLED',
      Targets: [{ Id: 'f', Arn: FUNCTION }],
    });
    const from = at.world.clock.now();
    await at.world.clock.runFor(3 * 3600 * SECOND + SECOND);
    expect(at.invoked.map(({ at: when }) => when - from)).toEqual([3_600_050, 7_200_050, 10_800_050]);
    expect(at.invoked[0]?.payload).toMatchObject({
      source: 'aws.events',
      'detail-type': 'Scheduled Event',
      resources: [RULE.replace(/rule$/, 'every')],
      detail: {},
    });
    await at.call('DisableRule', { Name: 'every' });
    await at.world.clock.runFor(3 * 3600 * SECOND);
    expect(at.invoked).toHaveLength(3);
    await at.call('EnableRule', { Name: 'every' });
    await at.world.clock.runFor(3600 * SECOND + SECOND);
    expect(at.invoked).toHaveLength(4);
    await at.call('RemoveTargets', { Rule: 'every', Ids: ['f'] });
    await at.call('DeleteRule', { Name: 'every' });
    expect(await at.world.clock.runUntil(() => at.invoked.length > 4)).toBe(false);
  });
});

describe('operations', () => {
  it('describe, list and delete rules', async () => {
    await rule(at, { Arn: FUNCTION });
    expect(await at.call('DescribeRule', { Name: 'rule' })).toMatchObject({
      Name: 'rule',
      Arn: RULE,
      State: 'ENABLED',
      EventPattern: '{"source":["test"]}',
      EventBusName: 'default',
      CreatedBy: ACCOUNT,
    });
    expect((await at.call('ListRules', { NamePrefix: 'ru' }))['Rules']).toMatchObject([{ Name: 'rule' }]);
    expect((await at.call('ListTargetsByRule', { Rule: 'rule' }))['Targets']).toEqual([{ Id: 't0', Arn: FUNCTION }]);
    await expect(at.call('DeleteRule', { Name: 'rule' })).rejects.toMatchObject({
      code: 'ValidationException',
      message: "Rule can't be deleted since it has targets.",
    });
    await at.call('RemoveTargets', { Rule: 'rule', Ids: ['t0'] });
    await at.call('DeleteRule', { Name: 'rule' });
    await expect(at.call('DescribeRule', { Name: 'rule' })).rejects.toMatchObject({
      code: 'ResourceNotFoundException',
      message: 'Rule rule does not exist on EventBus default.',
    });
  });

  it('test a pattern', async () => {
    const Event = JSON.stringify({
      id: '1',
      account: '1',
      source: 'x',
      time: 't',
      region: 'r',
      resources: [],
      'detail-type': 'd',
      detail: { n: 1 },
    });
    const test = (pattern: object) => at.call('TestEventPattern', { EventPattern: JSON.stringify(pattern), Event });
    expect(await test({ detail: { n: [1] } })).toEqual({ Result: true });
    expect(await test({ detail: { n: [2] } })).toEqual({ Result: false });
    await expect(test({ detail: 1 })).rejects.toMatchObject({ code: 'InvalidEventPatternException' });
    await expect(at.call('TestEventPattern', { EventPattern: '{"a":[1]}', Event: '{}' })).rejects.toMatchObject({
      code: 'ValidationException',
    });
  });

  it('take what is put, entry by entry', async () => {
    await rule(at, { Arn: FUNCTION, InputPath: '$.detail' });
    const entry = { Source: 'test', DetailType: 'Test', Detail: '{"n":1}' };
    const { FailedEntryCount, Entries } = await at.call('PutEvents', {
      Entries: [
        entry,
        { ...entry, Source: 'aws.ec2' },
        { ...entry, Detail: '[]' },
        { ...entry, DetailType: undefined },
      ],
    });
    expect(FailedEntryCount).toBe(3);
    expect(Entries).toMatchObject([
      { EventId: expect.any(String) },
      { ErrorCode: 'NotAuthorizedForSourceException' },
      { ErrorCode: 'MalformedDetail' },
      { ErrorCode: 'InvalidArgument' },
    ]);
    await at.world.clock.runFor(SECOND);
    expect(at.invoked.map(({ payload }) => payload)).toEqual([{ n: 1 }]);
    await expect(at.call('PutEvents', { Entries: [] })).rejects.toMatchObject({ code: 'ValidationException' });
    await expect(
      at.call('PutEvents', { Entries: [{ ...entry, Detail: `{"x":"${'x'.repeat(262_144)}"}` }] }),
    ).rejects.toMatchObject({ code: 'ValidationException' });
  });

  it('keep buses apart', async () => {
    await provision(at.events.resources, 'AWS::Events::EventBus', { Name: 'own' });
    const { ref, attributes } = await provision(at.events.resources, 'AWS::Events::Rule', {
      Name: 'r',
      EventBusName: 'own',
      EventPattern: { source: ['test'] },
      Targets: [{ Id: 'f', Arn: FUNCTION }],
    });
    expect([ref, attributes['Arn']]).toEqual(['own|r', RULE.replace(/rule$/, 'own/r')]);
    at.emit({});
    await at.world.clock.runFor(SECOND);
    expect(at.invoked).toHaveLength(0);
    await at.call('PutEvents', {
      Entries: [
        {
          Source: 'test',
          DetailType: 'Test',
          Detail: '{}',
          EventBusName: `arn:aws:events:eu-central-1:${ACCOUNT}:event-bus/own`,
        },
      ],
    });
    await at.world.clock.runFor(SECOND);
    expect(at.invoked).toHaveLength(1);
    await expect(at.call('ListRules', { EventBusName: 'none' })).rejects.toMatchObject({
      code: 'ResourceNotFoundException',
    });
  });

  it('ask IAM for the role that they pass on', () => {
    const asked = at.events.service.operations['PutTargets']?.permissions(
      { Rule: 'rule', Targets: [{ Id: '1', Arn: MACHINE, RoleArn: ROLE }] } as never,
      {} as never,
    );
    expect(asked).toEqual([
      { action: 'events:PutTargets', resource: RULE, context: { 'events:TargetArn': [MACHINE] } },
      { action: 'iam:PassRole', resource: ROLE, context: { 'iam:PassedToService': 'events.amazonaws.com' } },
    ]);
  });

  it.each([
    ['ValidationException', { Name: 'rule' }],
    ['ValidationException', { Name: 'no name', EventPattern: '{"a":[1]}' }],
    ['ValidationException', { Name: 'rule', ScheduleExpression: 'rate(1 minutes)' }],
    ['InvalidEventPatternException', { Name: 'rule', EventPattern: '{"a":1}' }],
    [
      'NotImplemented',
      { Name: 'rule', EventPattern: '{"a":[1]}', State: 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS' },
    ],
  ])('refuse with %s: PutRule %j', async (code, input) => {
    await expect(at.call('PutRule', input)).rejects.toMatchObject({ code });
  });

  it.each([
    ['NotImplemented', { Arn: `arn:aws:ecs:eu-central-1:${ACCOUNT}:cluster/c` }],
    ['NotImplemented', { Arn: FUNCTION, EcsParameters: {} }],
    ['NotImplemented', { Arn: `${QUEUE}.fifo` }],
    ['ValidationException', { Arn: MACHINE }],
    ['ValidationException', { Arn: FUNCTION, RetryPolicy: { MaximumRetryAttempts: 186 } }],
    ['ValidationException', { Arn: FUNCTION, RetryPolicy: { MaximumEventAgeInSeconds: 59 } }],
  ])('refuse with %s: PutTargets %j', async (code, target) => {
    await expect(rule(at, target)).rejects.toMatchObject({ code });
  });

  it('hold a rule to five targets', async () => {
    await expect(rule(at, ...Array.from({ length: 6 }, () => ({ Arn: FUNCTION })))).rejects.toMatchObject({
      code: 'LimitExceededException',
    });
  });
});

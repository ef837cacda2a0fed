import { beforeEach, describe, expect, it } from '@jest/globals';
import { AwsError } from '../../../../sandbox/core/aws-error.ts';
import { operation, type Caller } from '../../../../sandbox/core/service.ts';
import { createSns, type Sns } from '../../../../sandbox/services/sns/index.ts';
import { createSqs, type Sqs } from '../../../../sandbox/services/sqs/index.ts';
import { caller, provision } from '../../support/service.ts';
import { testWorld, type TestWorld } from '../../support/world.ts';

const TOPIC = 'arn:aws:sns:eu-central-1:123456789012:topic';
const QUEUE = 'arn:aws:sqs:eu-central-1:123456789012:queue';
const FUNCTION = 'arn:aws:lambda:eu-central-1:123456789012:function:f';

interface Invocation {
  readonly caller: Caller;
  readonly FunctionName: string;
  readonly event: { Records: { Sns: Record<string, unknown> }[] };
}

let world: TestWorld;
let sns: Sns;
let sqs: Sqs;
let call: ReturnType<typeof caller>;
let invocations: Invocation[];
let failures: AwsError[];

beforeEach(async () => {
  world = testWorld();
  sns = createSns(world);
  sqs = createSqs(world);
  invocations = [];
  failures = [];
  const Invoke = operation<{ FunctionName: string; Payload: Buffer }, object>(
    () => [],
    ({ FunctionName, Payload }, { caller: by }) => {
      const failure = failures.shift();
      if (failure !== undefined) throw failure;
      invocations.push({ caller: by, FunctionName, event: JSON.parse(Payload.toString()) as Invocation['event'] });
      return {};
    },
  );
  for (const service of [sns.service, sqs.service, { id: 'lambda' as const, operations: { Invoke } }])
    world.dispatcher.register(service);
  call = caller(world, 'sns');
  await call('CreateTopic', { Name: 'topic' });
  await caller(world, 'sqs')('CreateQueue', { QueueName: 'queue' });
});

const publish = async (more: object = {}) => {
  await call('Publish', { TopicArn: TOPIC, Message: 'text', ...more });
  await world.clock.runFor(1000);
};
const received = () => sqs.messages(QUEUE).map(({ body }) => body);

describe('publishing', () => {
  it('keeps what was published, with its time', async () => {
    const at = world.clock.now();
    await publish({ Subject: 'Run failed' });
    expect(sns.messages(TOPIC)).toMatchObject([{ message: 'text', subject: 'Run failed', at }]);
    expect(() => sns.messages(`${TOPIC}x`)).toThrow('Topic does not exist');
  });

  it('reaches queues in the envelope, or raw', async () => {
    await call('Subscribe', { TopicArn: TOPIC, Protocol: 'sqs', Endpoint: QUEUE });
    await publish({ Subject: 'Run failed', MessageAttributes: { kind: { DataType: 'String', StringValue: 'run' } } });
    expect(JSON.parse(received()[0] ?? '')).toMatchObject({
      Type: 'Notification',
      TopicArn: TOPIC,
      Subject: 'Run failed',
      Message: 'text',
      MessageAttributes: { kind: { Type: 'String', Value: 'run' } },
    });
    expect(world.dispatcher.journal.find(({ operation: name }) => name === 'SendMessage')?.caller).toEqual({
      kind: 'service',
      arn: 'sns.amazonaws.com',
      sourceArn: TOPIC,
    });
  });

  it('reaches raw subscribers as it is', async () => {
    await provision(sns.resources, 'AWS::SNS::Subscription', {
      TopicArn: TOPIC,
      Protocol: 'sqs',
      Endpoint: QUEUE,
      RawMessageDelivery: true,
    });
    await publish({ Message: JSON.stringify({ default: 'for all', sqs: 'for queues' }), MessageStructure: 'json' });
    expect(received()).toEqual(['for queues']);
    expect(sns.messages(TOPIC)[0]?.message).toBe('for all');
  });

  it('invokes functions', async () => {
    await call('Subscribe', { TopicArn: TOPIC, Protocol: 'lambda', Endpoint: FUNCTION });
    await publish();
    expect(invocations).toMatchObject([
      {
        FunctionName: FUNCTION,
        event: {
          Records: [{ EventSource: 'aws:sns', Sns: { Message: 'text', Subject: null, MessageAttributes: {} } }],
        },
      },
    ]);
  });

  it('tries again while the subscriber is throttled, and gives up at once when it is refused', async () => {
    await call('Subscribe', { TopicArn: TOPIC, Protocol: 'lambda', Endpoint: FUNCTION });
    failures = Array.from({ length: 8 }, () => new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429));
    await publish();
    expect(invocations).toEqual([]);
    await world.clock.runFor(60_000);
    expect(invocations).toHaveLength(1);
    failures = [new AwsError('AccessDeniedException', 'no', 403)];
    await publish();
    expect(invocations).toHaveLength(1);
    expect(sns.lost()).toMatchObject([
      { subscription: { endpoint: FUNCTION }, error: { code: 'AccessDeniedException' } },
    ]);
  });

  it('ends the run where the sandbox has a gap', async () => {
    await call('Subscribe', { TopicArn: TOPIC, Protocol: 'lambda', Endpoint: FUNCTION });
    failures = [new AwsError('NotImplemented', 'not modelled', 501)];
    await expect(publish()).rejects.toThrow('not modelled');
  });

  it('asks for the key of an encrypted topic', async () => {
    await provision(sns.resources, 'AWS::SNS::Topic', {
      TopicName: 'secret',
      KmsMasterKeyId: 'arn:aws:kms:eu-central-1:123456789012:key/abc',
    });
    const Publish = sns.service.operations['Publish'];
    const asked = Publish?.permissions({ TopicArn: TOPIC.replace(/topic$/, 'secret') } as never, {} as never);
    expect(asked?.map(({ action }) => action)).toEqual(['sns:Publish', 'kms:GenerateDataKey', 'kms:Decrypt']);
  });

  it.each([
    ['Empty message', { Message: '' }],
    ['Message too long', { Message: 'x'.repeat(262_145) }],
    ['Subject', { Subject: 'two\nlines' }],
    ['Subject', { Subject: 'x'.repeat(101) }],
    ['Subject', { Subject: 'Ünïcode' }],
    ['Subject', { Subject: '' }],
    ['TopicArn', { TopicArn: 'topic' }],
    ['Message Structure - No default entry in JSON message body', { MessageStructure: 'json', Message: '{}' }],
    ['Message Structure - JSON message body failed to parse', { MessageStructure: 'json' }],
  ])('refuses: %s', async (reason, input) => {
    await expect(publish(input)).rejects.toMatchObject({
      code: 'InvalidParameter',
      message: `Invalid parameter: ${reason}`,
    });
  });

  it('takes the largest message and the longest subject', async () => {
    await publish({ Message: 'x'.repeat(262_144), Subject: 'x'.repeat(100) });
    expect(sns.messages(TOPIC)).toHaveLength(1);
  });

  it.each([{ PhoneNumber: '+491234' }, { MessageGroupId: 'g' }])('does not model %j', async (input) => {
    await expect(publish(input)).rejects.toMatchObject({ code: 'NotImplemented' });
  });

  it('knows no missing topic', async () => {
    await expect(publish({ TopicArn: `${TOPIC}x` })).rejects.toMatchObject({ code: 'NotFound', status: 404 });
  });
});

describe('topics', () => {
  it('are created once, listed and described', async () => {
    expect(await call('CreateTopic', { Name: 'topic' })).toEqual({ TopicArn: TOPIC });
    expect(await call('ListTopics')).toEqual({ Topics: [{ TopicArn: TOPIC }] });
    await call('Subscribe', { TopicArn: TOPIC, Protocol: 'email', Endpoint: 'a@example.com' });
    await call('Subscribe', { TopicArn: TOPIC, Protocol: 'sqs', Endpoint: QUEUE });
    expect((await call('GetTopicAttributes', { TopicArn: TOPIC }))['Attributes']).toMatchObject({
      TopicArn: TOPIC,
      SubscriptionsConfirmed: '1',
      SubscriptionsPending: '1',
    });
    expect((await call('ListSubscriptionsByTopic', { TopicArn: TOPIC }))['Subscriptions']).toMatchObject([
      { Protocol: 'email', SubscriptionArn: 'PendingConfirmation' },
      { Protocol: 'sqs', Endpoint: QUEUE },
    ]);
  });

  it('of a template have their subscriptions and their policy', async () => {
    const { ref } = await provision(
      sns.resources,
      'AWS::SNS::Topic',
      { Subscription: [{ Protocol: 'sqs', Endpoint: QUEUE }] },
      'Notifications',
    );
    const Statement = [
      {
        Effect: 'Deny',
        Principal: '*',
        Action: 'sns:Publish',
        Resource: ref,
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ];
    await provision(sns.resources, 'AWS::SNS::TopicPolicy', {
      Topics: [ref],
      PolicyDocument: { Version: '2012-10-17', Statement },
    });
    expect(world.resourcePolicies.for(ref)).toMatchObject({ Statement });
    expect((await call('ListSubscriptions'))['Subscriptions']).toMatchObject([{ TopicArn: ref, Endpoint: QUEUE }]);
  });

  it('refuse what is not modelled', async () => {
    await expect(provision(sns.resources, 'AWS::SNS::Topic', { FifoTopic: true })).rejects.toThrow(/FifoTopic/);
    await expect(
      provision(sns.resources, 'AWS::SNS::Subscription', {
        TopicArn: TOPIC,
        Protocol: 'sqs',
        Endpoint: QUEUE,
        FilterPolicy: {},
      }),
    ).rejects.toThrow(/FilterPolicy/);
    await expect(call('Subscribe', { TopicArn: TOPIC, Protocol: 'sms', Endpoint: '+49' })).rejects.toMatchObject({
      code: 'NotImplemented',
    });
  });

  it('can be left', async () => {
    const { SubscriptionArn } = await call('Subscribe', { TopicArn: TOPIC, Protocol: 'sqs', Endpoint: QUEUE });
    await call('Unsubscribe', { SubscriptionArn });
    await publish();
    expect(received()).toEqual([]);
    await expect(call('Unsubscribe', { SubscriptionArn })).rejects.toMatchObject({ code: 'NotFound' });
  });
});

import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Message, ReceiveMessageResult } from '@aws-sdk/client-sqs';
import { createSqs, type Sqs } from '../../../../sandbox/services/sqs/index.ts';
import { caller, provision } from '../../support/service.ts';
import { testWorld, type TestWorld } from '../../support/world.ts';

let world: TestWorld;
let sqs: Sqs;
let call: ReturnType<typeof caller>;

beforeEach(() => {
  world = testWorld();
  sqs = createSqs(world);
  world.dispatcher.register(sqs.service);
  call = caller(world, 'sqs');
});

const create = async (name = 'queue', Attributes: object = {}): Promise<string> =>
  (await call<{ QueueUrl: string }>('CreateQueue', { QueueName: name, Attributes })).QueueUrl;
const arn = (name: string) => `arn:aws:sqs:eu-central-1:123456789012:${name}`;
const receive = async (QueueUrl: string, more: object = {}): Promise<Message[]> =>
  (await call<ReceiveMessageResult>('ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 10, ...more })).Messages ?? [];

/** Runs virtual time on until the work has ended. */
async function eventually<T>(work: Promise<T>): Promise<T> {
  let done = false;
  const watched = work.finally(() => (done = true));
  watched.catch(() => undefined);
  await world.clock.runUntil(() => done);
  return watched;
}

describe('a queue', () => {
  it('gives messages in order, hides them for the visibility time-out, and gives them again', async () => {
    const QueueUrl = await create();
    for (const MessageBody of ['a', 'b']) await call('SendMessage', { QueueUrl, MessageBody });
    const asked = { MessageSystemAttributeNames: ['ApproximateReceiveCount'] };
    expect((await receive(QueueUrl, asked)).map(({ Body }) => Body)).toEqual(['a', 'b']);
    expect(await receive(QueueUrl)).toEqual([]);
    await world.clock.runFor(30_000);
    const [again] = await receive(QueueUrl, asked);
    expect(again?.Attributes).toEqual({ ApproximateReceiveCount: '2' });
  });

  it('forgets what was deleted by its latest handle', async () => {
    const QueueUrl = await create();
    await call('SendMessage', { QueueUrl, MessageBody: 'a' });
    const [first] = await receive(QueueUrl, { VisibilityTimeout: 0 });
    const [second] = await receive(QueueUrl, { VisibilityTimeout: 0 });
    await call('DeleteMessage', { QueueUrl, ReceiptHandle: first?.ReceiptHandle });
    expect(sqs.messages(arn('queue'))).toHaveLength(1);
    await call('DeleteMessage', { QueueUrl, ReceiptHandle: second?.ReceiptHandle });
    expect(sqs.messages(arn('queue'))).toHaveLength(0);
    await expect(call('DeleteMessage', { QueueUrl, ReceiptHandle: 'x' })).rejects.toMatchObject({
      code: 'ReceiptHandleIsInvalid',
    });
  });

  it('waits for a message as long as it was told, and no longer', async () => {
    const QueueUrl = await create();
    const started = world.clock.now();
    world.clock.schedule(started + 5_000, async () => {
      await call('SendMessage', { QueueUrl, MessageBody: 'late' });
    });
    const [late] = await eventually(receive(QueueUrl, { WaitTimeSeconds: 20 }));
    expect([late?.Body, world.clock.now() - started]).toEqual(['late', 5_000]);
    expect(await eventually(receive(QueueUrl, { WaitTimeSeconds: 20 }))).toEqual([]);
    expect(world.clock.now() - started).toBe(25_000);
  });

  it('wakes who waits when a message becomes visible again', async () => {
    const QueueUrl = await create('queue', { DelaySeconds: '7' });
    const started = world.clock.now();
    await call('SendMessage', { QueueUrl, MessageBody: 'delayed' });
    const [message] = await eventually(receive(QueueUrl, { WaitTimeSeconds: 20 }));
    expect([message?.Body, world.clock.now() - started]).toEqual(['delayed', 7_000]);
    await call('ChangeMessageVisibility', { QueueUrl, ReceiptHandle: message?.ReceiptHandle, VisibilityTimeout: 0 });
    expect(await receive(QueueUrl)).toHaveLength(1);
  });

  it('moves what was received too often to its dead-letter queue', async () => {
    await create('dead');
    const QueueUrl = await create('queue', {
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arn('dead'), maxReceiveCount: 2 }),
    });
    await call('SendMessage', { QueueUrl, MessageBody: 'poison' });
    for (let round = 0; round < 3; round++) await receive(QueueUrl, { VisibilityTimeout: 0 });
    expect(sqs.messages(arn('queue'))).toEqual([]);
    expect(sqs.messages(arn('dead')).map(({ body }) => body)).toEqual(['poison']);
  });

  it('forgets after the retention period', async () => {
    const QueueUrl = await create('queue', { MessageRetentionPeriod: '60' });
    await call('SendMessage', { QueueUrl, MessageBody: 'old' });
    await world.clock.runFor(60_000);
    expect(sqs.messages(arn('queue'))).toEqual([]);
  });

  it('carries attributes, and the digests that clients check', async () => {
    const QueueUrl = await create();
    const MessageAttributes = { city: { DataType: 'String', StringValue: 'Any City' } };
    const sent = await call('SendMessage', { QueueUrl, MessageBody: 'hello world', MessageAttributes });
    expect(sent['MD5OfMessageBody']).toBe('5eb63bbbe01eeed093cb22bb8f5acdc3');
    const [received] = await receive(QueueUrl, { MessageAttributeNames: ['All'] });
    expect(received).toMatchObject({ MessageAttributes, MD5OfMessageAttributes: sent['MD5OfMessageAttributes'] });
    expect(sent['MD5OfMessageAttributes']).toMatch(/^[0-9a-f]{32}$/);
  });

  it('counts what it holds', async () => {
    const QueueUrl = await create();
    for (const DelaySeconds of [0, 0, 60]) await call('SendMessage', { QueueUrl, MessageBody: 'x', DelaySeconds });
    await receive(QueueUrl, { MaxNumberOfMessages: 1 });
    const { Attributes } = await call('GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] });
    expect(Attributes).toMatchObject({
      QueueArn: arn('queue'),
      ApproximateNumberOfMessages: '1',
      ApproximateNumberOfMessagesNotVisible: '1',
      ApproximateNumberOfMessagesDelayed: '1',
      VisibilityTimeout: '30',
    });
  });
});

describe('what SQS refuses', () => {
  it.each([
    ['QueueDoesNotExist', 'SendMessage', { QueueUrl: 'https://sqs/1/missing', MessageBody: 'x' }],
    ['QueueDoesNotExist', 'GetQueueUrl', { QueueName: 'missing' }],
    ['QueueNameExists', 'CreateQueue', { QueueName: 'queue', Attributes: { VisibilityTimeout: '5' } }],
    ['InvalidAttributeName', 'CreateQueue', { QueueName: 'q', Attributes: { FifoQueue: 'true' } }],
    ['InvalidAttributeValue', 'CreateQueue', { QueueName: 'q', Attributes: { DelaySeconds: '901' } }],
    ['InvalidParameterValue', 'CreateQueue', { QueueName: 'not a name' }],
    ['MissingParameter', 'SendMessage', { QueueUrl: 'queue', MessageBody: '' }],
    ['InvalidMessageContents', 'SendMessage', { QueueUrl: 'queue', MessageBody: 'a\u0000' }],
    ['InvalidParameterValue', 'SendMessage', { QueueUrl: 'queue', MessageBody: 'x'.repeat(1_048_577) }],
    ['InvalidParameterValue', 'ReceiveMessage', { QueueUrl: 'queue', MaxNumberOfMessages: 11 }],
    ['NotImplemented', 'SendMessage', { QueueUrl: 'queue', MessageBody: 'x', MessageGroupId: 'g' }],
  ])('%s: %s %j', async (code, operation, input) => {
    await create();
    await expect(call(operation, input)).rejects.toMatchObject({ code });
  });

  it('to be emptied twice within a minute', async () => {
    const QueueUrl = await create();
    await call('SendMessage', { QueueUrl, MessageBody: 'x' });
    await call('PurgeQueue', { QueueUrl });
    expect(sqs.messages(arn('queue'))).toEqual([]);
    await expect(call('PurgeQueue', { QueueUrl })).rejects.toMatchObject({ code: 'PurgeQueueInProgress' });
    await world.clock.runFor(60_000);
    await call('PurgeQueue', { QueueUrl });
  });
});

describe('queues of a template', () => {
  it('are created with their policy', async () => {
    const { ref, attributes } = await provision(
      sqs.resources,
      'AWS::SQS::Queue',
      { SqsManagedSseEnabled: true, MessageRetentionPeriod: 1_209_600 },
      'Dead',
    );
    expect(attributes['Arn']).toBe(arn('Stack-Dead-ABC'));
    const PolicyDocument = {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Service: 'events.amazonaws.com' },
          Action: 'sqs:SendMessage',
          Resource: attributes['Arn'],
        },
      ],
    };
    await provision(sqs.resources, 'AWS::SQS::QueuePolicy', { Queues: [ref], PolicyDocument });
    expect(world.resourcePolicies.for(attributes['Arn'] ?? '')).toMatchObject({ Statement: PolicyDocument.Statement });
    expect((await call('ListQueues', { QueueNamePrefix: 'Stack' }))['QueueUrls']).toEqual([ref]);
  });

  it('ask for their key', async () => {
    const { ref } = await provision(sqs.resources, 'AWS::SQS::Queue', { KmsMasterKeyId: 'abc' });
    const send = sqs.service.operations['SendMessage'];
    const permissions = send?.permissions({ QueueUrl: ref } as never, {} as never);
    expect(permissions?.map(({ action }) => action)).toEqual(['sqs:SendMessage', 'kms:GenerateDataKey', 'kms:Decrypt']);
  });

  it('are no FIFO queues', async () => {
    await expect(provision(sqs.resources, 'AWS::SQS::Queue', { FifoQueue: true })).rejects.toThrow(/FifoQueue/);
  });
});

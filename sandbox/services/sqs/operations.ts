import type * as sqs from '@aws-sdk/client-sqs';
import { AwsError } from '../../core/aws-error.ts';
import { keyPermissions } from '../../core/encryption.ts';
import { only } from '../../core/only.ts';
import type { PolicyDocument } from '../../core/resource-policies.ts';
import { operation, type Permission, type Service } from '../../core/service.ts';
import type { World } from '../../core/world.ts';
import { parseAttributes, spelled } from './attributes.ts';
import { md5, md5OfAttributes, selected, sizeOfAttributes } from './message-attributes.ts';
import type { Queue, StoredMessage } from './queue.ts';
import type { Queues } from './queues.ts';

const INVALID_CHARACTER =
  /[^\u0009\u000A\u000D\u0020-\uFFFD]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;
const PURGE_INTERVAL = 60_000;

/** The operations of a standard queue. Source: Amazon SQS API Reference. FIFO queues and batches are not modelled. */
export function queueOperations(world: World, queues: Queues): Service['operations'] {
  const on = (action: string, QueueUrl: string | undefined, ...keys: string[]): readonly Permission[] => {
    const queue = queues.byUrl(QueueUrl);
    const key = queue.attributes.KmsMasterKeyId;
    return [{ action: `sqs:${action}`, resource: queue.arn }, ...keyPermissions(world, key, keys)];
  };
  const named = (action: string, name: string | undefined) => [
    { action: `sqs:${action}`, resource: queues.arnOf(name ?? '') },
  ];

  return {
    CreateQueue: operation<sqs.CreateQueueCommandInput, sqs.CreateQueueCommandOutput>(
      ({ QueueName }) => named('CreateQueue', QueueName),
      (input) => {
        only('sqs:CreateQueue', input, ['QueueName', 'Attributes', 'tags']);
        const { Policy, ...attributes } = input.Attributes ?? {};
        const queue = queues.create(input.QueueName ?? '', parseAttributes(attributes));
        if (Policy !== undefined) world.resourcePolicies.replace(queue.arn, JSON.parse(Policy) as PolicyDocument);
        return { QueueUrl: queue.url };
      },
    ),
    DeleteQueue: operation<sqs.DeleteQueueCommandInput, sqs.DeleteQueueCommandOutput>(
      ({ QueueUrl }) => on('DeleteQueue', QueueUrl),
      ({ QueueUrl }) => {
        queues.remove(queues.byUrl(QueueUrl));
        return {};
      },
    ),
    GetQueueUrl: operation<sqs.GetQueueUrlCommandInput, sqs.GetQueueUrlCommandOutput>(
      ({ QueueName }) => named('GetQueueUrl', QueueName),
      ({ QueueName }) => ({ QueueUrl: queues.byName(QueueName ?? '').url }),
    ),
    ListQueues: operation<sqs.ListQueuesCommandInput, sqs.ListQueuesCommandOutput>(
      () => [{ action: 'sqs:ListQueues', resource: '*' }],
      (input) => {
        only('sqs:ListQueues', input, ['QueueNamePrefix']);
        const urls = queues
          .all()
          .filter(({ name }) => name.startsWith(input.QueueNamePrefix ?? ''))
          .map(({ url }) => url);
        return urls.length === 0 ? {} : { QueueUrls: urls };
      },
    ),
    GetQueueAttributes: operation<sqs.GetQueueAttributesCommandInput, sqs.GetQueueAttributesCommandOutput>(
      ({ QueueUrl }) => on('GetQueueAttributes', QueueUrl),
      ({ QueueUrl, AttributeNames = [] }) => ({
        Attributes: attributesOf(world, queues.byUrl(QueueUrl), AttributeNames),
      }),
    ),
    SetQueueAttributes: operation<sqs.SetQueueAttributesCommandInput, sqs.SetQueueAttributesCommandOutput>(
      ({ QueueUrl }) => on('SetQueueAttributes', QueueUrl),
      ({ QueueUrl, Attributes = {} }) => {
        const queue = queues.byUrl(QueueUrl);
        const { Policy, ...attributes } = Attributes;
        queue.attributes = parseAttributes({ ...spelled(queue.attributes), ...attributes });
        if (Policy === '') world.resourcePolicies.remove(queue.arn);
        else if (Policy !== undefined) world.resourcePolicies.replace(queue.arn, JSON.parse(Policy) as PolicyDocument);
        return {};
      },
    ),
    SendMessage: operation<sqs.SendMessageCommandInput, sqs.SendMessageCommandOutput>(
      ({ QueueUrl }) => on('SendMessage', QueueUrl, 'kms:GenerateDataKey', 'kms:Decrypt'),
      (input, { caller }) => {
        only('sqs:SendMessage', input, ['QueueUrl', 'MessageBody', 'DelaySeconds', 'MessageAttributes']);
        const { MessageBody: body = '', MessageAttributes: attributes = {}, DelaySeconds } = input;
        const queue = queues.byUrl(input.QueueUrl);
        checkMessage(queue, body, Buffer.byteLength(body) + sizeOfAttributes(attributes));
        const { id } = queue.send({ body, attributes, senderId: caller.arn }, DelaySeconds);
        return { MessageId: id, MD5OfMessageBody: md5(body), MD5OfMessageAttributes: md5OfAttributes(attributes) };
      },
    ),
    ReceiveMessage: operation<sqs.ReceiveMessageCommandInput, sqs.ReceiveMessageCommandOutput>(
      ({ QueueUrl }) => on('ReceiveMessage', QueueUrl, 'kms:Decrypt'),
      async (input) => {
        const queue = queues.byUrl(input.QueueUrl);
        const { MaxNumberOfMessages: most = 1, WaitTimeSeconds = queue.attributes.ReceiveMessageWaitTimeSeconds } =
          input;
        within('MaxNumberOfMessages', most, 1, 10);
        within('WaitTimeSeconds', WaitTimeSeconds, 0, 20);
        const visibility = input.VisibilityTimeout ?? queue.attributes.VisibilityTimeout;
        const received = await queue.receive(most, visibility, WaitTimeSeconds);
        return received.length === 0 ? {} : { Messages: received.map((message) => messageOf(message, input)) };
      },
    ),
    DeleteMessage: operation<sqs.DeleteMessageCommandInput, sqs.DeleteMessageCommandOutput>(
      ({ QueueUrl }) => on('DeleteMessage', QueueUrl),
      ({ QueueUrl, ReceiptHandle = '' }) => {
        if (!ReceiptHandle.includes('#')) {
          throw new AwsError(
            'ReceiptHandleIsInvalid',
            `The input receipt handle "${ReceiptHandle}" is not a valid receipt handle.`,
          );
        }
        queues.byUrl(QueueUrl).delete(ReceiptHandle);
        return {};
      },
    ),
    ChangeMessageVisibility: operation<
      sqs.ChangeMessageVisibilityCommandInput,
      sqs.ChangeMessageVisibilityCommandOutput
    >(
      ({ QueueUrl }) => on('ChangeMessageVisibility', QueueUrl),
      ({ QueueUrl, ReceiptHandle = '', VisibilityTimeout = 0 }) => {
        within('VisibilityTimeout', VisibilityTimeout, 0, 43_200);
        queues.byUrl(QueueUrl).changeVisibility(ReceiptHandle, VisibilityTimeout);
        return {};
      },
    ),
    PurgeQueue: operation<sqs.PurgeQueueCommandInput, sqs.PurgeQueueCommandOutput>(
      ({ QueueUrl }) => on('PurgeQueue', QueueUrl),
      ({ QueueUrl }) => {
        const queue = queues.byUrl(QueueUrl);
        const now = world.clock.now();
        if (now - queue.purgedAt < PURGE_INTERVAL) {
          throw new AwsError(
            'PurgeQueueInProgress',
            `Only one PurgeQueue operation on ${queue.name} is allowed every 60 seconds.`,
            403,
          );
        }
        queue.purgedAt = now;
        queue.purge();
        return {};
      },
    ),
  };
}

function within(name: string, value: number, least: number, most: number): void {
  if (value >= least && value <= most) return;
  throw new AwsError(
    'InvalidParameterValue',
    `Value ${value} for parameter ${name} is invalid. Reason: Must be between ${least} and ${most}, if provided.`,
  );
}

function checkMessage({ attributes: { MaximumMessageSize } }: Queue, body: string, size: number): void {
  if (body === '') throw new AwsError('MissingParameter', 'The request must contain the parameter MessageBody.');
  if (INVALID_CHARACTER.test(body)) {
    throw new AwsError(
      'InvalidMessageContents',
      'Invalid binary character was found in the message body, the set of allowed characters is #x9 | #xA | #xD | [#x20 to #xD7FF] | [#xE000 to #xFFFD] | [#x10000 to #x10FFFF]',
    );
  }
  if (size > MaximumMessageSize) {
    throw new AwsError(
      'InvalidParameterValue',
      `One or more parameters are invalid. Reason: Message must be shorter than ${MaximumMessageSize} bytes.`,
    );
  }
}

function messageOf(message: StoredMessage, input: sqs.ReceiveMessageCommandInput): sqs.Message {
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- boto3 and older SDKs still ask by this name
  const { AttributeNames = [], MessageSystemAttributeNames = [], MessageAttributeNames = [] } = input;
  const system: Partial<Record<sqs.MessageSystemAttributeName, string>> = {
    SenderId: message.senderId,
    SentTimestamp: String(message.sentAt),
    ApproximateReceiveCount: String(message.receives),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
  };
  const asked: readonly string[] = [...AttributeNames, ...MessageSystemAttributeNames];
  const given = Object.entries(system).filter(([name]) => asked.includes('All') || asked.includes(name));
  const attributes = selected(message.attributes, MessageAttributeNames);
  return {
    MessageId: message.id,
    ReceiptHandle: message.receipt,
    MD5OfBody: md5(message.body),
    Body: message.body,
    ...(given.length > 0 && { Attributes: Object.fromEntries(given) }),
    ...(Object.keys(attributes).length > 0 && {
      MessageAttributes: { ...attributes },
      MD5OfMessageAttributes: md5OfAttributes(attributes),
    }),
  };
}

function attributesOf(world: World, queue: Queue, asked: readonly string[]): Record<string, string> {
  const now = world.clock.now();
  const policy = world.resourcePolicies.for(queue.arn);
  const count = (test: (message: StoredMessage) => boolean): string => String(queue.messages.filter(test).length);
  const all: Record<string, string> = {
    ...spelled(queue.attributes),
    QueueArn: queue.arn,
    CreatedTimestamp: String(Math.floor(queue.createdAt / 1000)),
    ApproximateNumberOfMessages: count(({ visibleAt }) => visibleAt <= now),
    ApproximateNumberOfMessagesNotVisible: count(({ visibleAt, receives }) => visibleAt > now && receives > 0),
    ApproximateNumberOfMessagesDelayed: count(({ visibleAt, receives }) => visibleAt > now && receives === 0),
    ...(policy && { Policy: JSON.stringify(policy) }),
  };
  return Object.fromEntries(Object.entries(all).filter(([name]) => asked.includes('All') || asked.includes(name)));
}

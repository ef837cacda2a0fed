import type * as sns from '@aws-sdk/client-sns';
import { AwsError, notImplemented } from '../../core/aws-error.ts';
import { keyPermissions } from '../../core/encryption.ts';
import { only } from '../../core/only.ts';
import type { PolicyDocument } from '../../core/resource-policies.ts';
import { operation, type Permission, type Service } from '../../core/service.ts';
import type { World } from '../../core/world.ts';
import type { Deliveries } from './delivery.ts';
import {
  checkMessage,
  readStructure,
  RECORDED,
  type PublishedMessage,
  type Subscription,
  type Topic,
} from './topic.ts';
import type { Topics } from './topics.ts';

const on = (action: string, topicArn: string | undefined): readonly Permission[] => [
  { action: `sns:${action}`, resource: topicArn ?? '*' },
];
const everywhere = (action: string): readonly Permission[] => [{ action: `sns:${action}`, resource: '*' }];
const topicOf = (subscriptionArn = ''): string => subscriptionArn.slice(0, subscriptionArn.lastIndexOf(':'));

/** The operations of standard topics. Source: Amazon SNS API Reference. Text messages, FIFO and filter policies are not modelled. */
export function topicOperations(world: World, topics: Topics, deliveries: Deliveries): Service['operations'] {
  return {
    CreateTopic: operation<sns.CreateTopicCommandInput, sns.CreateTopicCommandOutput>(
      ({ Name = '' }) => on('CreateTopic', topics.arnOf(Name)),
      (input) => {
        only('sns:CreateTopic', input, ['Name', 'Attributes', 'Tags']);
        const topic = topics.create(input.Name ?? '', {});
        for (const [name, value] of Object.entries(input.Attributes ?? {})) setAttribute(world, topic, name, value);
        return { TopicArn: topic.arn };
      },
    ),
    DeleteTopic: operation<sns.DeleteTopicCommandInput, sns.DeleteTopicCommandOutput>(
      ({ TopicArn }) => on('DeleteTopic', TopicArn),
      ({ TopicArn = '' }) => {
        topics.remove(TopicArn);
        return {};
      },
    ),
    ListTopics: operation<sns.ListTopicsCommandInput, sns.ListTopicsCommandOutput>(
      () => everywhere('ListTopics'),
      (input) => {
        only('sns:ListTopics', input, []);
        return { Topics: topics.all().map(({ arn }) => ({ TopicArn: arn })) };
      },
    ),
    GetTopicAttributes: operation<sns.GetTopicAttributesCommandInput, sns.GetTopicAttributesCommandOutput>(
      ({ TopicArn }) => on('GetTopicAttributes', TopicArn),
      ({ TopicArn }) => ({ Attributes: attributesOf(world, topics.get(TopicArn)) }),
    ),
    SetTopicAttributes: operation<sns.SetTopicAttributesCommandInput, sns.SetTopicAttributesCommandOutput>(
      ({ TopicArn }) => on('SetTopicAttributes', TopicArn),
      ({ TopicArn, AttributeName = '', AttributeValue = '' }) => {
        setAttribute(world, topics.get(TopicArn), AttributeName, AttributeValue);
        return {};
      },
    ),
    Subscribe: operation<sns.SubscribeCommandInput, sns.SubscribeCommandOutput>(
      ({ TopicArn }) => on('Subscribe', TopicArn),
      ({ TopicArn, Protocol: protocol = '', Endpoint: endpoint = '', Attributes = {}, ReturnSubscriptionArn }) => {
        const { RawMessageDelivery = 'false', ...others } = Attributes;
        const [refused] = Object.keys(others);
        if (refused !== undefined) throw notImplemented(`the subscription attribute ${refused}`);
        const { arn } = topics.subscribe(TopicArn, { protocol, endpoint, raw: RawMessageDelivery === 'true' });
        const pending = RECORDED.includes(protocol) && ReturnSubscriptionArn !== true;
        return { SubscriptionArn: pending ? 'pending confirmation' : arn };
      },
    ),
    Unsubscribe: operation<sns.UnsubscribeCommandInput, sns.UnsubscribeCommandOutput>(
      ({ SubscriptionArn }) => on('Unsubscribe', topicOf(SubscriptionArn)),
      ({ SubscriptionArn = '' }) => {
        topics.unsubscribe(SubscriptionArn);
        return {};
      },
    ),
    ListSubscriptions: operation<sns.ListSubscriptionsCommandInput, sns.ListSubscriptionsCommandOutput>(
      () => everywhere('ListSubscriptions'),
      (input) => {
        only('sns:ListSubscriptions', input, []);
        return {
          Subscriptions: topics.all().flatMap(({ subscriptions }) => subscriptions.map((one) => listed(world, one))),
        };
      },
    ),
    ListSubscriptionsByTopic: operation<
      sns.ListSubscriptionsByTopicCommandInput,
      sns.ListSubscriptionsByTopicCommandOutput
    >(
      ({ TopicArn }) => on('ListSubscriptionsByTopic', TopicArn),
      (input) => {
        only('sns:ListSubscriptionsByTopic', input, ['TopicArn']);
        return { Subscriptions: topics.get(input.TopicArn).subscriptions.map((one) => listed(world, one)) };
      },
    ),
    Publish: operation<sns.PublishCommandInput, sns.PublishCommandOutput>(
      ({ TopicArn, TargetArn = TopicArn }) => [
        ...on('Publish', TargetArn),
        ...keyPermissions(world, topics.find(TargetArn)?.kmsKey, ['kms:GenerateDataKey', 'kms:Decrypt']),
      ],
      (input) => {
        only('sns:Publish', input, [
          'TopicArn',
          'TargetArn',
          'Message',
          'Subject',
          'MessageStructure',
          'MessageAttributes',
        ]);
        const topic = topics.get(input.TopicArn ?? input.TargetArn);
        const published = publish(world, topic, input);
        topic.messages.push(published);
        deliveries.start(published, topic.subscriptions);
        return { MessageId: published.messageId };
      },
    ),
  };
}

function publish(world: World, topic: Topic, input: sns.PublishCommandInput): PublishedMessage {
  const { Message = '', Subject: subject, MessageStructure, MessageAttributes: attributes = {} } = input;
  checkMessage(Message, subject);
  if (MessageStructure !== undefined && MessageStructure !== 'json') {
    throw new AwsError('InvalidParameter', 'Invalid parameter: MessageStructure');
  }
  const byProtocol = MessageStructure === 'json' ? readStructure(Message) : {};
  return {
    messageId: world.random.uuid(),
    topicArn: topic.arn,
    at: world.clock.now(),
    message: byProtocol['default'] ?? Message,
    subject,
    attributes,
    byProtocol,
  };
}

function setAttribute(world: World, topic: Topic, name: string, value: string): void {
  switch (name) {
    case 'DisplayName':
      topic.displayName = value;
      return;
    case 'KmsMasterKeyId':
      topic.kmsKey = value === '' ? undefined : value;
      return;
    case 'Policy':
      world.resourcePolicies.replace(topic.arn, JSON.parse(value) as PolicyDocument);
      return;
    default:
      throw notImplemented(`the topic attribute ${name}`);
  }
}

function attributesOf(world: World, topic: Topic): Record<string, string> {
  const policy = world.resourcePolicies.for(topic.arn);
  const confirmed = topic.subscriptions.filter(({ protocol }) => !RECORDED.includes(protocol)).length;
  return {
    TopicArn: topic.arn,
    Owner: world.account,
    DisplayName: topic.displayName,
    SubscriptionsConfirmed: String(confirmed),
    SubscriptionsPending: String(topic.subscriptions.length - confirmed),
    SubscriptionsDeleted: '0',
    ...(topic.kmsKey !== undefined && { KmsMasterKeyId: topic.kmsKey }),
    ...(policy && { Policy: JSON.stringify(policy) }),
  };
}

const listed = (world: World, { arn, topicArn, protocol, endpoint }: Subscription): sns.Subscription => ({
  SubscriptionArn: RECORDED.includes(protocol) ? 'PendingConfirmation' : arn,
  Owner: world.account,
  Protocol: protocol,
  Endpoint: endpoint,
  TopicArn: topicArn,
});

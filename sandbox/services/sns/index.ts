import * as z from 'zod';
import { provisioner, type Provisioners } from '../../core/resources.ts';
import type { Service } from '../../core/service.ts';
import type { World } from '../../core/world.ts';
import { Document, Tags } from '../iam/policy-schema.ts';
import { Deliveries, type Lost } from './delivery.ts';
import { topicOperations } from './operations.ts';
import type { PublishedMessage } from './topic.ts';
import { Topics } from './topics.ts';

export interface Sns {
  readonly service: Service;
  readonly resources: Provisioners;
  /** What was published to a topic, oldest first. @throws AwsError NotFound */
  messages(topicArn: string): readonly PublishedMessage[];
  /** What was published and could not be delivered to a queue or a function. */
  lost(): readonly Lost[];
}

const flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((value) => value === 'true')]);
const InlineSubscription = z.strictObject({ Protocol: z.string(), Endpoint: z.string() });

const TopicProperties = z.strictObject({
  TopicName: z.string().optional(),
  DisplayName: z.string().max(100).optional(),
  KmsMasterKeyId: z.string().optional(),
  Subscription: z.array(InlineSubscription).default([]),
  Tags: Tags.optional(),
});

const SubscriptionProperties = z.strictObject({
  TopicArn: z.string(),
  Protocol: z.string(),
  Endpoint: z.string(),
  RawMessageDelivery: flag.default(false),
  Region: z.string().optional(),
});

const TopicPolicyProperties = z.strictObject({ Topics: z.array(z.string()).min(1), PolicyDocument: Document });

/**
 * Amazon SNS with standard topics. Queues and functions get what is published; e-mail and web endpoints are recorded as
 * subscribers that never confirm, and nothing leaves the machine.
 */
export function createSns(world: World): Sns {
  const topics = new Topics(world);
  const deliveries = new Deliveries(world);
  return {
    service: { id: 'sns', operations: topicOperations(world, topics, deliveries) },
    resources: {
      'AWS::SNS::Topic': provisioner(TopicProperties, (properties, context) => {
        const { TopicName = context.physicalName(256), DisplayName, KmsMasterKeyId, Subscription } = properties;
        const { arn, name } = topics.create(TopicName, { displayName: DisplayName, kmsKey: KmsMasterKeyId });
        for (const { Protocol, Endpoint } of Subscription) {
          topics.subscribe(arn, { protocol: Protocol, endpoint: Endpoint, raw: false });
        }
        return { ref: arn, attributes: { TopicArn: arn, TopicName: name } };
      }),
      'AWS::SNS::Subscription': provisioner(
        SubscriptionProperties,
        ({ TopicArn, Protocol, Endpoint, RawMessageDelivery }) => {
          const { arn } = topics.subscribe(TopicArn, {
            protocol: Protocol,
            endpoint: Endpoint,
            raw: RawMessageDelivery,
          });
          return { ref: arn, attributes: { Arn: arn } };
        },
      ),
      'AWS::SNS::TopicPolicy': provisioner(TopicPolicyProperties, ({ Topics: arns, PolicyDocument }, context) => {
        for (const arn of arns) world.resourcePolicies.replace(topics.get(arn).arn, PolicyDocument);
        return { ref: context.logicalId, attributes: { Id: context.logicalId } };
      }),
    },
    messages: (topicArn) => topics.get(topicArn).messages,
    lost: () => deliveries.lost,
  };
}

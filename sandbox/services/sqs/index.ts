import * as z from 'zod';
import { provisioner, type Provisioners } from '../../core/resources.ts';
import type { Service } from '../../core/service.ts';
import type { World } from '../../core/world.ts';
import { Document, Tags } from '../iam/policy-schema.ts';
import { QueueAttributes } from './attributes.ts';
import { queueOperations } from './operations.ts';
import type { StoredMessage } from './queue.ts';
import { Queues } from './queues.ts';

export interface Sqs {
  readonly service: Service;
  readonly resources: Provisioners;
  /** What lies in a queue, visible or not, oldest first. @throws AwsError QueueDoesNotExist */
  messages(queueArn: string): readonly StoredMessage[];
}

const QueueProperties = QueueAttributes.extend({ QueueName: z.string().optional(), Tags: Tags.optional() });
const QueuePolicyProperties = z.strictObject({ Queues: z.array(z.string()).min(1), PolicyDocument: Document });

/** Amazon SQS with standard queues: visibility, delay, long polling, redrive to a dead-letter queue. */
export function createSqs(world: World): Sqs {
  const queues = new Queues(world);
  return {
    service: { id: 'sqs', operations: queueOperations(world, queues) },
    resources: {
      'AWS::SQS::Queue': provisioner(QueueProperties, (properties, context) => {
        const name = properties.QueueName ?? context.physicalName(80);
        const queue = queues.create(name, QueueAttributes.strip().parse(properties));
        return { ref: queue.url, attributes: { Arn: queue.arn, QueueName: queue.name, QueueUrl: queue.url } };
      }),
      'AWS::SQS::QueuePolicy': provisioner(QueuePolicyProperties, ({ Queues: urls, PolicyDocument }, context) => {
        for (const url of urls) world.resourcePolicies.replace(queues.byUrl(url).arn, PolicyDocument);
        return { ref: context.logicalId, attributes: { Id: context.logicalId } };
      }),
    },
    messages: (queueArn) => queues.byArn(queueArn).messages,
  };
}

import { expect, it } from '@jest/globals';
import type { Call, Caller, Service } from '../../../../sandbox/core/service.ts';
import { createEvents } from '../../../../sandbox/services/events/index.ts';
import { createIam } from '../../../../sandbox/services/iam/index.ts';
import { createLogs } from '../../../../sandbox/services/logs/index.ts';
import { createSns } from '../../../../sandbox/services/sns/index.ts';
import { createSqs } from '../../../../sandbox/services/sqs/index.ts';
import { provision } from '../../support/service.ts';
import { testWorld } from '../../support/world.ts';

const QUEUE_URL = 'https://sqs.eu-central-1.amazonaws.com/123456789012/Stack-Queue-ABC';
const TOPIC = 'arn:aws:sns:eu-central-1:123456789012:Stack-Topic-ABC';
const ROLE = 'arn:aws:iam::123456789012:role/role';
const FUNCTION = 'arn:aws:lambda:eu-central-1:123456789012:function:f';

const INPUT = {
  ...{ logGroupName: '/aws/lambda/f', logStreamName: '2026/01/05/[$LATEST]abc' },
  ...{
    Name: 'name',
    Rule: 'rule',
    Entries: [{ Source: 'test', DetailType: 'Test' }],
    Targets: [{ Arn: FUNCTION, RoleArn: ROLE }],
  },
  ...{ TopicArn: TOPIC, SubscriptionArn: `${TOPIC}:11111111-2222-4333-8444-555555555555` },
  ...{ QueueName: 'queue', QueueUrl: QUEUE_URL },
};

it('every permission that the services ask for is one that IAM knows, for that resource', async () => {
  const world = testWorld();
  const iam = createIam(world);
  const AssumeRolePolicyDocument = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  };
  const PolicyDocument = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };
  const { attributes } = await provision(iam.resources, 'AWS::IAM::Role', {
    AssumeRolePolicyDocument,
    Policies: [{ PolicyName: 'all', PolicyDocument }],
  });
  const role: Caller = iam.assume(attributes['Arn'] ?? '', 'lambda.amazonaws.com');
  const [sqs, sns] = [createSqs(world), createSns(world)];
  const KmsMasterKeyId = 'arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-4333-8444-555555555555';
  world.resourcePolicies.attach(KmsMasterKeyId, {
    Statement: {
      Effect: 'Allow',
      Principal: { AWS: 'arn:aws:iam::123456789012:root' },
      Action: 'kms:*',
      Resource: '*',
    },
  });
  await provision(sqs.resources, 'AWS::SQS::Queue', { KmsMasterKeyId }, 'Queue');
  await provision(sns.resources, 'AWS::SNS::Topic', { KmsMasterKeyId }, 'Topic');
  const services: Service[] = [sqs, sns, createLogs(world), createEvents(world, { iam })].map(({ service }) => service);
  for (const { id, operations } of services) {
    for (const [name, operation] of Object.entries(operations)) {
      const call: Call = { caller: role, service: id, operation: name, requestId: 'r' };
      const permissions = operation.permissions(INPUT as never, call);
      expect(permissions.length).toBeGreaterThan(0);
      await iam.authorize(role, permissions, call);
    }
  }
});

import { Aws, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { acknowledgePattern } from '../constructs/acknowledge-pattern.ts';
import type { FleetContext } from '../constructs/fleet-context.ts';

const DOCUMENTS = ['AWS-RunShellScript', 'AWS-RunPowerShellScript'];

const instancesOf = (scope: Construct): string =>
  `arn:${Stack.of(scope).partition}:ec2:${Aws.REGION}:${Aws.ACCOUNT_ID}:instance/*`;

/** Leave to send the two documents to instances with the tag, and to no other. */
export function sendCommand(scope: Construct, { config: { tagGate } }: FleetContext): PolicyStatement[] {
  const { partition } = Stack.of(scope);
  return [
    new PolicyStatement({
      actions: ['ssm:SendCommand'],
      resources: DOCUMENTS.map((name) => `arn:${partition}:ssm:${Aws.REGION}::document/${name}`),
    }),
    new PolicyStatement({
      actions: ['ssm:SendCommand'],
      resources: [instancesOf(scope)],
      conditions: { StringEquals: { [`ssm:resourceTag/${tagGate.key}`]: tagGate.value } },
    }),
  ];
}

/** Tells cdk-nag why a role that was given the above names instances by pattern. */
export const acknowledgeInstances = (role: Construct): void =>
  acknowledgePattern(role, 'Which instances is said by their tag, in the condition.', instancesOf(role));

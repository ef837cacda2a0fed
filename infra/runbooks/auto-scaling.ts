import { Aws, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { acknowledgePattern } from '../constructs/acknowledge-pattern.ts';
import type { FleetContext } from '../constructs/fleet-context.ts';

const arn = (scope: Construct, service: string, resource: string, account: string = Aws.ACCOUNT_ID): string =>
  `arn:${Stack.of(scope).partition}:${service}:${service === 'iam' ? '' : Aws.REGION}:${account}:${resource}`;

const groupsOf = (scope: Construct): string => arn(scope, 'autoscaling', 'autoScalingGroup:*:autoScalingGroupName/*');

/** Leave to change Auto Scaling groups with the tag, and no others. */
export const changeGroups = (
  scope: Construct,
  { config: { tagGate } }: FleetContext,
  ...actions: string[]
): PolicyStatement =>
  new PolicyStatement({
    actions,
    resources: [groupsOf(scope)],
    conditions: { StringEquals: { [`autoscaling:ResourceTag/${tagGate.key}`]: tagGate.value } },
  });

/** Tells cdk-nag why a role that was given the above names groups by pattern. */
export const acknowledgeGroups = (role: Construct): void =>
  acknowledgePattern(role, 'Which groups is said by their tag, in the condition.', groupsOf(role));

const templatesOf = (scope: Construct): string => arn(scope, 'ec2', 'launch-template/*');

export const createVersions = (scope: Construct): PolicyStatement =>
  new PolicyStatement({ actions: ['ec2:CreateLaunchTemplateVersion'], resources: [templatesOf(scope)] });

/** Everything of the account that a launch makes and uses, and AMIs and snapshots, which have no account in their ARNs. */
const launchedOf = (scope: Construct): string[] => [arn(scope, 'ec2', '*'), arn(scope, 'ec2', '*', '')];

/**
 * Leave to launch from launch templates, and not without one. A dry run takes it, and Auto Scaling asks for it of whoever
 * changes what a group launches. Source: Auto Scaling User Guide, "Launch template support", "Permissions required to create
 * an Auto Scaling group with a launch template".
 */
export const launchByTemplate = (scope: Construct): PolicyStatement[] => [
  new PolicyStatement({
    actions: ['ec2:RunInstances'],
    resources: launchedOf(scope),
    conditions: { ArnLike: { 'ec2:LaunchTemplate': templatesOf(scope) } },
  }),
  new PolicyStatement({
    actions: ['ec2:CreateTags'],
    resources: [arn(scope, 'ec2', '*')],
    conditions: { StringEquals: { 'ec2:CreateAction': 'RunInstances' } },
  }),
  new PolicyStatement({
    actions: ['iam:PassRole'],
    resources: [arn(scope, 'iam', 'role/*')],
    conditions: { StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } },
  }),
];

/** Tells cdk-nag why a role that was given one of the two above names resources by pattern. */
export function acknowledgeLaunches(role: Construct): void {
  for (const pattern of [...launchedOf(role), templatesOf(role), arn(role, 'iam', 'role/*')])
    acknowledgePattern(role, 'What is launched is said by launch templates, which belong to the groups.', pattern);
}

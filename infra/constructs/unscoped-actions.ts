import { PolicyStatement } from 'aws-cdk-lib/aws-iam';

/**
 * The actions we call for which IAM knows no resource, so that only `*` can allow them; by the Service Authorization
 * Reference. What AWS calls with our rights stands in service-grants.ts. docs/security.md shows both lists.
 */
export const UNSCOPED_ACTIONS = {
  'autoscaling:DescribeAutoScalingGroups': 'Auto Scaling defines no resource for it; it only reads.',
  'autoscaling:DescribeInstanceRefreshes': 'Auto Scaling defines no resource for it; it only reads.',
  'ec2:DescribeImages': 'EC2 defines no resource for it; it only reads.',
  'ec2:DescribeInstanceTypes': 'EC2 defines no resource for it; it only reads.',
  'autoscaling:DescribeScalingActivities': 'Auto Scaling defines no resource for it; it only reads.',
  'cloudwatch:DescribeAlarms': 'CloudWatch shows composite alarms only to who may describe all; it only reads.',
  'ec2:DescribeSnapshots': 'EC2 defines no resource for it; it only reads.',
  'ec2:DescribeInstances': 'EC2 defines no resource for it; it only reads.',
  'ec2:DescribeLaunchTemplateVersions':
    'EC2 defines no resource for it; it only reads, user data of launch templates among it.',
  'ssm:DescribeInstanceInformation': 'Systems Manager defines no resource for it; it only reads.',
  'ssm:ListCommands': 'Systems Manager defines no resource for it; it only reads.',
  'ssm:ListCommandInvocations': 'Systems Manager defines no resource for it; it only reads.',
  'ssm:GetCommandInvocation': 'Systems Manager defines no resource for it; it only reads.',
  'states:SendTaskFailure':
    'Step Functions defines no resource for it; the task token says which task, and only the rollout table holds tokens.',
  'states:SendTaskSuccess':
    'Step Functions defines no resource for it; the task token says which task, and only the rollout table holds tokens.',
  'ssm:CancelCommand':
    'Systems Manager defines no resource for it; the runbook cancels only the command that its own execution sent.',
} as const satisfies Readonly<Record<string, string>>;

export type UnscopedAction = keyof typeof UNSCOPED_ACTIONS;

/** Allows actions that take no resource; an action that takes one does not compile here. */
export const allowUnscoped = (...actions: UnscopedAction[]): PolicyStatement =>
  new PolicyStatement({ actions, resources: ['*'] });

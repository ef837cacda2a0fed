import { AutoScalingServiceException } from '@aws-sdk/client-auto-scaling';
import { EC2ServiceException } from '@aws-sdk/client-ec2';
import { after, EXECUTION, fakeAws, INSTANCE, START, type Call } from './support.ts';

Object.assign(process.env, {
  TAG_KEY: 'SSMRunAllowed',
  TAG_VALUE: 'true',
  EXCLUDED_ASGS: '',
  EXCLUDED_INSTANCES: '',
  EXCLUSIONS_PARAMETER: '/fleetwright/dev/exclusions',
  LOCK_TABLE: 'locks',
  LOCK_INDEX: 'by-execution',
});

export const GROUP = "web's";
export const TEMPLATE = 'lt-0123456789abcdef0';
export const OTHER = 'lt-0123456789abcdef1';
export const OLD = 'ami-0000000000000001a';
export const NEW = 'ami-0000000000000002b';
export const REFRESH = '11111111-2222-3333-4444-555555555555';

type Answers = Parameters<typeof fakeAws>[0];

/** A refusal, or a failure, of Auto Scaling or EC2 as the SDK throws it. */
export const autoScalingError = (name: string, message = name, httpStatusCode = 400): Error =>
  new AutoScalingServiceException({ name, message, $fault: 'client', $metadata: { httpStatusCode } });
export const ec2Error = (name: string, message = name, httpStatusCode = 400): Error =>
  new EC2ServiceException({ name, message, $fault: 'client', $metadata: { httpStatusCode } });
export const GONE = 'AutoScalingGroup name not found - AutoScalingGroup web not found';

export const specification = (version: string, LaunchTemplateId = TEMPLATE) => ({
  LaunchTemplateId,
  LaunchTemplateName: 'web-template',
  Version: version,
});

/** The group with an instance on the old AMI. */
export const described = (changes: object = {}) => ({
  AutoScalingGroupName: GROUP,
  AutoScalingGroupARN: 'arn:aws:autoscaling:eu-central-1:123456789012:autoScalingGroup:u:autoScalingGroupName/web',
  Tags: [{ Key: 'SSMRunAllowed', Value: 'true' }],
  MinSize: 1,
  MaxSize: 2,
  DesiredCapacity: 1,
  VPCZoneIdentifier: 'subnet-1,subnet-2',
  Instances: [{ InstanceId: INSTANCE, LifecycleState: 'InService', HealthStatus: 'Healthy' }],
  LaunchTemplate: specification('3'),
  ...changes,
});

export const policy = (version: string, ...overrides: object[]) => ({
  InstancesDistribution: { OnDemandBaseCapacity: 1 },
  LaunchTemplate: { LaunchTemplateSpecification: specification(version), Overrides: overrides },
});

export const versions = (...made: object[]) => [
  { VersionNumber: 3, DefaultVersion: true, LaunchTemplateData: { ImageId: OLD, InstanceType: 't3.micro' } },
  ...made,
];

/** An account with one group, in which nothing is the matter. */
export function account(answers: Answers = {}): Call[] {
  return fakeAws({
    DescribeAutoScalingGroups: () => ({ AutoScalingGroups: [described()] }),
    DescribeLaunchTemplateVersions: () => ({ LaunchTemplateVersions: versions() }),
    DescribeInstances: () => ({ Reservations: [{ Instances: [{ InstanceId: INSTANCE, ImageId: OLD }] }] }),
    DescribeImages: () => ({ Images: [OLD, NEW].map((ImageId) => ({ ImageId, State: 'available' })) }),
    DescribeInstanceTypes: () => ({ InstanceTypes: [{ InstanceType: 't3.micro' }] }),
    DescribeInstanceRefreshes: () => ({ InstanceRefreshes: [] }),
    GetParameter: () => ({ Parameter: { Value: '{}' } }),
    UpdateItem: () => ({}),
    ...answers,
  });
}

export const called = (calls: readonly Call[], operation: string): Call['input'][] =>
  calls.filter((call) => call.operation === operation).map(({ input }) => input);

export const version = (number: string, imageId: string, more: object = {}) => ({
  override: null,
  launchTemplateId: TEMPLATE,
  version: number,
  imageId,
  ...more,
});
export const PREVIOUS = [version('3', OLD)];
export const TARGET = [version('4', NEW)];
export const PLAN = {
  autoScalingGroupName: GROUP,
  imageId: NEW,
  preferences: {},
  onInstanceRefreshInProgress: 'wait',
  backTo: null,
  deadline: after(3600),
  instanceCount: 12,
} as const;
const execution = { ...EXECUTION, runbook: 'refresh-asg' };
export const following = (seconds: number) => ({
  execution,
  plan: PLAN,
  instanceRefreshId: REFRESH,
  since: START,
  deadline: after(3600),
  now: after(seconds),
});
export const changing = { execution, redriveCount: 0, plan: PLAN, now: START };

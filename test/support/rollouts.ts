import type {
  AutoScalingGroup,
  CreateAutoScalingGroupType,
  DescribeAutoScalingGroupsCommandOutput,
} from '@aws-sdk/client-auto-scaling';
import type {
  CreateLaunchTemplateCommandOutput,
  DescribeInstancesCommandOutput,
  DescribeLaunchTemplateVersionsCommandOutput,
} from '@aws-sdk/client-ec2';
import type { ListRulesCommandOutput } from '@aws-sdk/client-eventbridge';
import type { GetScheduleCommandOutput, ListSchedulesCommandOutput } from '@aws-sdk/client-scheduler';
import type { PutParameterCommandOutput } from '@aws-sdk/client-ssm';
import { loadFleet, type Fleet } from '../../sandbox/fleets/index.ts';
import type { Lab } from './lab.ts';

const demo = loadFleet('sandbox/fleets/demo.json');
const model = demo.images['al2023'];
if (model === undefined) throw new Error('the demo fleet has no al2023');

const ami = (digit: string): string => `ami-0${digit.repeat(16)}`;

/** AMIs by what a scenario wants of them. */
export const amis = {
  old: model.id,
  good: ami('1'),
  better: ami('2'),
  unhealthy: ami('3'),
  silent: ami('4'),
  crashing: ami('5'),
  arm: ami('6'),
  pending: ami('7'),
  foreign: ami('8'),
  failed: ami('9'),
  /** Under a key that Auto Scaling's service-linked role may not use. */
  locked: ami('a'),
} as const;

/** The AMI parameter that the dev environment follows. */
export const PARAMETER = '/ami/linux/test';

const KEY = '0f0e0d0c-0b0a-4908-8706-050403020100';

/** Somebody who decides about rollouts, and asks for none. */
export const APPROVER = { accessKeyId: 'AKIASANDBOXAPPROVER0', secretAccessKey: 'sandbox-approver' };

/** No machines, and AMIs of every kind. */
export const rolloutFleet: Fleet = {
  ...demo,
  images: {
    al2023: model,
    good: { ...model, id: amis.good },
    better: { ...model, id: amis.better },
    unhealthy: { ...model, id: amis.unhealthy, defect: 'fails-health-checks' },
    silent: { ...model, id: amis.silent, defect: 'never-reaches-ssm' },
    crashing: { ...model, id: amis.crashing, defect: 'crashes' },
    arm: { ...model, id: amis.arm, architecture: 'arm64' },
    pending: { ...model, id: amis.pending, availableAfterSeconds: 20 * 60 },
    foreign: { ...model, id: amis.foreign, owner: '999999999999' },
    failed: { ...model, id: amis.failed, state: 'failed' },
    locked: { ...model, id: amis.locked, kmsKey: KEY },
  },
  instances: [],
  alarms: { 'checkout-5xx': { state: 'OK' } },
  keys: {
    snapshots: { id: KEY, account: undefined, description: '', state: 'Enabled', policy: undefined, grants: [] },
  },
  users: [
    {
      name: 'approver',
      ...APPROVER,
      policies: [
        {
          Version: '2012-10-17',
          Statement: [
            { Effect: 'Allow', Action: 'execute-api:Invoke', Resource: 'arn:aws:execute-api:*:*:${ApiId}/*' },
          ],
        },
      ],
    },
  ],
  launchTemplates: {},
  autoScalingGroups: [],
  parameters: {
    ...demo.parameters,
    [PARAMETER]: { type: 'String', value: amis.old, dataType: 'text', tier: 'Standard' },
  },
};

const TAGS = { SSMRunAllowed: 'true', 'fleetwright:ami': 'linux-test' };
const ZONES = ['eu-central-1a', 'eu-central-1b', 'eu-central-1c'];

/** Makes a launch template of the old AMI, whose machines report to Systems Manager; answers with its id. */
export async function makeTemplate(lab: Lab, name: string, ImageId: string = amis.old): Promise<string> {
  const { LaunchTemplate } = await lab.call<CreateLaunchTemplateCommandOutput>('ec2', 'CreateLaunchTemplate', {
    LaunchTemplateName: name,
    LaunchTemplateData: {
      ...{ ImageId, InstanceType: 't3.small', IamInstanceProfile: { Name: lab.output('InstanceProfileName') } },
      TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'SSMRunAllowed', Value: 'true' }] }],
    },
  });
  return LaunchTemplate?.LaunchTemplateId ?? '';
}

/** Makes a group that follows the parameter, and lets it launch its machines. */
export async function makeGroup(
  lab: Lab,
  name: string,
  changes: Partial<CreateAutoScalingGroupType> & { readonly tags?: Readonly<Record<string, string>> } = {},
): Promise<void> {
  const { tags = TAGS, ...given } = changes;
  const own = given.LaunchTemplate ?? given.MixedInstancesPolicy ?? given.LaunchConfigurationName;
  const LaunchTemplate =
    own === undefined ? { LaunchTemplateId: await makeTemplate(lab, name), Version: '1' } : undefined;
  await lab.call('autoscaling', 'CreateAutoScalingGroup', {
    AutoScalingGroupName: name,
    ...{ MinSize: 0, MaxSize: 10, DesiredCapacity: 2, AvailabilityZones: ZONES, HealthCheckGracePeriod: 30 },
    ...{ DefaultInstanceWarmup: 10, LaunchTemplate },
    ...given,
    Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value, PropagateAtLaunch: true })),
  });
}

/** The groups of those names, or all, as Auto Scaling shows them. */
export async function groupsOf(lab: Lab, ...names: string[]): Promise<AutoScalingGroup[]> {
  const input = names.length === 0 ? {} : { AutoScalingGroupNames: names };
  const { AutoScalingGroups = [] } = await lab.call<DescribeAutoScalingGroupsCommandOutput>(
    'autoscaling',
    'DescribeAutoScalingGroups',
    input,
  );
  return AutoScalingGroups;
}

/** How many machines of a group run which AMI. */
export async function imagesOf(lab: Lab, name: string): Promise<Record<string, number>> {
  const [group] = await groupsOf(lab, name);
  const InstanceIds = (group?.Instances ?? []).flatMap(({ InstanceId }) => InstanceId ?? []);
  if (InstanceIds.length === 0) return {};
  const { Reservations = [] } = await lab.call<DescribeInstancesCommandOutput>('ec2', 'DescribeInstances', {
    InstanceIds,
  });
  const counts: Record<string, number> = {};
  for (const { ImageId = '' } of Reservations.flatMap(({ Instances = [] }) => Instances))
    counts[ImageId] = (counts[ImageId] ?? 0) + 1;
  return counts;
}

/** The AMIs that a group would launch an instance from now; none where a launch configuration or a parameter says so. */
export async function launchedBy(
  lab: Lab,
  { LaunchTemplate, MixedInstancesPolicy: mixed }: Pick<AutoScalingGroup, 'LaunchTemplate' | 'MixedInstancesPolicy'>,
): Promise<string[]> {
  const base = LaunchTemplate ?? mixed?.LaunchTemplate?.LaunchTemplateSpecification;
  const own = (mixed?.LaunchTemplate?.Overrides ?? []).flatMap(({ LaunchTemplateSpecification: one }) => one ?? []);
  const images = [base ?? [], own].flat().map(async ({ LaunchTemplateId, Version = '$Default' }) => {
    const { LaunchTemplateVersions = [] } = await lab.call<DescribeLaunchTemplateVersionsCommandOutput>(
      'ec2',
      'DescribeLaunchTemplateVersions',
      { LaunchTemplateId, Versions: [Version] },
    );
    return LaunchTemplateVersions[0]?.LaunchTemplateData?.ImageId ?? '';
  });
  return (await Promise.all(images)).filter((image) => image.startsWith('ami-'));
}

/** Writes a new value of the parameter; answers with its version. */
export async function putAmi(lab: Lab, Value: string, Name = PARAMETER): Promise<number> {
  const { Version = 0 } = await lab.call<PutParameterCommandOutput>('ssm', 'PutParameter', {
    Name,
    Value,
    Overwrite: true,
  });
  return Version;
}

/** The tags by which a group follows the parameter in one scenario alone. */
export const following = (scenario: string): Record<string, string> => ({ SSMRunAllowed: 'true', scenario });

/** Changes how the parameter is rolled out, as a deployment with another configuration does. */
export async function setPolicy(lab: Lab, changes: object): Promise<void> {
  const policy = {
    parameter: PARAMETER,
    selector: { tags: { 'fleetwright:ami': 'linux-test' } },
    waves: { canary: 1, batch: '50%', concurrency: 10, maxFailures: 0, bakeSeconds: 60 },
    preferences: { minHealthyPercentage: 50, instanceWarmup: 10 },
    ...changes,
  };
  await lab.call('ssm', 'PutParameter', {
    ...{ Name: `/fleetwright/dev/rollout-policies${PARAMETER}`, Value: JSON.stringify(policy), Overwrite: true },
  });
}

/** Keeps the rules and the schedule quiet that start rollouts by themselves, so that a test starts each one. */
export const startByHand = (lab: Lab): Promise<void> => switchTriggers(lab, 'DisableRule', 'DISABLED');

/** Lets the rules and the schedule start rollouts again. */
export const startByRule = (lab: Lab): Promise<void> => switchTriggers(lab, 'EnableRule', 'ENABLED');

async function switchTriggers(lab: Lab, operation: string, State: string): Promise<void> {
  const { Rules = [] } = await lab.call<ListRulesCommandOutput>('events', 'ListRules', {});
  for (const { Name } of Rules.filter((rule) => rule.EventPattern?.includes('Parameter Store Change')))
    await lab.call('events', operation, { Name });
  const { Schedules = [] } = await lab.call<ListSchedulesCommandOutput>('scheduler', 'ListSchedules', {});
  for (const { Name, GroupName } of Schedules) {
    const schedule = await lab.call<GetScheduleCommandOutput>('scheduler', 'GetSchedule', { Name, GroupName });
    const { ScheduleExpression, ScheduleExpressionTimezone, FlexibleTimeWindow, Target } = schedule;
    await lab.call('scheduler', 'UpdateSchedule', {
      ...{ Name, GroupName, ScheduleExpression, ScheduleExpressionTimezone, FlexibleTimeWindow, Target, State },
    });
  }
}

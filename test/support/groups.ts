import { expect } from '@jest/globals';
import type {
  AutoScalingGroup,
  CreateAutoScalingGroupType,
  DescribeAutoScalingGroupsCommandOutput,
  DescribeInstanceRefreshesCommandOutput,
  InstanceRefresh,
} from '@aws-sdk/client-auto-scaling';

import { RefreshAsgResult } from '../../functions/lib/schemas/refresh-asg.ts';
import type { Fleet } from '../../sandbox/fleets/index.ts';
import { testFleet } from './fleet.ts';
import type { Lab } from './lab.ts';

/** AMIs by what is the matter with them. */
export const amis = {
  old: 'ami-00000000000000a01',
  good: 'ami-00000000000000a02',
  /** Its machines never pass their status checks. */
  bad: 'ami-00000000000000a03',
  /** Its machines run for ten minutes. */
  crashing: 'ami-00000000000000a04',
  arm: 'ami-00000000000000a05',
  pending: 'ami-00000000000000a06',
  /** Its root needs 20 GiB. */
  large: 'ami-00000000000000a07',
} as const;

const linux = testFleet.images['al2023'];
if (linux === undefined) throw new Error('the demo fleet has no al2023');

/** The demo fleet with AMIs to roll, and launch templates by their names. */
export const groupFleet: Fleet = {
  ...testFleet,
  images: {
    ...testFleet.images,
    old: { ...linux, id: amis.old },
    good: { ...linux, id: amis.good },
    bad: { ...linux, id: amis.bad, defect: 'fails-health-checks' },
    crashing: { ...linux, id: amis.crashing, defect: 'crashes' },
    arm: { ...linux, id: amis.arm, architecture: 'arm64' },
    large: { ...linux, id: amis.large, rootSizeGiB: 20 },
    pending: { ...linux, id: amis.pending, state: 'pending' },
  },
};

interface Wanted {
  readonly name: string;
  readonly count?: number;
  /** Of its launch template, which has the group's name and one version with the old AMI. */
  readonly version?: string;
  readonly input?: Partial<CreateAutoScalingGroupType>;
  readonly tags?: Readonly<Record<string, string>>;
  readonly protectedInstances?: number;
  readonly standbyInstances?: number;
  readonly suspended?: readonly string[];
}

/** Makes a launch template of one version. Returns its id. */
export async function launchTemplate(lab: Lab, name: string, data: object = {}): Promise<string> {
  const { LaunchTemplate } = await lab.call<{ LaunchTemplate: { LaunchTemplateId: string } }>(
    'ec2',
    'CreateLaunchTemplate',
    {
      LaunchTemplateName: name,
      LaunchTemplateData: {
        ...{ ImageId: amis.old, InstanceType: 't3.micro' },
        IamInstanceProfile: { Name: lab.output('InstanceProfileName') },
        TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'Role', Value: name }] }],
        ...data,
      },
    },
  );
  return LaunchTemplate.LaunchTemplateId;
}

/** Puts a group there that has been running for long, in two subnets, with a launch template of its own. */
export async function placeGroup(lab: Lab, wanted: Wanted): Promise<string> {
  const { name, count = 2, version = '1', input = {}, tags = { SSMRunAllowed: 'true' } } = wanted;
  const own = input.MixedInstancesPolicy === undefined && input.LaunchConfigurationName === undefined;
  const LaunchTemplateId = own && input.LaunchTemplate === undefined ? await launchTemplate(lab, name) : undefined;
  const subnets = [...lab.sandbox.ec2.store.network.subnets.keys()].slice(0, 2);
  lab.sandbox.autoscaling.place({
    input: {
      ...{ AutoScalingGroupName: name, MinSize: 0, MaxSize: Math.max(4, count), DesiredCapacity: count },
      ...{ VPCZoneIdentifier: subnets.join(','), HealthCheckGracePeriod: 60, DefaultInstanceWarmup: 30 },
      ...(LaunchTemplateId !== undefined && { LaunchTemplate: { LaunchTemplateId, Version: version } }),
      Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value, PropagateAtLaunch: false })),
      ...input,
    },
    uptimeSeconds: 86_400,
    protectedInstances: wanted.protectedInstances ?? 0,
    standbyInstances: wanted.standbyInstances ?? 0,
    suspended: wanted.suspended ?? [],
    ...(input.LaunchConfigurationName !== undefined && {
      launched: { imageId: amis.old, instanceType: 't3.micro', instanceProfile: undefined },
    }),
  });
  return name;
}

export async function groupNamed(lab: Lab, name: string): Promise<AutoScalingGroup | undefined> {
  const { AutoScalingGroups = [] } = await lab.call<DescribeAutoScalingGroupsCommandOutput>(
    'autoscaling',
    'DescribeAutoScalingGroups',
    { AutoScalingGroupNames: [name] },
  );
  return AutoScalingGroups[0];
}

/** The AMIs that the instances of a group run, sorted. */
export async function running(lab: Lab, name: string): Promise<string[]> {
  const { Instances = [] } = (await groupNamed(lab, name)) ?? {};
  return Instances.map(({ InstanceId = '' }) => lab.sandbox.ec2.store.instances.get(InstanceId)?.imageId ?? '').sort();
}

/** The newest first. */
export async function refreshes(lab: Lab, name: string): Promise<InstanceRefresh[]> {
  const { InstanceRefreshes = [] } = await lab.call<DescribeInstanceRefreshesCommandOutput>(
    'autoscaling',
    'DescribeInstanceRefreshes',
    { AutoScalingGroupName: name },
  );
  return InstanceRefreshes;
}

/** Refreshes a group and answers with the result. */
export async function refresh(lab: Lab, request: object): Promise<{ executionArn: string; result: RefreshAsgResult }> {
  const executionArn = await lab.start('RefreshAsg', request);
  return { executionArn, result: await resultOf(lab, executionArn) };
}

/** The result of an execution that succeeds. */
export async function resultOf(lab: Lab, executionArn: string): Promise<RefreshAsgResult> {
  const { status, output = '', error, cause } = await lab.settle(executionArn);
  expect({ status, error, cause }).toEqual({ status: 'SUCCEEDED', error: undefined, cause: undefined });
  return RefreshAsgResult.parse(JSON.parse(output));
}

/** Deletes every group, so that nothing goes on beside what comes next. */
export async function deleteGroups(lab: Lab): Promise<void> {
  const { AutoScalingGroups = [] } = await lab.call<DescribeAutoScalingGroupsCommandOutput>(
    'autoscaling',
    'DescribeAutoScalingGroups',
    {},
  );
  for (const { AutoScalingGroupName } of AutoScalingGroups)
    await lab.call('autoscaling', 'DeleteAutoScalingGroup', { AutoScalingGroupName, ForceDelete: true });
  await lab.finish();
}

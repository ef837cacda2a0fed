import type { EC2Client } from '@aws-sdk/client-ec2';
import type { SSMClient } from '@aws-sdk/client-ssm';
import { each } from '../each.ts';
import { agentsOf, byIds } from '../fleet/instances.ts';
import type { GroupState } from '../groups/group.ts';
import type { RolloutPolicy } from '../schemas/rollout-policy.ts';

/** By then an agent has registered, or never does. */
const REGISTERS_WITHIN_SECONDS = 300;
/** DescribeInstanceInformation takes so many ids in a filter. */
const MOST_IDS = 50;
/** Auto Scaling's own default. */
const MIN_HEALTHY_PERCENTAGE = 90;

const inService = ({ instances }: GroupState) =>
  instances.filter(({ lifecycleState }) => lifecycleState === 'InService');

/**
 * What is wrong with the machines of a group that has been refreshed, and had so large a desired capacity then: a group that
 * grows since is not measured by machines that are still being launched.
 */
export function healthProblems(
  group: GroupState,
  policy: RolloutPolicy,
  silent: ReadonlySet<string>,
  desiredThen: number,
): string[] {
  const { minHealthyPercentage = MIN_HEALTHY_PERCENTAGE } = {
    ...policy.preferences,
    ...policy.asgConfigurations[group.name],
  };
  const healthy = inService(group).filter(({ healthStatus }) => healthStatus === 'Healthy');
  const least = Math.floor((Math.min(group.desired, desiredThen) * minHealthyPercentage) / 100);
  const sick = inService(group).filter(({ healthStatus }) => healthStatus !== 'Healthy');
  const unseen = healthy.filter(({ id }) => silent.has(id));
  return [
    ...(healthy.length < least
      ? [`${group.name} has ${healthy.length} healthy instances in service, not ${least}`]
      : []),
    ...sick.map(({ id }) => `${id} of ${group.name} is unhealthy`),
    ...unseen.map(({ id }) => `${id} of ${group.name} is not seen by Systems Manager`),
  ];
}

/**
 * The machines of groups that should report to Systems Manager, and do not although they had the time to.
 * Source: SSM DescribeInstanceInformation, EC2 DescribeInstances.
 */
export async function silentOf(
  { ec2, ssm }: { readonly ec2: EC2Client; readonly ssm: SSMClient },
  groups: readonly GroupState[],
  now: string,
): Promise<ReadonlySet<string>> {
  const ids = groups.flatMap((group) => inService(group).map(({ id }) => id));
  const online = await onlineOf(ssm, ids);
  const silent = ids.filter((id) => !online.has(id));
  if (silent.length === 0) return new Set();
  const latest = Date.parse(now) - REGISTERS_WITHIN_SECONDS * 1000;
  const old = (await byIds(ec2, silent)).filter(({ LaunchTime }) => (LaunchTime?.getTime() ?? 0) <= latest);
  return new Set(old.map(({ InstanceId = '' }) => InstanceId));
}

/** Those of the instances whose agents are connected. Source: SSM DescribeInstanceInformation. */
export async function onlineOf(ssm: SSMClient, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const chunks = Array.from({ length: Math.ceil(ids.length / MOST_IDS) }, (_, index) =>
    ids.slice(index * MOST_IDS, (index + 1) * MOST_IDS),
  );
  const agents = (await each(chunks, (chunk) => agentsOf(ssm, chunk))).flatMap((found) => [...found]);
  return new Set(agents.filter(([, { PingStatus }]) => PingStatus === 'Online').map(([id]) => id));
}

import type { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import type { EC2Client, Instance } from '@aws-sdk/client-ec2';
import { selected } from '../fleet/instances.ts';
import { readGroups, type GroupState } from '../groups/group.ts';
import type { RolloutTarget } from '../schemas/ami-rollout.ts';
import type { RolloutPolicy } from '../schemas/rollout-policy.ts';

const GROUP_TAG = 'aws:autoscaling:groupName';
const RETIRING_TAG = 'fleetwright:retiring';

/** What follows an AMI parameter: groups, instances of no group, and names that nothing has. */
interface Followers {
  readonly groups: readonly GroupState[];
  readonly instances: readonly Instance[];
  readonly missing: readonly RolloutTarget[];
}

interface Clients {
  readonly autoScaling: AutoScalingClient;
  readonly ec2: EC2Client;
}

/**
 * Everything that a policy selects, each once. A machine of a group is its group's, whichever tags it has; one that is
 * kept for its successor's sake is nobody's. Source: Auto Scaling DescribeAutoScalingGroups, EC2 DescribeInstances.
 */
export async function readTargets(
  { autoScaling, ec2 }: Clients,
  selector: RolloutPolicy['selector'],
): Promise<Followers> {
  const { tags, autoScalingGroups: names = [], instanceIds = [] } = selector;
  const groups = [
    ...(tags === undefined ? [] : await readGroups(autoScaling, { tags })),
    ...(names.length === 0 ? [] : await readGroups(autoScaling, { names })),
  ];
  const instances = [
    ...(tags === undefined ? [] : await selected(ec2, { tags })),
    ...(instanceIds.length === 0 ? [] : await selected(ec2, { instanceIds })),
  ].filter(({ State }) => State?.Name !== 'terminated' && State?.Name !== 'shutting-down');
  const known = new Set([...groups.map(({ name }) => name), ...instances.map(({ InstanceId }) => InstanceId)]);
  const absent = (kind: RolloutTarget['kind'], what: string) => (name: string) =>
    known.has(name) ? [] : [skipped(kind, name, `TargetNotFound: there is no such ${what}`)];
  return {
    groups: once(groups, ({ name }) => name),
    instances: once(instances, ({ InstanceId = '' }) => InstanceId).filter(isStandalone),
    missing: [
      ...names.flatMap(absent('auto-scaling-group', 'Auto Scaling group')),
      ...instanceIds.flatMap(absent('instance', 'instance')),
    ],
  };
}

export const skipped = (kind: RolloutTarget['kind'], name: string, reason: string): RolloutTarget => ({
  ...{ kind, name, reason },
  ...{ wave: null, status: 'Skipped' },
});

const isStandalone = ({ Tags = [] }: Instance): boolean =>
  Tags.every(({ Key }) => Key !== GROUP_TAG && Key !== RETIRING_TAG);

const once = <T>(things: readonly T[], by: (thing: T) => string): T[] => [
  ...new Map(things.map((thing) => [by(thing), thing])).values(),
];

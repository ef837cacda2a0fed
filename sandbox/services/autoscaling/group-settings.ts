import type { CreateAutoScalingGroupType, Tag, UpdateAutoScalingGroupType } from '@aws-sdk/client-auto-scaling';
import { notImplemented } from '../../core/aws-error.ts';
import { only } from '../../core/only.ts';
import { checkConfiguration, checkNames, fullyNamed } from './configuration.ts';
import { constraint, invalid, within } from './errors.ts';
import type { NewGroup } from './groups.ts';
import type { Machines } from './machines.ts';
import { activeRefresh, type Configuration, type Group, type GroupTag } from './model.ts';
import { checkHealthyPercentages } from './refresh-preferences.ts';

type Settings = Omit<UpdateAutoScalingGroupType, 'AutoScalingGroupName'>;

const SETTINGS = [
  ...[
    'AutoScalingGroupName',
    'LaunchConfigurationName',
    'LaunchTemplate',
    'MixedInstancesPolicy',
    'MinSize',
    'MaxSize',
  ],
  ...['DesiredCapacity', 'DefaultCooldown', 'AvailabilityZones', 'HealthCheckType', 'HealthCheckGracePeriod'],
  ...['VPCZoneIdentifier', 'TerminationPolicies', 'NewInstancesProtectedFromScaleIn', 'CapacityRebalance'],
  ...['DefaultInstanceWarmup', 'InstanceMaintenancePolicy'],
];
export const MOST_TAGS = 50;

export const configurationOf = (input: Settings): Configuration => ({
  launchConfigurationName: input.LaunchConfigurationName,
  launchTemplate: input.LaunchTemplate,
  mixedInstancesPolicy: input.MixedInstancesPolicy,
});

export const namesConfiguration = (input: Settings): boolean =>
  Object.values(configurationOf(input)).some((each) => each !== undefined);

/** What is the same for CreateAutoScalingGroup and UpdateAutoScalingGroup. */
function checkSettings(input: Settings, machines: Machines): void {
  within(input.MinSize, 'minSize', 0, 10_000);
  within(input.MaxSize, 'maxSize', 0, 10_000);
  within(input.HealthCheckGracePeriod, 'healthCheckGracePeriod', 0, Number.MAX_SAFE_INTEGER);
  const { MinHealthyPercentage: least, MaxHealthyPercentage: most } = input.InstanceMaintenancePolicy ?? {};
  within(least, 'instanceMaintenancePolicy.minHealthyPercentage', -1, 100);
  within(most, 'instanceMaintenancePolicy.maxHealthyPercentage', -1, 200);
  checkHealthyPercentages(least, most);
  if (input.CapacityRebalance === true) throw notImplemented('Capacity Rebalancing, which is for Spot Instances');
  if (!['EC2', 'ELB', undefined].includes(input.HealthCheckType))
    throw notImplemented(`the health check type ${input.HealthCheckType ?? ''}`);
  if ((input.TerminationPolicies ?? []).some((policy) => policy !== 'Default'))
    throw notImplemented('termination policies but Default');
  checkNames(configurationOf(input));
  if (namesConfiguration(input)) checkConfiguration(machines, configurationOf(input));
}

/** The zones of a group: those of its subnets where it has some. */
function zonesOf({ AvailabilityZones: named, VPCZoneIdentifier: subnets }: Settings, machines: Machines): string[] {
  const all = new Set(machines.subnets.values());
  const unknown = named?.find((zone) => !all.has(zone));
  if (unknown !== undefined)
    throw invalid(
      `One or more Availability Zones are not available: ${unknown} (the sandbox has ${[...all].join(', ')}).`,
    );
  if (!subnets) return [...(named ?? [])];
  const zones = subnets.split(',').map((id) => {
    const zone = machines.subnets.get(id.trim());
    if (zone === undefined) throw invalid(`The subnet ID '${id.trim()}' does not exist`);
    return zone;
  });
  if (named !== undefined && named.length > 0 && named.some((zone) => !zones.includes(zone)))
    throw invalid('The availability zones of the specified subnets and the Auto Scaling group do not match');
  return [...new Set(zones)];
}

function checkSizes({ min, max, desired }: Pick<Group, 'min' | 'max' | 'desired'>): void {
  if (min > max) throw invalid('Max bound, ' + `${max}, must be greater than or equal to min bound, ${min}`);
  if (desired < min)
    throw invalid(`Desired capacity:${desired} must be between the specified min size:${min} and max size:${max}`);
  if (desired > max)
    throw invalid(`Desired capacity:${desired} must be between the specified min size:${min} and max size:${max}`);
}

/** -1 takes a policy away (API reference, InstanceMaintenancePolicy). */
const policyOf = (policy: Settings['InstanceMaintenancePolicy']) =>
  policy?.MinHealthyPercentage === -1 ? undefined : policy;

export function checkedTags(tags: readonly Tag[]): (readonly [string, GroupTag])[] {
  if (tags.length > MOST_TAGS) throw invalid(`A group has at most ${MOST_TAGS} tags.`);
  return tags.map(({ Key: key = '', Value: value = '', PropagateAtLaunch: propagate = true }) => {
    if (/^aws:/i.test(key)) throw invalid('Tag keys starting with aws: are reserved for internal use.');
    if (key === '' || key.length > 128)
      throw constraint(key, 'tags.member.key', 'Member must have length between 1 and 128');
    return [key, { value, propagate }] as const;
  });
}

/** Reads CreateAutoScalingGroup. @throws AwsError ValidationError */
export function newGroup(input: CreateAutoScalingGroupType, machines: Machines): NewGroup {
  only('autoscaling:CreateAutoScalingGroup', input, [...SETTINGS, 'Tags']);
  const { AutoScalingGroupName: name = '', MinSize: min = 0, MaxSize: max = 0 } = input;
  if (name.includes(':')) throw invalid('Auto Scaling group names cannot contain a colon.');
  checkSettings(input, machines);
  if (!namesConfiguration(input)) checkConfiguration(machines, {});
  const desired = input.DesiredCapacity ?? min;
  checkSizes({ min, max, desired });
  const zones = zonesOf(input, machines);
  if (zones.length === 0) throw invalid('At least one Availability Zone or VPC Subnet is required.');
  return {
    ...{ name, min, max, desired, zones },
    configuration: fullyNamed(machines, configurationOf(input)),
    vpcZoneIdentifier: input.VPCZoneIdentifier ?? '',
    healthCheckType: input.HealthCheckType ?? 'EC2',
    gracePeriod: input.HealthCheckGracePeriod ?? 0,
    defaultCooldown: input.DefaultCooldown ?? 300,
    defaultInstanceWarmup: warmupOf(input.DefaultInstanceWarmup),
    newInstancesProtected: input.NewInstancesProtectedFromScaleIn ?? false,
    maintenancePolicy: policyOf(input.InstanceMaintenancePolicy),
    terminationPolicies: ['Default'],
    tags: new Map(checkedTags(input.Tags ?? [])),
  };
}

/** -1 takes a warm-up away. */
const warmupOf = (warmup: number | undefined): number | undefined => (warmup === -1 ? undefined : warmup);

/** Reads UpdateAutoScalingGroup into a group: all of it, or nothing. @throws AwsError ValidationError */
export function updateGroup(group: Group, input: UpdateAutoScalingGroupType, machines: Machines): void {
  only('autoscaling:UpdateAutoScalingGroup', input, SETTINGS);
  if (namesConfiguration(input) && activeRefresh(group)?.desired !== undefined)
    throw invalid(
      'An active instance refresh with a desired configuration exists. All configuration options derived from the desired configuration are not available for update while the instance refresh is active.',
    );
  checkSettings(input, machines);
  const [min, max] = [input.MinSize ?? group.min, input.MaxSize ?? group.max];
  // A desired capacity that is not given follows new limits.
  const desired = input.DesiredCapacity ?? Math.min(max, Math.max(min, group.desired));
  checkSizes({ min, max, desired });
  const placed = input.AvailabilityZones !== undefined || input.VPCZoneIdentifier !== undefined;
  const zones = placed ? zonesOf(input, machines) : group.zones;
  const policy = input.InstanceMaintenancePolicy;
  Object.assign(group, {
    ...{ min, max, desired, zones },
    configuration: namesConfiguration(input) ? fullyNamed(machines, configurationOf(input)) : group.configuration,
    vpcZoneIdentifier: input.VPCZoneIdentifier ?? group.vpcZoneIdentifier,
    healthCheckType: input.HealthCheckType ?? group.healthCheckType,
    gracePeriod: input.HealthCheckGracePeriod ?? group.gracePeriod,
    defaultCooldown: input.DefaultCooldown ?? group.defaultCooldown,
    defaultInstanceWarmup:
      input.DefaultInstanceWarmup === undefined ? group.defaultInstanceWarmup : warmupOf(input.DefaultInstanceWarmup),
    newInstancesProtected: input.NewInstancesProtectedFromScaleIn ?? group.newInstancesProtected,
    maintenancePolicy: policy === undefined ? group.maintenancePolicy : policyOf(policy),
  } satisfies Partial<Group>);
}

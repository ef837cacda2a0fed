import {
  paginateDescribeAutoScalingGroups,
  type AutoScalingClient,
  type AutoScalingGroup,
  type Filter,
  type Instance,
  type LaunchTemplateSpecification,
  type MixedInstancesPolicy,
} from '@aws-sdk/client-auto-scaling';

/** DescribeAutoScalingGroups takes so many names, and answers with so many groups a page. */
const MOST_NAMES = 50;
const PAGE = 100;

/** A launch template as a group names it. */
export interface TemplateRef {
  /** Which override of the mixed-instances policy it is of; null for the template of the group. */
  readonly override: number | null;
  readonly launchTemplateId: string;
  /** A number, `$Latest` or `$Default`. */
  readonly version: string;
  /** The instance types that the group launches by it; null: the type that the template itself says. */
  readonly instanceTypes: readonly string[] | null;
}

export interface GroupInstance {
  readonly id: string;
  readonly lifecycleState: string;
  readonly healthStatus: string;
  /** Whether it is protected from scale-in. */
  readonly isProtected: boolean;
  readonly template: { readonly id: string; readonly version: string } | null;
}

/** An Auto Scaling group as it is now. */
export interface GroupState {
  readonly name: string;
  readonly arn: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly min: number;
  readonly max: number;
  readonly desired: number;
  readonly instances: readonly GroupInstance[];
  /** Empty for a group of a launch configuration; the group's own first, then those of overrides. */
  readonly templates: readonly TemplateRef[];
  readonly launchConfiguration: string | undefined;
  readonly mixedInstances: MixedInstancesPolicy | undefined;
  readonly subnetIds: readonly string[];
  readonly suspendedProcesses: readonly string[];
}

/** Which groups: by their names, or those that have all of the tags. */
export type GroupSelector =
  { readonly names: readonly string[] } | { readonly tags: Readonly<Record<string, string>> } | 'all';

/** A group by its name; undefined where there is none, or it is being deleted. Source: Auto Scaling DescribeAutoScalingGroups. */
export async function readGroup(autoScaling: AutoScalingClient, name: string): Promise<GroupState | undefined> {
  const [group] = await readGroups(autoScaling, { names: [name] });
  return group;
}

/** The groups that there are of those, without any that are being deleted. Source: Auto Scaling DescribeAutoScalingGroups. */
export async function readGroups(autoScaling: AutoScalingClient, selector: GroupSelector): Promise<GroupState[]> {
  const found: GroupState[] = [];
  for (const input of inputsFor(selector))
    for await (const { AutoScalingGroups = [] } of paginateDescribeAutoScalingGroups(
      { client: autoScaling, pageSize: PAGE },
      input,
    ))
      // A status is there only while a group is being deleted (API reference, AutoScalingGroup).
      found.push(...AutoScalingGroups.filter(({ Status }) => Status === undefined).map(stateOf));
  return found;
}

function inputsFor(
  selector: GroupSelector,
): readonly { readonly AutoScalingGroupNames?: string[]; readonly Filters?: Filter[] }[] {
  if (selector === 'all') return [{}];
  if ('tags' in selector)
    return [
      { Filters: Object.entries(selector.tags).map(([key, value]) => ({ Name: `tag:${key}`, Values: [value] })) },
    ];
  const { names } = selector;
  return Array.from({ length: Math.ceil(names.length / MOST_NAMES) }, (_, index) => ({
    AutoScalingGroupNames: names.slice(index * MOST_NAMES, (index + 1) * MOST_NAMES),
  }));
}

function stateOf(group: AutoScalingGroup): GroupState {
  return {
    name: group.AutoScalingGroupName ?? '',
    arn: group.AutoScalingGroupARN ?? '',
    tags: Object.fromEntries((group.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value])),
    min: group.MinSize ?? 0,
    max: group.MaxSize ?? 0,
    desired: group.DesiredCapacity ?? 0,
    instances: (group.Instances ?? []).map(instanceOf),
    templates: templatesOf(group),
    launchConfiguration: group.LaunchConfigurationName,
    mixedInstances: group.MixedInstancesPolicy,
    subnetIds: (group.VPCZoneIdentifier ?? '').split(',').filter((id) => id !== ''),
    suspendedProcesses: (group.SuspendedProcesses ?? []).flatMap(({ ProcessName }) => ProcessName ?? []),
  };
}

function instanceOf(instance: Instance): GroupInstance {
  const { LaunchTemplateId: id, Version: version } = instance.LaunchTemplate ?? {};
  return {
    id: instance.InstanceId ?? '',
    lifecycleState: instance.LifecycleState ?? '',
    healthStatus: instance.HealthStatus ?? '',
    isProtected: instance.ProtectedFromScaleIn ?? false,
    template: id === undefined || version === undefined ? null : { id, version },
  };
}

function templatesOf({ LaunchTemplate, MixedInstancesPolicy }: AutoScalingGroup): TemplateRef[] {
  if (LaunchTemplate !== undefined) return [refOf(LaunchTemplate, null, null)];
  const { LaunchTemplateSpecification, Overrides = [] } = MixedInstancesPolicy?.LaunchTemplate ?? {};
  if (LaunchTemplateSpecification === undefined) return [];
  const shared = Overrides.filter((override) => override.LaunchTemplateSpecification === undefined);
  const types = shared.flatMap(({ InstanceType }) => InstanceType ?? []);
  return [
    refOf(LaunchTemplateSpecification, null, shared.length > 0 ? types : null),
    ...Overrides.flatMap(({ LaunchTemplateSpecification: own, InstanceType, InstanceRequirements }, index) => {
      if (own === undefined) return [];
      const chosen = InstanceType === undefined ? [] : [InstanceType];
      return [refOf(own, index, InstanceType === undefined && InstanceRequirements === undefined ? null : chosen)];
    }),
  ];
}

/** A group that was given no version follows the default one (API reference, LaunchTemplateSpecification). */
const refOf = (
  { LaunchTemplateId: launchTemplateId = '', Version: version = '$Default' }: LaunchTemplateSpecification,
  override: number | null,
  instanceTypes: readonly string[] | null,
): TemplateRef => ({ override, launchTemplateId, version, instanceTypes });

import type {
  Activity as ActivityShape,
  DesiredConfiguration,
  InstanceMaintenancePolicy,
  InstanceRefreshStatus,
  LaunchTemplateSpecification,
  MixedInstancesPolicy,
} from '@aws-sdk/client-auto-scaling';
import type { Preferences } from './refresh-preferences.ts';

/** What a group launches by: one of the three. */
export interface Configuration {
  readonly launchConfigurationName?: string | undefined;
  readonly launchTemplate?: LaunchTemplateSpecification | undefined;
  readonly mixedInstancesPolicy?: MixedInstancesPolicy | undefined;
}

type Lifecycle = 'Pending' | 'InService' | 'Standby' | 'Terminating';

/** An instance of a group. */
export interface Member {
  readonly instanceId: string;
  readonly availabilityZone: string;
  readonly instanceType: string;
  readonly imageId: string | undefined;
  /** What it was launched by: the template with the number of its version, or the launch configuration. */
  readonly launchTemplate: LaunchTemplateSpecification | undefined;
  readonly launchConfigurationName: string | undefined;
  readonly launchedAt: number;
  lifecycle: Lifecycle;
  health: 'Healthy' | 'Unhealthy';
  /** Why it is unhealthy, as the activity of its replacement tells. */
  healthReason: string;
  protectedFromScaleIn: boolean;
  /** When it entered service; -Infinity for one that has been there for long. */
  inServiceAt: number;
  /** Whether the status checks of EC2 have passed once. */
  checked: boolean;
  activity: Activity | undefined;
}

export interface Activity {
  readonly id: string;
  readonly description: string;
  readonly cause: string;
  readonly startTime: number;
  readonly details: string;
  status: NonNullable<ActivityShape['StatusCode']>;
  statusMessage: string | undefined;
  endTime: number | undefined;
}

export interface GroupTag {
  readonly value: string;
  readonly propagate: boolean;
}

/** How far an instance refresh has come. */
interface Progress {
  percentage: number;
  instancesToUpdate: number;
}

interface Rollback extends Progress {
  readonly reason: string;
  readonly startTime: number;
}

export interface Refresh extends Progress {
  readonly id: string;
  readonly preferences: Preferences;
  readonly desired: DesiredConfiguration | undefined;
  readonly createdAt: number;
  status: InstanceRefreshStatus;
  statusReason: string | undefined;
  startTime: number | undefined;
  endTime: number | undefined;
  rollback: Rollback | undefined;
  /** Instances that it replaces. */
  readonly outdated: Set<string>;
  /** Instances that were launched while it was under way. */
  readonly launched: Set<string>;
  /** The last checkpoint that was reached, percent. */
  checkpoint: number;
  /** Until when it waits at a checkpoint. */
  pausedUntil: number;
  bakesUntil: number | undefined;
  /** When it last came any further, and how far: what the hour without progress is counted from. */
  progressAt: number;
  readonly best: { ready: number; inService: number; outdated: number };
}

export interface Group {
  readonly name: string;
  readonly arn: string;
  readonly createdTime: number;
  configuration: Configuration;
  min: number;
  max: number;
  desired: number;
  zones: readonly string[];
  vpcZoneIdentifier: string;
  healthCheckType: string;
  /** Seconds. */
  gracePeriod: number;
  defaultCooldown: number;
  defaultInstanceWarmup: number | undefined;
  newInstancesProtected: boolean;
  maintenancePolicy: InstanceMaintenancePolicy | undefined;
  terminationPolicies: readonly string[];
  /** Set while ForceDelete waits for the instances to go. */
  deleting: boolean;
  readonly tags: Map<string, GroupTag>;
  readonly members: Map<string, Member>;
  /** Suspended processes, each with the reason. */
  readonly suspended: Map<string, string>;
  /** Newest last. */
  readonly activities: Activity[];
  /** Newest last. */
  readonly refreshes: Refresh[];
  /** Launches that failed in a row: since when, how many, and when to try again. */
  failing: { readonly since: number; readonly count: number; readonly retryAt: number } | undefined;
}

const ENDED: ReadonlySet<InstanceRefreshStatus> = new Set([
  'Cancelled',
  'Failed',
  'RollbackFailed',
  'RollbackSuccessful',
  'Successful',
]);

export const isActive = ({ status }: Refresh): boolean => !ENDED.has(status);

/** The refresh that is under way; there is one at most. */
export function activeRefresh({ refreshes }: Group): Refresh | undefined {
  const last = refreshes.at(-1);
  return last !== undefined && isActive(last) ? last : undefined;
}

/** Whether it counts towards the desired capacity: an unhealthy one does until it is terminated. */
export const isCounted = ({ lifecycle }: Member): boolean => lifecycle === 'InService' || lifecycle === 'Pending';

export const isCapacity = (member: Member): boolean => member.health === 'Healthy' && isCounted(member);

export const isInService = ({ lifecycle, health }: Member): boolean =>
  health === 'Healthy' && lifecycle === 'InService';

/** How many instances of a group are in service and healthy. */
export const inServiceOf = ({ members }: Group): number => [...members.values()].filter(isInService).length;

/** What new instances are launched by: the desired configuration while a refresh rolls it out. */
export function launchConfigurationOf(group: Group): Configuration {
  const refresh = activeRefresh(group);
  if (refresh?.desired === undefined || refresh.rollback !== undefined) return group.configuration;
  return configurationFrom(refresh.desired);
}

export const configurationFrom = ({ LaunchTemplate, MixedInstancesPolicy }: DesiredConfiguration): Configuration => ({
  launchTemplate: LaunchTemplate,
  mixedInstancesPolicy: MixedInstancesPolicy,
});

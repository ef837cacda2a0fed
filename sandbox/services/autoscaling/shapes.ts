import type * as sdk from '@aws-sdk/client-auto-scaling';
import { type Activity, type Group, isActive, type Member, type Refresh } from './model.ts';
import { shownPreferences } from './refresh-preferences.ts';

const date = (time: number | undefined): Date | undefined => (time === undefined ? undefined : new Date(time));

const common = (member: Member) => ({
  InstanceId: member.instanceId,
  InstanceType: member.instanceType,
  AvailabilityZone: member.availabilityZone,
  LifecycleState: member.lifecycle,
  LaunchConfigurationName: member.launchConfigurationName,
  LaunchTemplate: member.launchTemplate,
  ProtectedFromScaleIn: member.protectedFromScaleIn,
});

const shownInstance = (member: Member): sdk.Instance => ({ ...common(member), HealthStatus: member.health });

/** DescribeAutoScalingInstances writes the health in capital letters, unlike DescribeAutoScalingGroups. */
export const shownDetails = (group: Group, member: Member): sdk.AutoScalingInstanceDetails => ({
  ...common(member),
  AutoScalingGroupName: group.name,
  HealthStatus: member.health.toUpperCase(),
});

export const shownTags = ({ name, tags }: Group): sdk.TagDescription[] =>
  [...tags].map(([Key, { value, propagate }]) => ({
    ResourceId: name,
    ResourceType: 'auto-scaling-group',
    Key,
    Value: value,
    PropagateAtLaunch: propagate,
  }));

/** API reference: AutoScalingGroup. */
export const shownGroup = (group: Group, withInstances: boolean): sdk.AutoScalingGroup => ({
  AutoScalingGroupName: group.name,
  AutoScalingGroupARN: group.arn,
  LaunchConfigurationName: group.configuration.launchConfigurationName,
  LaunchTemplate: group.configuration.launchTemplate,
  MixedInstancesPolicy: group.configuration.mixedInstancesPolicy,
  MinSize: group.min,
  MaxSize: group.max,
  DesiredCapacity: group.desired,
  DefaultCooldown: group.defaultCooldown,
  AvailabilityZones: [...group.zones],
  LoadBalancerNames: [],
  TargetGroupARNs: [],
  HealthCheckType: group.healthCheckType,
  HealthCheckGracePeriod: group.gracePeriod,
  Instances: withInstances ? [...group.members.values()].map(shownInstance) : [],
  CreatedTime: new Date(group.createdTime),
  SuspendedProcesses: [...group.suspended].map(([ProcessName, SuspensionReason]) => ({
    ProcessName,
    SuspensionReason,
  })),
  VPCZoneIdentifier: group.vpcZoneIdentifier,
  EnabledMetrics: [],
  Status: group.deleting ? 'Delete in progress' : undefined,
  Tags: shownTags(group),
  TerminationPolicies: [...group.terminationPolicies],
  NewInstancesProtectedFromScaleIn: group.newInstancesProtected,
  DefaultInstanceWarmup: group.defaultInstanceWarmup,
  InstanceMaintenancePolicy: group.maintenancePolicy,
  TrafficSources: [],
});

const PROGRESS = new Map<Activity['status'], number>([
  ['InProgress', 50],
  ['PreInService', 30],
]);

export const shownActivity = (group: Group, activity: Activity): sdk.Activity => ({
  ActivityId: activity.id,
  AutoScalingGroupName: group.name,
  AutoScalingGroupARN: group.arn,
  Description: activity.description,
  Cause: activity.cause,
  StartTime: new Date(activity.startTime),
  EndTime: date(activity.endTime),
  StatusCode: activity.status,
  StatusMessage: activity.statusMessage,
  Progress: PROGRESS.get(activity.status) ?? 100,
  Details: activity.details,
});

/** API reference: InstanceRefresh. ProgressDetails are for groups with a warm pool. */
export const shownRefresh = ({ name }: Group, refresh: Refresh): sdk.InstanceRefresh => ({
  InstanceRefreshId: refresh.id,
  AutoScalingGroupName: name,
  Status: refresh.status,
  StatusReason: refresh.statusReason,
  StartTime: date(refresh.startTime),
  EndTime: isActive(refresh) ? undefined : date(refresh.endTime),
  PercentageComplete: refresh.percentage,
  InstancesToUpdate: refresh.instancesToUpdate,
  Preferences: shownPreferences(refresh.preferences),
  DesiredConfiguration: refresh.desired,
  Strategy: 'Rolling',
  RollbackDetails: refresh.rollback && {
    RollbackReason: refresh.rollback.reason,
    RollbackStartTime: new Date(refresh.rollback.startTime),
    PercentageCompleteOnRollback: refresh.rollback.percentage,
    InstancesToUpdateOnRollback: refresh.rollback.instancesToUpdate,
  },
});

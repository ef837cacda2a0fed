import type * as sdk from '@aws-sdk/client-auto-scaling';
import { only } from '../../core/only.ts';
import { type Operation, operation } from '../../core/service.ts';
import { invalid } from './errors.ts';
import { markUnhealthy } from './health.ts';
import type { Group, Member } from './model.ts';
import type { Parts } from './parts.ts';
import { shownActivity } from './shapes.ts';

/** The operations on instances of groups (API reference, version 2011-01-01). */
export function instanceOperations(parts: Parts): Readonly<Record<string, Operation>> {
  const { world, groups, permissions, scaling, supervisor } = parts;

  /** Lowers the desired capacity, not below the minimum. */
  const decrement = (group: Group, by: number): void => {
    if (group.desired - by < group.min)
      throw invalid(
        `Currently, desiredSize equals minSize (${group.min}). Terminating instance without replacement will violate group's min size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower group's min size.`,
      );
    group.desired -= by;
  };
  const inState = (member: Member, state: Member['lifecycle']): void => {
    if (member.lifecycle !== state) throw invalid(`The instance ${member.instanceId} is not in ${state}.`);
  };
  const activity = (group: Group, description: string, cause: string) => {
    const done = scaling.activities.done(group, description, cause);
    return { Activities: [shownActivity(group, done)] };
  };

  return {
    TerminateInstanceInAutoScalingGroup: operation<
      sdk.TerminateInstanceInAutoScalingGroupCommandInput,
      sdk.TerminateInstanceInAutoScalingGroupCommandOutput
    >(
      ({ InstanceId: id }) => permissions.onInstance('TerminateInstanceInAutoScalingGroup', id),
      (input) => {
        const { InstanceId: id, ShouldDecrementDesiredCapacity: decrements = false } = input;
        only('autoscaling:TerminateInstanceInAutoScalingGroup', input, [
          ...['InstanceId', 'ShouldDecrementDesiredCapacity'],
        ]);
        const { group, member } = groups.member(id);
        if (decrements && member.lifecycle !== 'Standby') decrement(group, 1);
        scaling.terminate(group, member, 'an instance was taken out of service in response to a user request.');
        supervisor.touch(group);
        return { Activity: member.activity && shownActivity(group, member.activity) };
      },
    ),
    SetInstanceHealth: operation<sdk.SetInstanceHealthCommandInput, sdk.SetInstanceHealthCommandOutput>(
      ({ InstanceId: id }) => permissions.onInstance('SetInstanceHealth', id),
      ({ InstanceId: id, HealthStatus: health, ShouldRespectGracePeriod: respects = true }) => {
        const { group, member } = groups.member(id);
        if (health !== 'Healthy' && health !== 'Unhealthy')
          throw invalid(`Valid instance health states are: [Healthy, Unhealthy].`);
        const inGrace = world.clock.now() < member.inServiceAt + group.gracePeriod * 1000;
        if (health === 'Healthy') member.health = 'Healthy';
        else if (!(respects && inGrace))
          markUnhealthy(member, 'an instance was taken out of service in response to a user health-check.');
        supervisor.touch(group);
        return {};
      },
    ),
    SetInstanceProtection: operation<sdk.SetInstanceProtectionCommandInput, sdk.SetInstanceProtectionCommandOutput>(
      ({ AutoScalingGroupName: name }) => permissions.on('SetInstanceProtection', name),
      ({ AutoScalingGroupName: name, InstanceIds: ids, ProtectedFromScaleIn: protects = false }) => {
        const group = groups.get(name);
        const members = groups.membersOf(group, ids);
        const wrong = members.find(({ lifecycle }) => lifecycle === 'Pending' || lifecycle === 'Terminating');
        if (wrong !== undefined)
          throw invalid(`The instance ${wrong.instanceId} is not in InService or EnteringStandby or Standby.`);
        for (const member of members) member.protectedFromScaleIn = protects;
        supervisor.touch(group);
        return {};
      },
    ),
    EnterStandby: operation<sdk.EnterStandbyCommandInput, sdk.EnterStandbyCommandOutput>(
      ({ AutoScalingGroupName: name }) => permissions.on('EnterStandby', name),
      ({ AutoScalingGroupName: name, InstanceIds: ids, ShouldDecrementDesiredCapacity: decrements = false }) => {
        const group = groups.get(name);
        const members = groups.membersOf(group, ids);
        for (const member of members) inState(member, 'InService');
        if (decrements) decrement(group, members.length);
        for (const member of members) member.lifecycle = 'Standby';
        supervisor.touch(group);
        return activity(
          group,
          `Moving EC2 instances to Standby: ${(ids ?? []).join(', ')}`,
          'instances were moved to standby in response to a user request.',
        );
      },
    ),
    ExitStandby: operation<sdk.ExitStandbyCommandInput, sdk.ExitStandbyCommandOutput>(
      ({ AutoScalingGroupName: name }) => permissions.on('ExitStandby', name),
      ({ AutoScalingGroupName: name, InstanceIds: ids }) => {
        const group = groups.get(name);
        const members = groups.membersOf(group, ids);
        for (const member of members) inState(member, 'Standby');
        if (group.suspended.has('Launch'))
          throw invalid('Instances cannot be returned to service while the Launch process is suspended.');
        if (group.desired + members.length > group.max)
          throw invalid(
            `AutoScalingGroup ${group.name} has max-size=${group.max}, and desired-size=${group.desired}. To place into service ${members.length} instances, please update the AutoScalingGroup sizes appropriately.`,
          );
        group.desired += members.length;
        for (const member of members) Object.assign(member, { lifecycle: 'Pending', health: 'Healthy' });
        supervisor.touch(group);
        return activity(
          group,
          `Moving EC2 instances out of Standby: ${(ids ?? []).join(', ')}`,
          'instances were moved out of standby in response to a user request.',
        );
      },
    ),
  };
}

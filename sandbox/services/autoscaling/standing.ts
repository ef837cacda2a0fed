import type { CreateAutoScalingGroupType } from '@aws-sdk/client-auto-scaling';
import { newGroup } from './group-settings.ts';
import { launchTags, machineRequest, newMember } from './members.ts';
import type { StandingMachine } from './machines.ts';
import type { Group, Member } from './model.ts';
import type { Parts } from './parts.ts';
import { nextZone } from './zones.ts';

/** A group that is there already when the sandbox starts. */
export interface StandingGroup {
  readonly input: CreateAutoScalingGroupType;
  /** For how long its instances have been running. */
  readonly uptimeSeconds: number;
  /** How many of its instances are protected from scale in, and how many there are on standby beside the desired ones. */
  readonly protectedInstances: number;
  readonly standbyInstances: number;
  readonly suspended: readonly string[];
  /** What its launch configuration launched, where it has one. */
  readonly launched?: Pick<StandingMachine, 'imageId' | 'instanceType' | 'instanceProfile'> | undefined;
}

/** Puts a group with its instances there, as if it had been running for long. @throws AwsError as CreateAutoScalingGroup answers */
export function placeGroup(parts: Parts, { input, uptimeSeconds, ...standing }: StandingGroup): void {
  const { world, groups, machines } = parts;
  const since = world.clock.now() - uptimeSeconds * 1000;
  const group = groups.create(newGroup(input, machines), since);
  for (const process of standing.suspended) group.suspended.set(process, 'User suspended');
  for (let number = 0; number < group.desired + standing.standbyInstances; number++) {
    const machine = { ...machineOf(parts, group, standing), uptimeSeconds };
    const member = standingMember(parts, group, machine, since);
    if (number < standing.protectedInstances) member.protectedFromScaleIn = true;
    if (number >= group.desired) member.lifecycle = 'Standby';
    groups.join(group, member);
  }
  parts.supervisor.touch(group);
}

function machineOf({ machines }: Parts, group: Group, { launched }: Pick<StandingGroup, 'launched'>) {
  const availabilityZone = nextZone(group);
  if (launched === undefined) return machineRequest(group, machines, availabilityZone);
  return { ...launched, template: undefined, availabilityZone, tags: launchTags(group) };
}

function standingMember({ machines }: Parts, group: Group, machine: StandingMachine, launchedAt: number): Member {
  const instanceId = machines.stand(machine);
  return {
    ...newMember(group, machine, instanceId, { imageId: machines.imageOf(instanceId), launchedAt }),
    launchConfigurationName: group.configuration.launchConfigurationName,
    lifecycle: 'InService',
    inServiceAt: launchedAt,
    checked: true,
  };
}

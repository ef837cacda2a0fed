import type { Machines, MachineState } from './machines.ts';
import type { Group, Member } from './model.ts';
import type { Scaling } from './scaling.ts';
import type { Wake } from './wake.ts';

const LOST = 'Instance became unhealthy while waiting for instance to be in InService state.';
const REASONS = {
  impaired: 'an instance was taken out of service in response to an EC2 instance status checks failure.',
  gone: 'an instance was taken out of service in response to an EC2 health check indicating it has been terminated or stopped.',
};

const isGone = (state: MachineState): boolean =>
  state === 'stopped' || state === 'shutting-down' || state === 'terminated';

/**
 * Takes over what EC2 says of the instances of a group: which have entered service, which are gone, which are unhealthy.
 * Source: Auto Scaling User Guide, "Health checks for instances in an Auto Scaling group".
 */
export function observe(group: Group, machines: Machines, scaling: Scaling, wake: Wake): void {
  for (const member of group.members.values()) {
    const state = machines.state(member.instanceId);
    member.checked = state === 'ok';
    if (state === 'initializing') wake.by(machines.checksEndAt(member.instanceId) ?? 0);
    switch (member.lifecycle) {
      case 'Pending':
        arrive(group, member, state, scaling);
        break;
      case 'InService':
        break;
      case 'Terminating':
        if (state !== 'terminated') break;
        scaling.activities.finish(group, 'Terminating EC2 instance', member);
        group.members.delete(member.instanceId);
        break;
      case 'Standby':
        // Auto Scaling does not check what is on standby; an instance that is gone has left the group all the same.
        if (state === 'terminated') group.members.delete(member.instanceId);
    }
    if (member.lifecycle === 'InService') judge(group, member, state, wake);
  }
}

function arrive(group: Group, member: Member, state: MachineState, scaling: Scaling): void {
  if (state === 'pending') return;
  if (isGone(state)) scaling.lost(group, member, LOST);
  else scaling.arrived(group, member);
}

function judge(group: Group, member: Member, state: MachineState, wake: Wake): void {
  if (group.suspended.has('HealthCheck') || member.health === 'Unhealthy') return;
  const graceEnds = member.inServiceAt + group.gracePeriod * 1000;
  if (isGone(state)) markUnhealthy(member, REASONS.gone);
  else if (state === 'impaired' && wake.now >= graceEnds) markUnhealthy(member, REASONS.impaired);
  else if (state === 'impaired') wake.by(graceEnds);
}

export function markUnhealthy(member: Member, reason: string): void {
  member.health = 'Unhealthy';
  member.healthReason = reason;
}

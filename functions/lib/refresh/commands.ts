import type { InstanceRefresh } from '@aws-sdk/client-auto-scaling';
import type { GroupInstance } from '../groups/group.ts';
import { quoted } from '../quoted.ts';

/** Brings all instances of a group onto what its templates say, and leaves those alone that are there. */
export function refreshCommand(group: string, kept: readonly GroupInstance[]): string {
  const preferences = {
    SkipMatching: true,
    ...(kept.some(({ isProtected }) => isProtected) && { ScaleInProtectedInstances: 'Refresh' }),
    ...(kept.some(isStandby) && { StandbyInstances: 'Terminate' }),
  };
  return `aws autoscaling start-instance-refresh --auto-scaling-group-name ${quoted(group)} --preferences ${quoted(JSON.stringify(preferences))}`;
}

/** Ends a refresh of ours in the best way that is left; somebody else's is only looked at. */
export function activeCommand(
  group: string,
  { InstanceRefreshId: id = '', Status }: InstanceRefresh,
  ours: readonly string[],
): string {
  const turns = Status === 'RollbackInProgress' || Status === 'Cancelling';
  const verb = turns || !ours.includes(id) ? 'describe-instance-refreshes' : 'rollback-instance-refresh';
  return `aws autoscaling ${verb} --auto-scaling-group-name ${quoted(group)}`;
}

export const isStandby = ({ lifecycleState }: GroupInstance): boolean => /Standby/.test(lifecycleState);

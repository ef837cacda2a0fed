import { deleteGroups, groupFleet, placeGroup } from '../support/groups.ts';
import type { NumberedCall } from './fault-sweep.ts';
import { expectRefreshInvariants } from './invariants.ts';
import type { Course } from './sweep.ts';

/** How many of many alike calls are failed, from the first and from the last: those between find what these find. */
const OF_MANY = 2;

/** The looks at a refresh are alike, and there are dozens. */
export function fewOfMany(calls: readonly NumberedCall[]): NumberedCall[] {
  const alike = Map.groupBy(calls, ({ service, operation }) => `${service}:${operation}`);
  return calls.filter((call) => {
    const all = alike.get(`${call.service}:${call.operation}`) ?? [];
    const index = all.indexOf(call);
    return all.length <= 2 * OF_MANY || index < OF_MANY || index >= all.length - OF_MANY;
  });
}

/** A refresh of a group of two, one at a time; each run has a group of its own. */
export const refreshing = (
  name: string,
  request: { readonly imageId: string; readonly [more: string]: unknown },
): Course => ({
  name,
  runbook: 'RefreshAsg',
  fleet: groupFleet,
  prepare: deleteGroups,
  request: async (marks, lab) => ({
    autoScalingGroupName: await placeGroup(lab, { name: marks.replaceAll('/', '.') }),
    preferences: { minHealthyPercentage: 50, instanceWarmup: 0 },
    ...request,
  }),
  choose: fewOfMany,
  watch: (lab, request) =>
    lab.sandbox.autoscaling.inService((request as { readonly autoScalingGroupName: string }).autoScalingGroupName),
  invariants: expectRefreshInvariants,
});

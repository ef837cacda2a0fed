import { groupFleet, placeGroup } from '../support/groups.ts';
import type { NumberedCall } from './fault-sweep.ts';
import { expectRefreshInvariants } from './invariants.ts';
import type { Course } from './sweep.ts';

/** How many of many alike calls are failed, from the first and from the last: those between find what these find. */
const OF_MANY = 2;

/** The looks at a refresh are alike, and there are dozens. */
function fewOfMany(calls: readonly NumberedCall[]): NumberedCall[] {
  const most = new Map<string, number>();
  for (const { service, operation, nth } of calls) most.set(`${service}:${operation}`, nth);
  return calls.filter(({ service, operation, nth }) => {
    const last = most.get(`${service}:${operation}`) ?? 0;
    return last <= 4 * OF_MANY || nth <= OF_MANY || nth > last - OF_MANY;
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

import { deleteGroups, groupFleet, placeGroup } from '../support/groups.ts';
import { fewOfMany } from './fault-sweep.ts';
import { expectRefreshInvariants } from './invariants.ts';
import type { Course } from './sweep.ts';

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

import { deleteGroups, groupFleet, placeGroup } from '../support/groups.ts';
import { expectRefreshInvariants } from './invariants.ts';
import type { Course } from './sweep.ts';

const groupOf = (marks: string): string => marks.replaceAll('/', '.');

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
    autoScalingGroupName: await placeGroup(lab, { name: groupOf(marks) }),
    preferences: { minHealthyPercentage: 50, instanceWarmup: 0 },
    ...request,
  }),
  alike: ({ service, operation }) => `${service}:${operation}`,
  watch: (lab, marks) => lab.sandbox.autoscaling.inService(groupOf(marks)),
  invariants: expectRefreshInvariants,
});

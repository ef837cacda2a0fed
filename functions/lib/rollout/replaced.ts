import { paginateDescribeScalingActivities, type AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import type { GroupState } from '../groups/group.ts';
import * as z from '../zod.ts';

/** Groups by name, as their wave begins to bake. */
export const Members = z.record(z.string(), z.strictObject({ desired: z.int(), instanceIds: z.array(z.string()) }));
export type Members = z.infer<typeof Members>;

/** Auto Scaling's words for a machine that it took out because it was not healthy (activity, Cause). */
const FOR_ITS_HEALTH = /in response to an? .*(?:health[- ]?check|status checks?)/i;

export const membersOf = (groups: readonly GroupState[]): Members =>
  Object.fromEntries(
    groups.map(({ name, desired, instances }) => [name, { desired, instanceIds: instances.map(({ id }) => id) }]),
  );

/**
 * The machines that have left their groups since, because they were not healthy; not those that were scaled in. What comes
 * and goes between two looks is found only here. Source: Auto Scaling DescribeScalingActivities.
 */
export async function replacedSince(
  autoScaling: AutoScalingClient,
  before: Members,
  groups: readonly GroupState[],
  since: Date,
): Promise<string[]> {
  const replaced: string[] = [];
  for (const { name, instances } of groups) {
    const here = new Set(instances.map(({ id }) => id));
    const gone = (before[name]?.instanceIds ?? []).filter((id) => !here.has(id));
    if (gone.length > 0) replaced.push(...(await takenOut(autoScaling, name, gone, since)));
  }
  return replaced;
}

async function takenOut(
  autoScaling: AutoScalingClient,
  AutoScalingGroupName: string,
  gone: readonly string[],
  since: Date,
): Promise<string[]> {
  const found = new Set<string>();
  for await (const { Activities = [] } of paginateDescribeScalingActivities(
    { client: autoScaling },
    { AutoScalingGroupName },
  )) {
    for (const { Description = '', Cause = '' } of Activities)
      for (const id of gone) if (Description.includes(id) && FOR_ITS_HEALTH.test(Cause)) found.add(id);
    // The newest come first, and a group keeps six weeks of them.
    if (found.size === gone.length || Activities.some(({ StartTime = since }) => StartTime < since)) break;
  }
  return [...found].map((id) => `${id} of ${AutoScalingGroupName} was taken out because it was unhealthy`);
}

import type { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { readGroups, type GroupState } from './group.ts';

/** By the ids of launch templates, the names of the groups that launch by whichever version is the latest. */
export type Followers = ReadonlyMap<string, readonly string[]>;

/**
 * Who would launch by a new version of a template as soon as it is made. Of all that can follow a template, Auto Scaling
 * groups alone can be asked. Source: Auto Scaling DescribeAutoScalingGroups.
 */
export const readFollowers = async (autoScaling: AutoScalingClient): Promise<Followers> =>
  followersAmong(await readGroups(autoScaling, 'all'));

export function followersAmong(groups: readonly GroupState[]): Followers {
  const followers = new Map<string, string[]>();
  for (const { name, templates } of groups)
    for (const id of new Set(templates.flatMap((each) => (each.version === '$Latest' ? each.launchTemplateId : []))))
      followers.set(id, [...(followers.get(id) ?? []), name]);
  return followers;
}

import { afterEach, beforeEach, expect } from '@jest/globals';
import type { WatchedGroup } from '../../sandbox/services/autoscaling/index.ts';
import type { Lab } from './lab.ts';
import { groupsOf, imagesOf, launchedBy } from './rollouts.ts';

/** What policies of tests keep in service, in percent, where they say nothing. */
const MIN_HEALTHY = 50;

const sizeOf = ({ minSize, maxSize, desired }: WatchedGroup): string => `${minSize} to ${maxSize}, ${desired}`;

/** What tests say of groups that something else happens to than a refresh. */
export interface Guard {
  /** Somebody else changes the size of a group. */
  resized(name: string): void;
  /** The machines of a group die by themselves. */
  dying(...names: readonly string[]): void;
}

/**
 * Judges after each test what no rollout may do to the groups that were made in it: while they are refreshed none has
 * another size or less in service than its policy keeps, looked at whenever something changes; in the end each is wholly
 * on one AMI, and launches that, or what was told names the command that repairs it.
 */
export function guardGroups(labOf: () => Lab): Guard {
  let watching: Lab | undefined;
  const [resized, dying] = [new Set<string>(), new Set<string>()];
  /** As they were when a refresh was first seen. */
  const sizes = new Map<string, string>();
  let seen = new Set<string>();
  let known = new Set<string>();
  let wrong: string[] = [];
  let began = { at: new Date(), told: 0 };

  const look = (group: WatchedGroup): void => {
    seen.add(group.name);
    if (!group.refreshing) return;
    const before = sizes.get(group.name) ?? sizeOf(group);
    sizes.set(group.name, before);
    if (before !== sizeOf(group) && !resized.has(group.name))
      wrong.push(`${group.name}: ${before}, then ${sizeOf(group)}`);
    const floor = Math.floor((group.desired * MIN_HEALTHY) / 100);
    if (group.inService < floor && !dying.has(group.name) && !resized.has(group.name))
      wrong.push(`${group.name}: ${group.inService} in service, of which ${floor} should be`);
  };

  beforeEach(() => {
    const lab = labOf();
    if (watching !== lab) lab.sandbox.autoscaling.watch(look);
    watching = lab;
    [known, seen, wrong] = [new Set([...known, ...seen]), new Set(), []];
    began = { at: lab.sandbox.clock.date(), told: lab.notifications().length };
  });

  afterEach(async () => {
    const lab = labOf();
    await lab.finish();
    const groups = await groupsOf(lab);
    const told = await toldSince(lab, began);
    for (const group of groups.filter(
      ({ AutoScalingGroupName = '' }) => seen.has(AutoScalingGroupName) && !known.has(AutoScalingGroupName),
    )) {
      const { AutoScalingGroupName: name = '' } = group;
      const images = new Set([...Object.keys(await imagesOf(lab, name)), ...(await launchedBy(lab, group))]);
      if (images.size > 1 && !mentions(told, name))
        wrong.push(`${name} is on ${[...images].join(' and ')}, and nobody was told`);
    }
    expect(wrong).toEqual([]);
  });
  return { resized: (name) => void resized.add(name), dying: (...names) => names.forEach((name) => dying.add(name)) };
}

/** Notifications, and the rows of rollouts and refreshes, in which the commands are that repair something. */
async function toldSince(lab: Lab, { at, told }: { readonly at: Date; readonly told: number }): Promise<string[]> {
  const rows = [...(await lab.executions('AmiRollout')), ...(await lab.executions('RefreshAsg'))]
    .filter(({ startDate = at }) => startDate >= at)
    .map(async ({ executionArn = '' }) => JSON.stringify(await lab.row(executionArn)));
  return [
    ...lab
      .notifications()
      .slice(told)
      .map(({ message }) => message),
    ...(await Promise.all(rows)),
  ];
}

const mentions = (told: readonly string[], name: string): boolean =>
  told.some((text) => text.includes('aws autoscaling') && text.includes(name));

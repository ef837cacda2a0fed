import { expect } from '@jest/globals';
import { AmiRolloutResult } from '../../functions/lib/schemas/ami-rollout.ts';
import { amis, running } from '../support/groups.ts';
import type { Lab } from '../support/lab.ts';
import { groupsOf, launchedBy } from '../support/rollouts.ts';
import { clearForRollout, groupOf, smallRollout, smallRolloutFleet, type Sizes } from '../support/small-rollout.ts';
import type { NumberedCall } from './fault-sweep.ts';
import { expectToldEnd, type Run } from './invariants.ts';
import type { Course } from './sweep.ts';

/** The calls of what rolls out; those of the refreshes that it starts are failed where a group is refreshed. */
export const ofRollout = (calls: readonly NumberedCall[]): NumberedCall[] =>
  calls.filter(({ role }) => role.includes('AmiRollout'));

/** A rollout, through one group after the other; each run has a version and groups of its own. */
export const rolling = (name: string, sizes: Sizes, policy: object = {}): Course => ({
  name,
  runbook: 'AmiRollout',
  fleet: { ...smallRolloutFleet, instances: [] },
  prepare: clearForRollout,
  request: (marks, lab) => smallRollout(lab, marks, sizes, policy),
  choose: ofRollout,
  few: 1,
  watch: (lab, marks) => lab.sandbox.autoscaling.inService(groupOf('canary', marks)),
  invariants: (lab, run) => expectRolloutInvariants(lab, run, sizes),
});

/**
 * What holds however a rollout went: no group has another size, the canary was never short of what its preferences keep in
 * service, each group is wholly on one AMI that works, and launches that, or somebody was told how to repair it.
 */
async function expectRolloutInvariants(lab: Lab, run: Run, sizes: Sizes): Promise<void> {
  const { status = '', output = '', cause = '' } = await lab.describe(run.executionArn);
  const row = await expectToldEnd(lab, run, 'ami-rollout');
  expect(run.fewest).toBeGreaterThanOrEqual(1);
  const notes = lab.notifications().slice(lab.notifications().length - run.told);
  const told = [output, cause, row?.['summary']?.S, ...notes.map(({ message }) => message)].join('\n');
  const found: string[][] = [];
  for (const [part, DesiredCapacity] of Object.entries(sizes)) {
    const name = groupOf(part, run.marks);
    const [group] = await groupsOf(lab, name);
    expect(group).toMatchObject({ MinSize: 0, MaxSize: 4, DesiredCapacity });
    const images = [...new Set([...(await running(lab, name)), ...(await launchedBy(lab, group ?? {}))])];
    found.push(images);
    const wholly = images.length === 1 && images.every((image) => image === amis.old || image === amis.good);
    if (!wholly) expect(told).toContain('aws autoscaling');
  }
  if (status !== 'SUCCEEDED') return;
  const result = AmiRolloutResult.parse(JSON.parse(output));
  expect(result.status).toBe('Completed');
  for (const images of found) expect(images).toEqual([amis.good]);
}

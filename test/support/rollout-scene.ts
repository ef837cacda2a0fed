import { expect } from '@jest/globals';
import type { AmiRolloutResult } from '../../functions/lib/schemas/ami-rollout.ts';
import type { Lab } from './lab.ts';
import { following, imagesOf, makeGroup, PARAMETER, setPolicy } from './rollouts.ts';

export const MINUTE = 60_000;

/** How a rollout ended. */
export interface End {
  readonly executionArn: string;
  readonly status: string | undefined;
  readonly error: string | undefined;
  readonly cause: string | undefined;
  readonly result: AmiRolloutResult;
}

/** A policy that selects the groups of one scenario alone, and those groups, which have been running for a while. */
export async function scene(lab: Lab, scenario: string, groups: readonly string[], policy: object = {}): Promise<void> {
  await setPolicy(lab, { selector: { tags: { scenario } }, ...policy });
  for (const name of groups) await makeGroup(lab, name, { tags: following(scenario) });
  await lab.sandbox.clock.runFor(10 * MINUTE);
}

export async function endOf(lab: Lab, executionArn: string): Promise<End> {
  const { status, output, error, cause } = await lab.describe(executionArn);
  return { executionArn, status, error, cause, result: JSON.parse(output ?? '{}') as AmiRolloutResult };
}

/** Rolls the parameter out as it is now, to the end. */
export async function roll(lab: Lab, input: object = {}): Promise<End> {
  const { executionArn = '' } = await lab.run('AmiRollout', { parameter: PARAMETER, ...input });
  return endOf(lab, executionArn);
}

/** Lets time pass until a condition holds. */
export async function until(lab: Lab, holds: () => Promise<boolean>): Promise<void> {
  for (let minutes = 0; minutes < 24 * 60; minutes++) {
    if (await holds()) return;
    await lab.sandbox.clock.runFor(MINUTE / 4);
  }
  throw new Error('it never came to that');
}

/** Expects every machine of those groups to run one AMI. */
export async function expectAllOn(lab: Lab, names: readonly string[], image: string): Promise<void> {
  for (const name of names) expect([name, Object.keys(await imagesOf(lab, name))]).toEqual([name, [image]]);
}

const rollouts = async (lab: Lab): Promise<readonly string[]> =>
  (await lab.executions('AmiRollout')).map(({ executionArn = '' }) => executionArn);

/** How the rollouts ended that were started while `body` ran, and what followed from it; the newest first. */
export async function startedBy(lab: Lab, body: () => Promise<unknown>): Promise<End[]> {
  const before = new Set(await rollouts(lab));
  await body();
  await lab.finish();
  const started = (await rollouts(lab)).filter((arn) => !before.has(arn));
  return Promise.all(started.map((arn) => endOf(lab, arn)));
}

import { expect } from '@jest/globals';
import type { Lab } from '../support/lab.ts';
import { rolling } from './ami-rollout.ts';
import { expectToldEnd, type Run } from './invariants.ts';
import { sweep } from './sweep.ts';

// The rollout that it starts waits for an approval that does not come.
const rollout = rolling(
  'a drift check that finds a version whose change was missed',
  { canary: 0 },
  { approval: 'required', approvalTimeoutSeconds: 60 },
);

await sweep({
  ...rollout,
  runbook: 'CheckDrift',
  request: async (marks, lab) => {
    await rollout.request(marks, lab);
    return {};
  },
  choose: (calls) => calls.filter(({ role }) => /CheckDrift|RolloutTrigger/.test(role)),
  invariants: expectDriftInvariants,
});

/** What holds however a check went: it started the rollout once at the most; one that did not start it has told somebody. */
async function expectDriftInvariants(lab: Lab, run: Run): Promise<void> {
  const { status, output = '{}' } = await lab.describe(run.executionArn);
  const rollouts = (await lab.executions('AmiRollout')).filter(({ startDate }) => (startDate ?? 0) >= run.startedAt);
  expect(rollouts.length).toBeLessThanOrEqual(1);
  await expectToldEnd(lab, run, 'check-drift');
  if (status !== 'SUCCEEDED') return;
  const { parameters, warnings } = JSON.parse(output) as CheckDriftOutput;
  if (parameters[0]?.repair === true) expect(rollouts).toHaveLength(1);
  else expect(run.told + warnings.length).toBeGreaterThanOrEqual(1);
}

interface CheckDriftOutput {
  readonly parameters: readonly { readonly repair?: boolean }[];
  readonly warnings: readonly string[];
}

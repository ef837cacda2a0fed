import {
  amis,
  clearGroups,
  following,
  makeGroup,
  PARAMETER,
  putAmi,
  rolloutFleet,
  setPolicy,
} from '../support/rollouts.ts';
import { expectRolloutInvariants } from './invariants.ts';
import { sweep } from './sweep.ts';

/** A canary with a machine, and a group without; made anew for each run, so that every run has the same to do. */
const GROUPS = ['canary', 'second'];

await sweep({
  name: 'a rollout to a canary and a second group',
  runbook: 'AmiRollout',
  fleet: rolloutFleet,
  prepare: async (lab) => {
    await clearGroups(lab);
    await setPolicy(lab, {
      selector: { tags: { scenario: 'sweep' } },
      waves: { canary: 1, batch: 1, concurrency: 1, maxFailures: 0, bakeSeconds: 15 },
      rollBack: 'all',
    });
    for (const [index, name] of GROUPS.entries())
      await makeGroup(lab, name, { tags: following('sweep'), DesiredCapacity: 1 - index });
    await lab.sandbox.clock.runFor(10 * 60_000);
    await putAmi(lab, amis.good);
    await lab.finish();
  },
  request: () => ({ parameter: PARAMETER }),
  invariants: expectRolloutInvariants,
});

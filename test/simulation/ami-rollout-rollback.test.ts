import { alarmedRollout } from '../support/small-rollout.ts';
import { ofRollout, rolling } from './ami-rollout.ts';
import { sweep } from './sweep.ts';

const sizes = { canary: 2, rest: 0 };

await sweep({
  ...rolling('a rollout that an alarm stops after its canary, and that goes back', sizes),
  request: (marks, lab) => alarmedRollout(lab, marks, sizes),
  // What comes before is failed where a rollout completes.
  choose: (calls) => ofRollout(calls.slice(calls.findIndex(({ role }) => role.includes('FunctionsPrepare')))),
});

import type { ListExecutionsCommandOutput } from '@aws-sdk/client-sfn';
import type { Lab } from '../support/lab.ts';
import { smallRollout } from '../support/small-rollout.ts';
import { ofRollout, rolling } from './ami-rollout.ts';
import { sweep } from './sweep.ts';

const sizes = { canary: 0 };
/** Seconds; an approver looks again while the rollout is still asking. */
const [FIRST_LOOK, LAST_LOOK] = [60, 480];

/** Ends the wait of a rollout as an approval does, if it waits. */
async function approve(lab: Lab): Promise<void> {
  const { executions = [] } = await lab.call<ListExecutionsCommandOutput>('states', 'ListExecutions', {
    stateMachineArn: lab.output('AmiRolloutStateMachineArn'),
    statusFilter: 'RUNNING',
  });
  for (const { executionArn } of executions) {
    const { Item } = await lab.call<{ Item?: { token?: { S?: string } } }>('dynamodb', 'GetItem', {
      ...{ TableName: lab.output('RolloutTableName'), Key: { id: { S: `waiting#${executionArn}` } } },
    });
    const taskToken = Item?.token?.S;
    if (taskToken !== undefined)
      await lab.call('states', 'SendTaskSuccess', { taskToken, output: '{"decision": "approve"}' });
  }
}

await sweep({
  ...rolling('a rollout that is approved', sizes),
  request: (marks, lab) => {
    const { clock } = lab.sandbox;
    for (let seconds = FIRST_LOOK; seconds <= LAST_LOOK; seconds += FIRST_LOOK)
      clock.schedule(clock.now() + seconds * 1000, () => approve(lab));
    return smallRollout(lab, marks, sizes, { approval: 'required', approvalTimeoutSeconds: 600 });
  },
  // What comes before and after is failed where a rollout completes.
  choose: (calls) => {
    const own = ofRollout(calls);
    const asks = own.findIndex(({ role }) => role.includes('FunctionsRequest'));
    // begin-waiting comes before begin-wave, and their names are cut to the same.
    const waits = own.findIndex(({ operation, resource }) => operation === 'Invoke' && resource.includes('BeginWa'));
    return own.slice(asks, waits + 1);
  },
  watch: () => 1,
});

import * as z from './lib/zod.ts';
import { dynamoDbClient, sfnClient } from './lib/clients.ts';
import { readEnv } from './lib/env.ts';
import { readRow } from './lib/result-table.ts';
import { endWaiting } from './lib/rollout/end-waiting.ts';
import { orderOf, RolloutTable } from './lib/rollout/rollout-table.ts';
import { Rollout } from './lib/schemas/ami-rollout-run.ts';
import { Execution, Timestamp } from './lib/schemas/common.ts';
import { task } from './lib/task.ts';

const { RESULT_TABLE, ROLLOUT_TABLE } = readEnv({ RESULT_TABLE: z.string(), ROLLOUT_TABLE: z.string() });
const dynamoDb = dynamoDbClient();
const table = new RolloutTable(dynamoDb, ROLLOUT_TABLE);
const sfn = sfnClient();

export const Input = z.strictObject({
  execution: Execution,
  rollout: Rollout,
  kind: z.enum(['approval', 'window']),
  approvalId: z.nullable(z.string()),
  token: z.string().check(z.minLength(1)),
  now: Timestamp,
});
export const Output = z.strictObject({ status: z.literal('Waiting') });

/**
 * Keeps the task token by which a waiting rollout is woken: by an approver, by whoever stops it, or by the rollout that
 * takes its place. Who came before the token was kept has left a note, which is looked for afterwards.
 * Source: Step Functions Developer Guide, "Wait for a callback with task token".
 */
export const handler = task(
  { input: Input, output: Output, target: ({ rollout }) => rollout.parameter },
  async ({ execution, rollout, kind, approvalId, token, now }) => {
    await table.putWaiting(execution.arn, { kind, token, ...(approvalId !== null && { approvalId }) }, now);
    if ((await table.want(rollout)) !== orderOf(rollout))
      await endWaiting({ table, sfn }, execution.arn, {
        error: 'Superseded',
        cause: `A newer version of ${rollout.parameter} takes its place.`,
      });
    const row = await readRow(dynamoDb, RESULT_TABLE, execution.arn);
    if (row?.stopRequestedAt !== undefined)
      await endWaiting({ table, sfn }, execution.arn, {
        error: 'StopRequested',
        cause: `Somebody asked for it at ${row.stopRequestedAt}.`,
      });
    return { status: 'Waiting' as const };
  },
);

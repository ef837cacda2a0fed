import { DescribeExecutionCommand, ExecutionDoesNotExist } from '@aws-sdk/client-sfn';
import * as z from './lib/zod.ts';
import { s3Client, sfnClient } from './lib/clients.ts';
import { each } from './lib/each.ts';
import { readEnv } from './lib/env.ts';
import { executionArnOf } from './lib/machines.ts';
import { childName, rollBackItem } from './lib/rollout/items.ts';
import { verdictOn } from './lib/rollout/judgement.ts';
import { RolloutStore } from './lib/rollout/rollout-store.ts';
import { MOST_AT_ONCE } from './lib/rollout/waves.ts';
import { runPrefix } from './lib/run-objects.ts';
import { Rollout, WaveResult, type PlannedTarget } from './lib/schemas/ami-rollout-run.ts';
import { Execution } from './lib/schemas/common.ts';
import { RefreshAsgResult, type TemplateVersions } from './lib/schemas/refresh-asg.ts';
import { task } from './lib/task.ts';

const text = z.string().check(z.minLength(1));
const { OUTPUT_BUCKET, REFRESH_STATE_MACHINE_ARN } = readEnv({ OUTPUT_BUCKET: text, REFRESH_STATE_MACHINE_ARN: text });
const [s3, sfn] = [s3Client(), sfnClient()];

/** Those are on the new AMI, wholly or in part. One that was rolled back is back already. */
const TO_GO_BACK: readonly unknown[] = ['Refreshed', 'Failed'];

const Count = z.int().check(z.minimum(0));
/** `results`: what came of the round before; null where none was. */
export const Input = z.strictObject({
  execution: Execution,
  rollout: Rollout,
  wave: Count,
  round: Count,
  results: z.nullable(z.array(WaveResult)),
});
const Ready = z.strictObject({
  status: z.literal('Ready'),
  bucket: z.string(),
  items: z.string(),
  concurrency: z.int(),
});
const Nothing = z.strictObject({ status: z.literal('Nothing') });
export const Output = z.discriminatedUnion('status', [Ready, Nothing]);
type Output = z.infer<typeof Output>;

/**
 * Says what goes back after a wave that was not good, by policy: the targets of that wave, those of all so far, or none; in
 * rounds of as many as come back at once. Keeps what came of the round before. Asked again it says the same.
 * Source: S3 GetObject, PutObject, Step Functions DescribeExecution.
 */
export const handler = task(
  { input: Input, output: Output, target: ({ rollout }) => rollout.parameter },
  async ({ execution, rollout, wave, round, results }): Promise<Output> => {
    const prefix = runPrefix(execution);
    const store = new RolloutStore(s3, { bucket: OUTPUT_BUCKET, prefix });
    if (results !== null) await store.writeRolledBack(round - 1, results.map(goneBack));
    const { planned } = await store.readPlan();
    const [ended, tried] = [await store.results(), await store.rolledBack()];
    const goesBack = ({ name, wave: own }: PlannedTarget): boolean =>
      (rollout.policy.rollBack === 'all' || own === wave) &&
      !tried.has(name) &&
      TO_GO_BACK.includes(ended.get(name)?.status);
    const targets = rollout.policy.rollBack === 'none' ? [] : planned.filter(goesBack).slice(0, MOST_AT_ONCE);
    if (targets.length === 0) return { status: 'Nothing' };
    const items = await each(targets, async (target) =>
      rollBackItem(execution, rollout, { name: target.name, previous: await previousOf(execution, target) }),
    );
    const object = await store.writeItems(`rollback-${round}`, items);
    return {
      status: 'Ready',
      bucket: OUTPUT_BUCKET,
      items: `${prefix}/${object}`,
      concurrency: rollout.policy.waves.concurrency,
    };
  },
);

/** As the report has it: a group that went back was rolled back, and one whose way back was undone has failed. */
function goneBack(result: WaveResult): WaveResult {
  if (verdictOn(result) === 'good')
    return { ...result, status: 'RolledBack', reason: 'It was put back onto what it ran before.' };
  if (result.status !== 'RolledBack') return result;
  return { ...result, status: 'Failed', reason: `Going back was itself undone: ${result.reason}` };
}

/** What the group ran right before its refresh: the plan may be days older, and somebody may have changed the group since. */
async function previousOf(execution: Execution, { name, previous }: PlannedTarget): Promise<TemplateVersions> {
  const executionArn = executionArnOf(REFRESH_STATE_MACHINE_ARN, childName(execution, name, 'refresh'));
  try {
    const { output = 'null' } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    const result = RefreshAsgResult.safeParse(JSON.parse(output));
    return result.success ? result.data.previous : previous;
  } catch (error) {
    if (error instanceof ExecutionDoesNotExist) return previous;
    throw error;
  }
}

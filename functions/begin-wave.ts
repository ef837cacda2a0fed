import * as z from './lib/zod.ts';
import { cloudWatchClient, dynamoDbClient, ssmClient } from './lib/clients.ts';
import { readEnv } from './lib/env.ts';
import { ParameterNotFound, RolloutFailed, RolloutSuperseded, StopRequested, TargetLocked } from './lib/errors.ts';
import { readExclusions } from './lib/exclusions-reader.ts';
import { assertHeld } from './lib/locks/assert-held.ts';
import { LockTable } from './lib/locks/lock-table.ts';
import { noteProgress } from './lib/result-row.ts';
import { firingAlarms } from './lib/rollout/alarms.ts';
import { readParameter } from './lib/rollout/parameter.ts';
import { orderOf, RolloutTable } from './lib/rollout/rollout-table.ts';
import { windowAt } from './lib/rollout/window.ts';
import { runPrefix } from './lib/run-objects.ts';
import { PlanSummary, Rollout } from './lib/schemas/ami-rollout-run.ts';
import { Execution, Timestamp } from './lib/schemas/common.ts';
import { RedriveCount } from './lib/schemas/lock.ts';
import { task } from './lib/task.ts';

const { LOCK_TABLE, LOCK_INDEX, OUTPUT_BUCKET, RESULT_TABLE, ROLLOUT_TABLE } = readEnv({
  LOCK_TABLE: z.string(),
  LOCK_INDEX: z.string(),
  OUTPUT_BUCKET: z.string().check(z.minLength(1)),
  RESULT_TABLE: z.string(),
  ROLLOUT_TABLE: z.string(),
});
const [cloudWatch, dynamoDb, ssm] = [cloudWatchClient(), dynamoDbClient(), ssmClient()];
const locks = new LockTable(dynamoDb, { name: LOCK_TABLE, index: LOCK_INDEX });
const table = new RolloutTable(dynamoDb, ROLLOUT_TABLE);

export const Input = z.strictObject({
  execution: Execution,
  redriveCount: RedriveCount,
  rollout: Rollout,
  plan: PlanSummary,
  wave: z.int().check(z.minimum(0)),
  now: Timestamp,
});
type Input = z.infer<typeof Input>;

const Ready = z.strictObject({
  status: z.literal('Ready'),
  items: z.string(),
  bucket: z.string(),
  concurrency: z.int(),
});
const Closed = z.strictObject({ status: z.literal('Closed'), opensAt: Timestamp, waitSeconds: z.int() });
const Stopped = z.strictObject({ status: z.literal('Stopped'), error: z.string(), cause: z.string() });
/** An alarm fires after a wave that was good: what goes back is for the policy to say. */
const Breached = z.strictObject({ status: z.literal('Breached'), reason: z.string() });
const Finished = z.strictObject({ status: z.literal('Finished') });
export const Output = z.discriminatedUnion('status', [Ready, Closed, Stopped, Breached, Finished]);
type Output = z.infer<typeof Output>;

/**
 * The safe point before each wave: says whether it may begin, for which the rollout must still be wanted and alone, the
 * exclusions readable, the window open and no alarm be firing. Throws ExclusionsUnreadable.
 * Source: SSM GetParameter, DynamoDB UpdateItem, CloudWatch DescribeAlarms.
 */
export const handler = task(
  { input: Input, output: Output, target: ({ rollout }) => rollout.parameter },
  async (input): Promise<Output> => {
    const { execution, rollout, plan, wave, now } = input;
    const row = { table: RESULT_TABLE, executionArn: execution.arn };
    const asked = await noteProgress(dynamoDb, row, progressText(input));
    if (wave === plan.waves) return { status: 'Finished' };
    const stop = asked === undefined ? await obstacle(input) : new StopRequested(asked);
    if (stop !== undefined) return stopped(stop);
    await readExclusions(ssm);
    const window = rollout.policy.window && windowAt(rollout.policy.window, now);
    if (window?.open === false) return closed(window.opensAt, now);
    const firing = await firingAlarms(cloudWatch, rollout.policy.alarms);
    if (firing.length > 0) return alarmed(wave, firing.join(', '));
    return {
      status: 'Ready',
      bucket: OUTPUT_BUCKET,
      items: `${runPrefix(execution)}/items/wave-${wave}.json`,
      concurrency: rollout.policy.waves.concurrency,
    };
  },
);

const progressText = ({ rollout, plan, wave }: Input): string =>
  `${rollout.imageId} of ${rollout.parameter}, version ${rollout.version}: ` +
  (wave === plan.waves ? `all ${plan.waves} waves are done` : `wave ${wave + 1} of ${plan.waves} begins`);

const closed = (opensAt: string, now: string): Output => ({
  status: 'Closed',
  opensAt,
  waitSeconds: Math.max(1, Math.ceil((Date.parse(opensAt) - Date.parse(now)) / 1000)),
});

/** What is in the way of going on with the rollout. */
async function obstacle(input: Input): Promise<Error | undefined> {
  const { execution, redriveCount, rollout, now } = input;
  if ((await table.want(rollout)) !== orderOf(rollout)) return superseded(input);
  const holder = { executionArn: execution.arn, redriveCount, runbook: execution.runbook };
  try {
    const { state } = await readParameter(ssm, rollout.parameter);
    if (orderOf(state) > orderOf(rollout)) return superseded(input);
    await assertHeld(locks, `ami-parameter/${rollout.parameter}`, holder, now);
  } catch (error) {
    if (!(error instanceof ParameterNotFound || error instanceof TargetLocked)) throw error;
    return error;
  }
  return undefined;
}

function alarmed(wave: number, firing: string): Output {
  if (wave > 0) return { status: 'Breached', reason: `Before wave ${wave + 1}: ${firing}.` };
  return stopped(
    new RolloutFailed(`Before anything was changed: ${firing}. Nothing is rolled out while an alarm fires.`),
  );
}

const stopped = ({ name: error, message: cause }: Error): Output => ({ status: 'Stopped', error, cause });

const superseded = ({ rollout }: Input): Error =>
  new RolloutSuperseded(`A newer version of ${rollout.parameter} than ${rollout.version} takes its place.`);

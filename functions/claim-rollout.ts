import * as z from './lib/zod.ts';
import { dynamoDbClient, sfnClient } from './lib/clients.ts';
import { readEnv } from './lib/env.ts';
import { acquireAll } from './lib/locks/acquire.ts';
import { livenessAt } from './lib/locks/is-alive.ts';
import { LockTable, type Lock } from './lib/locks/lock-table.ts';
import { waitSeconds, secondsBetween } from './lib/polling.ts';
import { orderOf, RolloutTable, type Outcome } from './lib/rollout/rollout-table.ts';
import { endWaiting } from './lib/rollout/end-waiting.ts';
import { Rollout } from './lib/schemas/ami-rollout-run.ts';
import { Execution, Timestamp } from './lib/schemas/common.ts';
import { RedriveCount } from './lib/schemas/lock.ts';
import { task } from './lib/task.ts';

const { LOCK_TABLE, LOCK_INDEX, ROLLOUT_TABLE } = readEnv({
  LOCK_TABLE: z.string(),
  LOCK_INDEX: z.string(),
  ROLLOUT_TABLE: z.string(),
});
const dynamoDb = dynamoDbClient();
const locks = new LockTable(dynamoDb, { name: LOCK_TABLE, index: LOCK_INDEX });
const table = new RolloutTable(dynamoDb, ROLLOUT_TABLE);
const sfn = sfnClient();

/** The rollout before may have a wave to finish, and a refresh may take 14 days. */
const LONGEST_SECONDS = 15 * 86_400;
const FAILED: readonly unknown[] = ['Failed', 'RolledBack'];

export const Input = z.strictObject({
  execution: Execution,
  redriveCount: RedriveCount,
  rollout: Rollout,
  startedAt: Timestamp,
  now: Timestamp,
});
type Input = z.infer<typeof Input>;

const Claimed = z.strictObject({ status: z.literal('Claimed') });
const Pending = z.strictObject({ status: z.literal('Pending'), waitSeconds: z.int(), reason: z.string() });
const Duplicate = z.strictObject({ status: z.literal('Duplicate'), reason: z.string() });
const Held = z.strictObject({ status: z.literal('Held'), reason: z.string() });
const Superseded = z.strictObject({ status: z.literal('Superseded'), reason: z.string() });
export const Output = z.discriminatedUnion('status', [Claimed, Pending, Duplicate, Held, Superseded]);
type Output = z.infer<typeof Output>;

/**
 * Claims a version of a parameter for an execution: the newest one alone, once, and one rollout of a parameter at a time. A
 * rollout that is older and waits for somebody is woken up to give way. Asked again it comes to the same.
 * Source: DynamoDB UpdateItem, Step Functions DescribeExecution, SendTaskFailure.
 */
export const handler = task(
  { input: Input, output: Output, target: ({ rollout }) => rollout.parameter },
  async (input): Promise<Output> => {
    const { rollout, execution, now } = input;
    const newest = await table.want(rollout);
    if (newest !== orderOf(rollout))
      return { status: 'Superseded', reason: `A newer version of ${rollout.parameter} is wanted (${newest}).` };
    const isAlive = livenessAt(sfn, now);
    const before = await table.outcomeOf(rollout);
    const other = before === undefined || before.executionArn === execution.arn ? undefined : before;
    const running = other?.outcome === 'Running' && (await isAlive(asLock(other)));
    const refused = other === undefined ? undefined : refusalOf(input, other, running);
    if (refused !== undefined) return refused;
    const inTheWay = await lock(input, isAlive);
    if (inTheWay !== undefined) return giveWay(input, inTheWay);
    const attempt = before === undefined ? 1 : before.attempt + (other === undefined ? 0 : 1);
    const mine = { executionArn: execution.arn, attempt, imageId: rollout.imageId, at: now };
    const late = await table.begin(rollout, mine, other);
    return late === undefined ? { status: 'Claimed' } : { status: 'Duplicate', reason: rolledBy(late) };
  },
);

/** Why a version that has been rolled out, or is being, is not rolled out again; undefined where it may be. */
function refusalOf({ rollout }: Input, other: Outcome, running: boolean): Output | undefined {
  if (running) return { status: 'Duplicate', reason: rolledBy(other) };
  const failed = FAILED.includes(other.outcome) || other.outcome === 'Running';
  if (failed && !rollout.retry)
    return {
      status: 'Held',
      reason:
        `Version ${rollout.version} of ${rollout.parameter} has failed before: ${rolledBy(other)} ` +
        'It is tried again when a new version is written, or when somebody asks for it with "retry": true.',
    };
  const asked = rollout.trigger === 'request' || failed;
  return asked || other.outcome === 'Superseded' ? undefined : { status: 'Duplicate', reason: rolledBy(other) };
}

const rolledBy = ({ executionArn, outcome, at }: Outcome): string =>
  `${executionArn} has it, with the outcome ${outcome} as of ${at}.`;

/** An outcome as far as asking goes whether its execution runs. */
const asLock = ({ executionArn, at }: Outcome): Lock => ({
  ...{ executionArn, acquiredAt: at, redriveCount: 0 },
  ...{ target: '', runbook: 'ami-rollout' },
});

function lock(
  { execution, redriveCount, rollout, now }: Input,
  isAlive: (held: Lock) => Promise<boolean>,
): Promise<Lock | undefined> {
  const holder = { executionArn: execution.arn, redriveCount, runbook: execution.runbook };
  return acquireAll(locks, [`ami-parameter/${rollout.parameter}`], { holder, now, isAlive });
}

/** What is rolled out now is older, or the same by another's request: it is told, and waited for. */
async function giveWay({ rollout, startedAt, now }: Input, { executionArn }: Lock): Promise<Output> {
  await endWaiting({ table, sfn }, executionArn, {
    error: 'Superseded',
    cause: `Version ${rollout.version} of ${rollout.parameter} takes its place.`,
  });
  const elapsedSeconds = secondsBetween(startedAt, now);
  const seconds = waitSeconds({ elapsedSeconds, deadlineSeconds: LONGEST_SECONDS });
  if (seconds === undefined)
    return { status: 'Held', reason: `${executionArn} has been rolling out an older version for too long.` };
  return { status: 'Pending', waitSeconds: seconds, reason: `Waiting for ${executionArn} to finish its wave.` };
}

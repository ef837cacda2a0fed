import * as z from './lib/zod.ts';
import { dynamoDbClient, s3Client } from './lib/clients.ts';
import { readEnv } from './lib/env.ts';
import { LockTable } from './lib/locks/lock-table.ts';
import { countsOf, countsText, targetsOf, urgentFirst } from './lib/rollout/report.ts';
import { RolloutStore } from './lib/rollout/rollout-store.ts';
import { RolloutTable, type OutcomeName } from './lib/rollout/rollout-table.ts';
import { runPrefix } from './lib/run-objects.ts';
import { Ending, PlanSummary, Rollout, type Plan, type WaveResult } from './lib/schemas/ami-rollout-run.ts';
import { AmiRolloutResult, type RolloutCounts } from './lib/schemas/ami-rollout.ts';
import { Execution, Timestamp } from './lib/schemas/common.ts';
import { RedriveCount } from './lib/schemas/lock.ts';
import { task } from './lib/task.ts';

const { LOCK_TABLE, LOCK_INDEX, OUTPUT_BUCKET, ROLLOUT_TABLE } = readEnv({
  LOCK_TABLE: z.string(),
  LOCK_INDEX: z.string(),
  OUTPUT_BUCKET: z.string().check(z.minLength(1)),
  ROLLOUT_TABLE: z.string(),
});
const dynamoDb = dynamoDbClient();
const s3 = s3Client();
const locks = new LockTable(dynamoDb, { name: LOCK_TABLE, index: LOCK_INDEX });
const table = new RolloutTable(dynamoDb, ROLLOUT_TABLE);

/** Targets that stand in the result itself. */
const MOST_TARGETS = 50;

export const Input = z.strictObject({
  execution: Execution,
  redriveCount: RedriveCount,
  rollout: Rollout,
  plan: z.nullable(PlanSummary),
  ending: Ending,
  warnings: z.array(z.string()),
  now: Timestamp,
});
type Input = z.infer<typeof Input>;

const Succeeded = z.strictObject({ status: z.literal('Succeeded'), summary: z.string(), result: AmiRolloutResult });
const Failed = z.strictObject({
  status: z.literal('Failed'),
  summary: z.string(),
  error: z.string(),
  cause: z.string(),
  result: z.nullable(AmiRolloutResult),
});
export const Output = z.discriminatedUnion('status', [Succeeded, Failed]);
type Output = z.infer<typeof Output>;

/**
 * Says what became of a rollout, for people in S3 and for later rollouts in the rollout table, and lets the next one of
 * the parameter in. Asked again it says the same. Source: S3 PutObject, DynamoDB UpdateItem, DeleteItem.
 */
export const handler = task(
  { input: Input, output: Output, target: ({ rollout }) => rollout.parameter },
  async (input): Promise<Output> => {
    const { execution, redriveCount, rollout, now } = input;
    const result = await report(input);
    const outcome = outcomeOf(input.ending, result);
    if (outcome !== undefined) await table.end(rollout, execution.arn, outcome, now);
    await table.deleteWaiting(execution.arn);
    await locks.give(`ami-parameter/${rollout.parameter}`, { executionArn: execution.arn, redriveCount });
    const summary = summaryOf(input, result);
    if ('error' in input.ending) return { status: 'Failed', summary, ...input.ending, result };
    return { status: 'Succeeded', summary, result };
  },
);

const NO_PLAN: Plan = { planned: [], others: [] };

async function report({ execution, rollout, plan, ending, warnings }: Input): Promise<AmiRolloutResult> {
  const place = { bucket: OUTPUT_BUCKET, prefix: runPrefix(execution) };
  const store = new RolloutStore(s3, place);
  const results = plan === null ? new Map<string, WaveResult>() : await store.results();
  const targets = urgentFirst(targetsOf(plan === null ? NO_PLAN : await store.readPlan(), results));
  const counts = countsOf(targets, results);
  const result: AmiRolloutResult = {
    ...{ parameter: rollout.parameter, version: rollout.version, imageId: rollout.imageId },
    status: statusOf(ending, counts),
    statusReason: 'error' in ending ? ending.cause : ending.reason,
    waves: plan?.waves ?? 0,
    ...{ counts, warnings, targets: targets.slice(0, MOST_TARGETS) },
    resultsUri: `s3://${place.bucket}/${place.prefix}/`,
  };
  await store.writeForPeople(targets, { ...result, ...('error' in ending && { error: ending.error }) });
  return result;
}

const statusOf = (ending: Ending, { failed, rolledBack }: RolloutCounts): AmiRolloutResult['status'] => {
  if ('error' in ending) return 'Failed';
  return ending.status === 'Completed' && failed + rolledBack > 0 ? 'CompletedWithFailures' : ending.status;
};

/** What later rollouts are told; undefined where this one had nothing to say about the version. */
function outcomeOf(ending: Ending, { status, counts }: AmiRolloutResult): OutcomeName | undefined {
  if ('error' in ending) {
    if (ending.error === 'Superseded' || ending.error === 'RolloutSuperseded') return 'Superseded';
    return counts.rolledBack > 0 ? 'RolledBack' : 'Failed';
  }
  return status === 'Completed' ||
    status === 'CompletedWithFailures' ||
    status === 'NothingToDo' ||
    status === 'Superseded'
    ? status
    : undefined;
}

const summaryOf = ({ rollout, ending, plan }: Input, { status, counts }: AmiRolloutResult): string => {
  const what = `${rollout.imageId} of ${rollout.parameter}, version ${rollout.version}`;
  const how = 'error' in ending ? ending.error : status;
  return `${what}: ${how}${plan === null ? '' : `; ${countsText(counts)}`}`;
};

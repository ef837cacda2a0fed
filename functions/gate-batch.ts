import * as z from './lib/zod.ts';
import { dynamoDbClient, ec2Client, s3Client, sfnClient, ssmClient } from './lib/clients.ts';
import { each } from './lib/each.ts';
import { readEnv } from './lib/env.ts';
import { ExclusionsUnreadable } from './lib/errors.ts';
import { readExclusions } from './lib/exclusions-reader.ts';
import { nextCandidates, rolledOver, type Candidates } from './lib/fleet/candidates.ts';
import { refusedByEc2, refusedBySsm, type Refused, type Rules } from './lib/fleet/gate.ts';
import { agentsOf, byIds } from './lib/fleet/instances.ts';
import { errorsLeft, judged, nextStep, stopped, type Step } from './lib/fleet/plan.ts';
import { heeding } from './lib/fleet/result-row.ts';
import { RunStore, type Target } from './lib/fleet/run-store.ts';
import { acquireEach } from './lib/locks/acquire.ts';
import { livenessAt } from './lib/locks/is-alive.ts';
import { LockTable, type Lock } from './lib/locks/lock-table.ts';
import { Execution, Timestamp } from './lib/schemas/common.ts';
import { Batch, FleetPlan, Progress } from './lib/schemas/fleet-command-run.ts';
import type { Refusal } from './lib/schemas/fleet-command.ts';
import { RedriveCount } from './lib/schemas/lock.ts';
import { task } from './lib/task.ts';

/** Machines looked at by one call, where one batch after the other has none to send to. */
const MOST_SCANNED = 500;

const { LOCK_INDEX, LOCK_TABLE, RESULT_TABLE, TAG_KEY, TAG_VALUE } = readEnv({
  LOCK_INDEX: z.string(),
  LOCK_TABLE: z.string(),
  RESULT_TABLE: z.string(),
  TAG_KEY: z.string().check(z.minLength(1)),
  TAG_VALUE: z.string(),
});
const [dynamoDb, ec2, s3, sfn, ssm] = [dynamoDbClient(), ec2Client(), s3Client(), sfnClient(), ssmClient()];
const locks = new LockTable(dynamoDb, { name: LOCK_TABLE, index: LOCK_INDEX });

export const Input = z.strictObject({
  execution: Execution,
  redriveCount: RedriveCount,
  plan: FleetPlan,
  progress: Progress,
  startedAt: Timestamp,
  now: Timestamp,
});
type Input = z.infer<typeof Input>;

const Ready = z.strictObject({ status: z.literal('Ready'), batch: Batch, progress: Progress });
const Pending = z.strictObject({ status: z.literal('Pending'), waitSeconds: z.int(), progress: Progress });
const Finished = z.strictObject({ status: z.literal('Finished'), progress: Progress });
export const Output = z.discriminatedUnion('status', [Ready, Pending, Finished]);
type Output = z.infer<typeof Output>;

/**
 * Chooses the machines of the next batch, if there is room for one: locks them, then looks at each again, under its lock, and
 * by exclusions that are read anew. `Ready`: the batch is in `progress` already, as one that may have been sent. Asked again
 * it comes to the same batch. Source: EC2 DescribeInstances, SSM DescribeInstanceInformation, DynamoDB UpdateItem.
 */
export const handler = task(
  { input: Input, output: Output, target: ({ execution }) => execution.name },
  async (input) => {
    const { execution, plan, startedAt, now } = input;
    const row = { table: RESULT_TABLE, executionArn: execution.arn };
    const progress = judged(plan, await heeding(dynamoDb, row, plan, input.progress));
    const step = nextStep(plan, progress, startedAt, now);
    if (step.next !== 'Gate') return answer(step, progress);
    try {
      const exclusions = await readExclusions(ssm);
      return await gate({ ...input, progress }, step, { tagGate: { key: TAG_KEY, value: TAG_VALUE }, exclusions });
    } catch (error) {
      if (!(error instanceof ExclusionsUnreadable)) throw error;
      const stopping = stopped(progress, 'ExclusionsUnreadable', error.message);
      return answer(nextStep(plan, stopping, startedAt, now), stopping);
    }
  },
);

function answer(step: Step, progress: Progress): Output {
  if (step.next === 'Finish') return { status: 'Finished', progress };
  return { status: 'Pending', waitSeconds: step.next === 'Wait' ? step.seconds : 0, progress };
}

/** What became of machines at the gate. */
interface Gated {
  readonly ready: readonly string[];
  readonly refusals: readonly Refusal[];
  readonly deferred: readonly string[];
}

async function gate(input: Input, { free, most }: Extract<Step, { next: 'Gate' }>, rules: Rules): Promise<Output> {
  const { plan, now } = input;
  const store = new RunStore(s3, plan);
  const refusals: Refusal[] = [];
  const deferred: Target[] = [];
  let progress: Progress = { ...input.progress, step: input.progress.step + 1, resumeAt: null };
  let candidates: Candidates | undefined;
  let ready: readonly string[] = [];
  for (let scanned = 0; scanned < MOST_SCANNED && ready.length === 0; scanned += candidates.ids.length) {
    candidates = await nextCandidates(store, progress, most);
    if (candidates === undefined) break;
    const { document, ids, after } = candidates;
    const gated = await gateOne(input, ids, rules);
    refusals.push(...gated.refusals);
    deferred.push(...gated.deferred.map((id): Target => [id, document]));
    ({ ready } = gated);
    progress = {
      ...after,
      deferred: after.deferred + gated.deferred.length,
      counts: { ...after.counts, refused: after.counts.refused + gated.refusals.length },
    };
  }
  await store.writeStep(progress.pass, progress.step, { refusals, deferred });
  progress = await rolledOver(store, plan, progress, now);
  if (candidates === undefined || ready.length === 0) return { status: 'Pending', waitSeconds: 0, progress };
  const batch: Batch = {
    number: progress.batches + 1,
    document: candidates.document,
    ids: [...ready],
    share: Math.min(free, ready.length),
    maxErrors: Math.min(errorsLeft(plan, progress), ready.length),
    attempt: candidates.attempt,
  };
  await store.writeBatch(batch.number, batch.ids);
  return { status: 'Ready', batch, progress: booked(progress, batch, now) };
}

/** The batch is on the books before it is sent, so that it is looked for whatever becomes of sending it. */
function booked(progress: Progress, { number: batch, ids: { length: size }, share }: Batch, now: string): Progress {
  const entry = {
    ...{ batch, commandId: null, size, share, sentAt: now, completed: 0, errors: 0, progressAt: now },
    ...{ stopped: false, sweptAt: null, overdueAt: null },
  };
  return { ...progress, batches: batch, active: [...progress.active, entry] };
}

/** Locks machines and looks at each under its lock; gives the locks of those back that are refused. */
async function gateOne(input: Input, ids: readonly string[], rules: Rules): Promise<Gated> {
  const { execution, redriveCount, now } = input;
  const holder = { executionArn: execution.arn, redriveCount, runbook: execution.runbook };
  const isAlive = livenessAt(sfn, now);
  const held = await acquireEach(locks, ids.map(lockOn), { holder, now, isAlive });
  const locked = ids.filter((id) => held.has(lockOn(id)));
  const ours = ids.filter((id) => !held.has(lockOn(id)));
  const refused = await refusedOf(ours, rules);
  await each([...refused.keys()], (id) => locks.give(lockOn(id), holder));
  const isLate = locked.length > 0 && tooLate(input);
  return {
    ready: ours.filter((id) => !refused.has(id)),
    deferred: isLate ? [] : locked,
    refusals: [
      ...[...refused].map(([instanceId, [reason, message]]) => ({ instanceId, reason, message })),
      ...(isLate ? locked : []).map((id) => lockedBy(id, held.get(lockOn(id)))),
    ],
  };
}

const lockOn = (id: string): string => `instance/${id}`;

const tooLate = ({ plan, progress: { lockDeadline }, now }: Input): boolean =>
  plan.lockTimeoutSeconds === 0 || (lockDeadline !== null && now >= lockDeadline);

const lockedBy = (instanceId: string, lock: Lock | undefined): Refusal => ({
  instanceId,
  reason: 'TargetLocked',
  message:
    `It is locked by an execution of ${lock?.runbook ?? 'a runbook'} since ${lock?.acquiredAt ?? 'a moment ago'}. ` +
    `To look at it: aws stepfunctions describe-execution --execution-arn ${lock?.executionArn ?? ''}`,
});

async function refusedOf(ids: readonly string[], rules: Rules): Promise<Map<string, NonNullable<Refused>>> {
  if (ids.length === 0) return new Map();
  const instances = new Map((await byIds(ec2, ids)).map((instance) => [instance.InstanceId ?? '', instance]));
  const agents = await agentsOf(ssm, ids);
  return new Map(
    ids.flatMap((id) => {
      const refused = refusedByEc2(instances.get(id), rules) ?? refusedBySsm(agents.get(id));
      return refused === undefined ? [] : [[id, refused] as const];
    }),
  );
}

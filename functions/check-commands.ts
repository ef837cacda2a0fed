import type { Command } from '@aws-sdk/client-ssm';
import * as z from './lib/zod.ts';
import { dynamoDbClient, s3Client, ssmClient } from './lib/clients.ts';
import { each } from './lib/each.ts';
import { optionalText, readEnv } from './lib/env.ts';
import { callBack, commandsOf, hasEnded, invocationsOf, lostCommands } from './lib/fleet/follow.ts';
import { judged, nextStep } from './lib/fleet/plan.ts';
import { heeding } from './lib/fleet/result-row.ts';
import { RunStore } from './lib/fleet/run-store.ts';
import { takeIn, withTakenIn } from './lib/fleet/take-in.ts';
import { LockTable } from './lib/locks/lock-table.ts';
import { PROPAGATION_SECONDS, secondsBetween } from './lib/polling.ts';
import { Execution, Timestamp } from './lib/schemas/common.ts';
import { FleetPlan, Progress, type Active } from './lib/schemas/fleet-command-run.ts';
import { RedriveCount } from './lib/schemas/lock.ts';
import { task } from './lib/task.ts';

/** Commands taken in by one call; the next one takes in more. */
const MOST_TAKEN_IN = 20;
/** A command whose answer was lost is looked for so long: a call that was held up may come after SendState's time-out. */
const LOOKING_SECONDS = 2 * PROPAGATION_SECONDS;
/** An agent that is online fetches a command within seconds. */
const DELIVERY_SECONDS = 600;
const SWEEP_AGAIN_SECONDS = 3600;
/** The agent ends the script at its deadline; a machine that is this much later will not end by itself. */
const GRACE_SECONDS = 120;
/** How long machines have to obey when they are called back. */
const OBEYING_SECONDS = 60;

const { LOCK_INDEX, LOCK_TABLE, OUTPUT_KEY_PREFIX, RESULT_TABLE } = readEnv({
  LOCK_INDEX: z.string(),
  LOCK_TABLE: z.string(),
  OUTPUT_KEY_PREFIX: optionalText,
  RESULT_TABLE: z.string(),
});
const [dynamoDb, s3, ssm] = [dynamoDbClient(), s3Client(), ssmClient()];
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

/** `Room`: another batch may be gated. */
const Room = z.strictObject({ status: z.literal('Room'), progress: Progress });
const Pending = z.strictObject({ status: z.literal('Pending'), waitSeconds: z.int(), progress: Progress });
const Finished = z.strictObject({ status: z.literal('Finished'), progress: Progress });
export const Output = z.discriminatedUnion('status', [Room, Pending, Finished]);
type Output = z.infer<typeof Output>;

/**
 * Says how far all commands of a run have got, in one look at all of them. Takes in what has ended, gives its locks back,
 * calls back what should not begin any more or does not end, and writes the result row. Asked again it does no harm.
 * Source: SSM ListCommands, ListCommandInvocations, CancelCommand.
 */
export const handler = task(
  { input: Input, output: Output, target: ({ execution }) => execution.name },
  async (input): Promise<Output> => {
    const { execution, plan, startedAt, now } = input;
    const seen = await look(input);
    const { progress: taken, more } = await takeInEnded(input, seen);
    const row = { table: RESULT_TABLE, executionArn: execution.arn };
    const heeded = judged(plan, await heeding(dynamoDb, row, plan, taken));
    const active = await each(heeded.active, (entry) => calledBack(entry, heeded, input));
    const progress = { ...heeded, active, looks: heeded.looks + 1 };
    const step = nextStep(plan, progress, startedAt, now);
    if (step.next === 'Finish') return { status: 'Finished', progress };
    if (step.next === 'Gate') return { status: 'Room', progress };
    return { status: 'Pending', waitSeconds: more ? 0 : step.seconds, progress };
  },
);

interface Seen {
  readonly progress: Progress;
  /** Batches whose command has ended, or is given up. */
  readonly over: ReadonlySet<number>;
}

/** Finds what is lost and reads how far each command has got. */
async function look({ execution, progress, now }: Input): Promise<Seen> {
  const found = await lostCommands(ssm, execution.arn, progress.active);
  const named = progress.active.map((entry) => ({
    ...entry,
    commandId: entry.commandId ?? found.get(entry.batch) ?? null,
  }));
  const commands = await commandsOf(ssm, named);
  const active = named.map((entry) => updated(entry, commands.get(entry.commandId ?? ''), now));
  const over = active.filter((entry) => isOver(entry, commands.get(entry.commandId ?? ''), now));
  return { progress: { ...progress, active }, over: new Set(over.map(({ batch }) => batch)) };
}

function updated(entry: Active, command: Command | undefined, now: string): Active {
  if (command === undefined) return entry;
  const { CompletedCount: completed = 0, ErrorCount = 0, DeliveryTimedOutCount = 0 } = command;
  const progressAt = completed === entry.completed ? entry.progressAt : now;
  return { ...entry, completed, errors: ErrorCount + DeliveryTimedOutCount, progressAt };
}

function isOver({ commandId, overdueAt, sentAt }: Active, command: Command | undefined, now: string): boolean {
  if (commandId === null) return secondsBetween(sentAt, now) >= LOOKING_SECONDS;
  if (command !== undefined && hasEnded(command)) return true;
  return overdueAt !== null && secondsBetween(overdueAt, now) >= OBEYING_SECONDS;
}

/** Takes what is over off the books, as much of it as one call has time for. */
async function takeInEnded(
  { execution, redriveCount, plan, now }: Input,
  { progress, over }: Seen,
): Promise<{ progress: Progress; more: boolean }> {
  const outputs = `s3://${[plan.bucket, OUTPUT_KEY_PREFIX].filter((part) => part !== undefined).join('/')}`;
  const surroundings = { ssm, store: new RunStore(s3, plan), outputs, now };
  const holder = { executionArn: execution.arn, redriveCount };
  let { counts, active } = progress;
  for (const entry of active.filter(({ batch }) => over.has(batch)).slice(0, MOST_TAKEN_IN)) {
    const taken = await takeIn(entry, surroundings);
    if (taken === undefined) continue;
    await each(taken.ids, (id) => locks.give(`instance/${id}`, holder));
    counts = withTakenIn(counts, taken);
    active = active.filter(({ batch }) => batch !== entry.batch);
  }
  return { progress: { ...progress, counts, active }, more: over.size > MOST_TAKEN_IN };
}

/** Calls back what should not begin any more, was not fetched, or does not end. */
async function calledBack(entry: Active, { stop }: Progress, { plan, now }: Input): Promise<Active> {
  const { commandId, progressAt, overdueAt, sweptAt } = entry;
  if (commandId === null) return entry;
  const idle = secondsBetween(progressAt, now);
  if (overdueAt === null && idle >= plan.timeoutSeconds + GRACE_SECONDS) {
    await callBack(ssm, commandId);
    return { ...entry, overdueAt: now };
  }
  if (stop !== null && !entry.stopped) return stoppedOn(entry, commandId, now);
  const swept = sweptAt === null || sweptAt < progressAt ? Infinity : secondsBetween(sweptAt, now);
  if (idle < DELIVERY_SECONDS || swept < SWEEP_AGAIN_SECONDS) return entry;
  await callBack(ssm, commandId, idsOf(await invocationsOf(ssm, commandId, { status: 'Delayed' })));
  return { ...entry, sweptAt: now };
}

/** Nothing begins any more; what has begun goes on to its end. */
async function stoppedOn(entry: Active, commandId: string, now: string): Promise<Active> {
  const invocations = await invocationsOf(ssm, commandId);
  // Just after SendCommand SSM may not show them.
  if (invocations.length < entry.size && secondsBetween(entry.sentAt, now) < PROPAGATION_SECONDS) return entry;
  await callBack(
    ssm,
    commandId,
    idsOf(invocations.filter(({ Status }) => Status === 'Pending' || Status === 'Delayed')),
  );
  return { ...entry, stopped: true };
}

const idsOf = (invocations: readonly { readonly InstanceId?: string | undefined }[]): string[] =>
  invocations.flatMap(({ InstanceId }) => InstanceId ?? []);

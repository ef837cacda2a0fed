import type { SSMClient } from '@aws-sdk/client-ssm';
import { PROPAGATION_SECONDS, secondsBetween } from '../polling.ts';
import type { Refusal } from '../schemas/fleet-command.ts';
import type { Active, Counts, ResultLine } from '../schemas/fleet-command-run.ts';
import { counted } from './counts.ts';
import { invocationsOf } from './follow.ts';
import { lineOf, lostLine, statusOf } from './outcome.ts';
import type { RunStore } from './run-store.ts';

/** What a command came to, machine by machine. */
export interface TakenIn {
  readonly ids: readonly string[];
  readonly lines: readonly ResultLine[];
  readonly refusals: readonly Refusal[];
}

interface Surroundings {
  readonly ssm: SSMClient;
  readonly store: RunStore;
  /** The S3 folder of all outputs. */
  readonly outputs: string;
  readonly now: string;
}

/**
 * Reads what a command came to and writes it to S3: a line for each machine of its batch. Undefined where SSM does not show
 * all of them yet; a minute after it was sent, those are taken for lost.
 */
export async function takeIn(active: Active, { ssm, store, outputs, now }: Surroundings): Promise<TakenIn | undefined> {
  const { batch, commandId, sentAt } = active;
  const ids = await store.readBatch(batch);
  const invocations = commandId === null ? [] : await invocationsOf(ssm, commandId, { Details: true });
  if (invocations.length < ids.length && secondsBetween(sentAt, now) < PROPAGATION_SECONDS) return undefined;
  const shown = new Set(invocations.map(({ InstanceId }) => InstanceId));
  const lines: ResultLine[] = ids.filter((id) => !shown.has(id)).map((id) => lostLine(id, active));
  const refusals: Refusal[] = [];
  for (const invocation of invocations) {
    const status = statusOf(invocation, active);
    if (status === undefined) refusals.push(refusalOf(invocation.InstanceId ?? ''));
    else lines.push(lineOf(invocation, status, { batch, outputs }));
  }
  await store.writeResults(batch, lines);
  await store.writeRefusals(batch, refusals);
  return { ids, lines, refusals };
}

const refusalOf = (instanceId: string): Refusal => ({
  instanceId,
  reason: 'TargetNotAllowed',
  message: 'SSM reports AccessDenied for it: it may have lost its tag right before the command was sent',
});

/** The counts with what a command came to. */
export const withTakenIn = (counts: Counts, { lines, refusals }: TakenIn): Counts =>
  counted(counts, [...lines.map(({ status }) => status), ...refusals.map(() => 'refused' as const)]);

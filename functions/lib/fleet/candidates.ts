import { later } from '../polling.ts';
import type { SsmDocument } from '../schemas/common.ts';
import type { FleetPlan, Progress } from '../schemas/fleet-command-run.ts';
import type { RunStore, Target } from './run-store.ts';

const FIRST_DELAY_SECONDS = 30;
const LONGEST_DELAY_SECONDS = 600;

/** Machines of one document whose turn it is. */
export interface Candidates {
  readonly document: SsmDocument;
  readonly ids: readonly string[];
  /** How often they were refused as a whole before. */
  readonly attempt: number;
  /** The progress once they have been gated. */
  readonly after: Progress;
}

/** Whose turn it is: batches that were refused as a whole first, then the pass. Undefined where nobody is left. */
export async function nextCandidates(
  store: RunStore,
  progress: Progress,
  most: number,
): Promise<Candidates | undefined> {
  const { queue, pass, cursor, length } = progress;
  const [waiting, ...others] = queue;
  if (waiting !== undefined) {
    const [ids, rest] = [waiting.ids.slice(0, most), waiting.ids.slice(most)];
    const left = rest.length === 0 ? others : [{ ...waiting, ids: rest }, ...others];
    return { ...waiting, ids, after: { ...progress, queue: left } };
  }
  if (cursor >= length) return undefined;
  const targets = await store.readTargets(pass, cursor, Math.min(most, length - cursor));
  const [first] = targets;
  if (first === undefined) throw new Error(`pass ${pass} has no machine ${cursor} of ${length}`);
  return {
    document: first[1],
    ids: targets.map(([id]) => id),
    attempt: 0,
    after: { ...progress, cursor: cursor + targets.length },
  };
}

/** Begins the next pass where this one is through and left machines that were locked. */
export async function rolledOver(
  store: RunStore,
  { lockTimeoutSeconds }: FleetPlan,
  progress: Progress,
  now: string,
): Promise<Progress> {
  const { pass, cursor, length, deferred } = progress;
  if (cursor < length || deferred === 0) return progress;
  const again = byDocument(await store.allDeferred(pass));
  await store.writeTargets(pass + 1, again);
  const lockDeadline = progress.lockDeadline ?? later(now, lockTimeoutSeconds);
  const delay = Math.min(FIRST_DELAY_SECONDS * 2 ** (pass - 1), LONGEST_DELAY_SECONDS);
  const next = later(now, delay);
  return {
    ...progress,
    pass: pass + 1,
    cursor: 0,
    length: again.length,
    deferred: 0,
    lockDeadline,
    resumeAt: next < lockDeadline ? next : lockDeadline,
  };
}

const byDocument = (targets: readonly Target[]): Target[] =>
  [...targets].sort(([idA, a], [idB, b]) => (a === b ? (idA < idB ? -1 : 1) : a < b ? 1 : -1));

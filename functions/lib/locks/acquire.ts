import { each } from '../each.ts';
import type { Holder, Lock, Locks } from './lock-table.ts';

/** How often a lock that changes hands under our eyes is tried for. */
const ATTEMPTS = 3;

export interface Acquisition {
  readonly holder: Holder;
  /** ISO 8601. */
  readonly now: string;
  /** Whether the holder of a lock runs. */
  readonly isAlive: (lock: Lock) => Promise<boolean>;
}

/**
 * Takes all of the locks or none, in sorted order. Answers with the lock that stands in the way, or with undefined: the
 * holder has them all. Throws where a lock keeps changing hands, which is worth another attempt.
 */
export async function acquireAll(
  locks: Locks,
  targets: readonly string[],
  acquisition: Acquisition,
): Promise<Lock | undefined> {
  const taken: string[] = [];
  for (const target of [...targets].sort()) {
    const inTheWay = await acquire(locks, target, acquisition);
    if (inTheWay !== undefined) {
      for (const each of taken) await locks.give(each, acquisition.holder);
      return inTheWay;
    }
    taken.push(target);
  }
  return undefined;
}

/** Takes each of the locks that can be taken. Answers with those that stand in the way, by target. */
export async function acquireEach(
  locks: Locks,
  targets: readonly string[],
  acquisition: Acquisition,
): Promise<ReadonlyMap<string, Lock>> {
  const held = await each(targets, (target) => acquire(locks, target, acquisition));
  return new Map(held.flatMap((lock) => (lock === undefined ? [] : [[lock.target, lock] as const])));
}

/** Takes one lock, from a holder that no longer runs if need be. */
async function acquire(locks: Locks, target: string, { holder, now, isAlive }: Acquisition): Promise<Lock | undefined> {
  let dead: Lock | undefined;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const held = await locks.take(target, holder, now, dead);
    // What the same execution holds and does not give is a later redrive's.
    if (held === undefined || held.executionArn === holder.executionArn || (await isAlive(held))) return held;
    dead = held;
  }
  throw new Error(`${target} changed hands ${ATTEMPTS} times while it was being locked`);
}

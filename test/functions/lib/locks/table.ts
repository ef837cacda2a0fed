import type { Holder, Lock, Locks } from '../../../../functions/lib/locks/lock-table.ts';

/** Lets others have their turn, as each call of a real table does. */
export type Turn = () => Promise<void>;

/** A lock table in memory with the conditions that `LockTable` states; each write is one step, and steps may interleave. */
export class MemoryTable implements Locks {
  readonly locks = new Map<string, Lock>();
  readonly #turn: Turn;

  constructor(turn: Turn = () => Promise.resolve()) {
    this.#turn = turn;
  }

  async take(target: string, holder: Holder, now: string, from?: Lock): Promise<Lock | undefined> {
    await this.#turn();
    const held = this.locks.get(target);
    const same = held?.executionArn === from?.executionArn && held?.redriveCount === from?.redriveCount;
    if (held !== undefined && !isOwn(held, holder) && !same) return held;
    this.locks.set(target, { ...holder, target, acquiredAt: now });
    return undefined;
  }

  async give(target: string, holder: Omit<Holder, 'runbook'>): Promise<void> {
    await this.#turn();
    const held = this.locks.get(target);
    if (held !== undefined && isOwn(held, holder)) this.locks.delete(target);
  }

  async *heldBy(executionArn: string): AsyncGenerator<string> {
    await this.#turn();
    for (const lock of [...this.locks.values()]) if (lock.executionArn === executionArn) yield lock.target;
  }
}

const isOwn = (held: Lock, { executionArn, redriveCount }: Omit<Holder, 'runbook'>): boolean =>
  held.executionArn === executionArn && held.redriveCount <= redriveCount;

import { BaseClock } from './base-clock.ts';
import type { Scope } from './clock.ts';

const LONGEST_TIMEOUT = 2 ** 31 - 1;

/** Wall-clock time, for people. */
export class RealClock extends BaseClock {
  readonly #pending = new Set<NodeJS.Timeout>();

  now(): number {
    return Date.now();
  }

  schedule(at: number, task: () => void | Promise<void>): () => void {
    let timer: NodeJS.Timeout;
    const arm = () => {
      timer = setTimeout(fire, Math.max(0, Math.min(at - this.now(), LONGEST_TIMEOUT)));
      this.#pending.add(timer);
    };
    const fire = () => {
      this.#pending.delete(timer);
      if (at > this.now()) arm();
      else void task();
    };
    arm();
    return () => {
      clearTimeout(timer);
      this.#pending.delete(timer);
    };
  }

  during<T>(work: () => Promise<T>): Promise<T> {
    return work();
  }

  /** A rejection is left unhandled on purpose: it ends the process with its message. */
  spawn(work: () => Promise<void>): void {
    void work();
  }

  outside<T>(awaited: Promise<T>): Promise<T> {
    return awaited;
  }

  scope(): Scope | undefined {
    return undefined;
  }

  /** Cancels everything that is still to come, so that the process can end. */
  stop(): void {
    for (const timer of this.#pending) clearTimeout(timer);
    this.#pending.clear();
  }
}

import type { Clock, Scope } from './clock.ts';

/** What the real and the virtual clock share: sleeping by scheduling. */
export abstract class BaseClock implements Clock {
  readonly shared?: SharedArrayBuffer;
  abstract now(): number;
  abstract schedule(at: number, task: () => void | Promise<void>): () => void;
  abstract during<T>(work: () => Promise<T>, parent?: Scope): Promise<T>;
  abstract spawn(work: () => Promise<void>): void;
  abstract outside<T>(awaited: Promise<T>): Promise<T>;
  abstract scope(): Scope | undefined;

  recur(at: number, task: () => void | Promise<void>): () => void {
    return this.schedule(at, task);
  }

  date(): Date {
    return new Date(this.now());
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return this.outside(this.#timer(milliseconds, signal));
  }

  #timer(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const rejected = () => reject(signal?.reason instanceof Error ? signal.reason : new Error('sleep aborted'));
      if (signal?.aborted === true) {
        rejected();
        return;
      }
      const abort = () => {
        cancel();
        rejected();
      };
      const cancel = this.schedule(this.now() + milliseconds, () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      });
      signal?.addEventListener('abort', abort, { once: true });
    });
  }
}

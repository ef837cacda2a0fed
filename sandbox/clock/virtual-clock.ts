import { AsyncLocalStorage } from 'node:async_hooks';
import { BaseClock } from './base-clock.ts';
import type { Scope } from './clock.ts';
import { TimerHeap, type Timer } from './timer-heap.ts';

const DEFAULT_START = Date.UTC(2026, 0, 5, 9, 0, 0);
const macrotask = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** In flight while it is open and no part of it sleeps. */
class Work implements Scope {
  readonly parent: Work | undefined;
  open = true;
  sleepers = 0;

  constructor(parent: Work | undefined) {
    this.parent = parent;
  }

  get inFlight(): boolean {
    return this.open && this.sleepers === 0;
  }
}

/** Virtual time: it moves only when nothing is in flight, and then straight to the next timer. */
export class VirtualClock extends BaseClock {
  readonly #timers = new TimerHeap();
  readonly #context = new AsyncLocalStorage<Work | undefined>();
  /** Holds `now`, as one float of 64 bits. */
  override readonly shared = new SharedArrayBuffer(8);
  readonly #clock = new Float64Array(this.shared);
  #order = 0;
  /** Timers that are still to come and do not merely recur. */
  #awaited = 0;
  #inFlight = 0;
  #idleWaiters: (() => void)[] = [];
  #failure: { readonly error: unknown } | undefined;

  constructor(start: number = DEFAULT_START) {
    super();
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  get #now(): number {
    return this.#clock[0] ?? 0;
  }

  set #now(milliseconds: number) {
    this.#clock[0] = milliseconds;
  }

  schedule(at: number, task: () => void | Promise<void>): () => void {
    let waiting = true;
    const over = (): void => {
      if (waiting) this.#awaited--;
      waiting = false;
    };
    this.#awaited++;
    const cancel = this.recur(at, () => {
      over();
      return task();
    });
    return () => {
      over();
      cancel();
    };
  }

  override recur(at: number, task: () => void | Promise<void>): () => void {
    const timer: Timer = { at: Math.max(at, this.#now), order: this.#order++, task, cancelled: false };
    this.#timers.push(timer);
    return () => {
      timer.cancelled = true;
    };
  }

  async during<T>(work: () => Promise<T>, parent: Scope | undefined = this.scope()): Promise<T> {
    const scope = new Work(parent as Work | undefined);
    this.#inFlight++;
    try {
      return await this.#context.run(scope, work);
    } finally {
      this.#change(scope, () => (scope.open = false));
    }
  }

  spawn(work: () => Promise<void>): void {
    this.#context.run(undefined, () => this.during(work)).catch((error: unknown) => (this.#failure ??= { error }));
  }

  async outside<T>(awaited: Promise<T>): Promise<T> {
    const chain: Work[] = [];
    for (let scope = this.#context.getStore(); scope !== undefined; scope = scope.parent) chain.push(scope);
    for (const scope of chain) this.#change(scope, () => scope.sleepers++);
    try {
      return await awaited;
    } finally {
      for (const scope of chain) this.#change(scope, () => scope.sleepers--);
    }
  }

  scope(): Scope | undefined {
    return this.#context.getStore();
  }

  /**
   * Moves time on until `done()` holds, nothing is left to wait for, or the next timer lies beyond `until` (epoch
   * milliseconds). Returns whether `done()` holds. An error thrown by a timer's task or by spawned work is thrown here.
   */
  async runUntil(done: () => boolean, until = Number.POSITIVE_INFINITY): Promise<boolean> {
    for (;;) {
      await this.#settled();
      if (done()) return true;
      const timer = this.#timers.pop();
      if (timer === undefined) return false;
      if (timer.at > until) {
        this.#timers.push(timer);
        this.#now = Math.max(this.#now, until);
        return false;
      }
      this.#now = timer.at;
      this.spawn(async () => timer.task());
    }
  }

  /**
   * Moves time on until nothing is left to wait for but what recurs, or the next timer lies beyond `until`. `look` is called
   * whenever everything is still: after each thing that happened, and before the next.
   */
  async runUntilQuiet(until: number, look?: () => void): Promise<void> {
    await this.runUntil(() => {
      look?.();
      return this.#awaited === 0;
    }, until);
  }

  /** Moves time on by so many milliseconds. */
  async runFor(milliseconds: number): Promise<void> {
    const until = this.#now + milliseconds;
    await this.runUntil(() => false, until);
    this.#now = Math.max(this.#now, until);
  }

  /** Resolves when nothing is in flight and no promise callback is left to run. */
  async #settled(): Promise<void> {
    do {
      if (this.#inFlight > 0) await new Promise<void>((resolve) => this.#idleWaiters.push(resolve));
      await macrotask();
      if (this.#failure !== undefined) throw this.#failure.error;
    } while (this.#inFlight > 0);
  }

  /** Applies a change to a piece of work and keeps the count of what is in flight. */
  #change(scope: Work, change: () => void): void {
    const before = scope.inFlight;
    change();
    if (before === scope.inFlight) return;
    this.#inFlight += scope.inFlight ? 1 : -1;
    if (this.#inFlight > 0) return;
    const waiters = this.#idleWaiters;
    this.#idleWaiters = [];
    for (const resolve of waiters) resolve();
  }
}

/** A piece of work in flight, and the work it is part of. Opaque outside clock/. */
export interface Scope {
  readonly parent: Scope | undefined;
}

/**
 * Time as the sandbox sees it. Everything that waits, waits here; nothing else in sandbox/ calls setTimeout or Date.now.
 * Virtual time stands still while any work is in flight, and a piece of work is not in flight while it sleeps.
 */
export interface Clock {
  /** Virtual time as worker threads read it (milliseconds, one Float64); absent where time is real. */
  readonly shared?: SharedArrayBuffer;
  /** Milliseconds since the epoch. */
  now(): number;
  date(): Date;
  /** Runs `task` once at `at` (epoch milliseconds; the past means as soon as possible). Returns what cancels it. */
  schedule(at: number, task: () => void | Promise<void>): () => void;
  /** The same for what comes again and again, a recurring schedule: virtual time does not wait for it (`runUntilQuiet`). */
  recur(at: number, task: () => void | Promise<void>): () => void;
  /** Resolves after so many milliseconds, or rejects with the signal's reason when it aborts first. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** Runs work and counts it as in flight; within `parent` where it came by another way than a plain call (HTTP). */
  during<T>(work: () => Promise<T>, parent?: Scope): Promise<T>;
  /** Starts work of its own, not part of the caller's. Its rejection ends the run: nothing is swallowed. */
  spawn(work: () => Promise<void>): void;
  /** Awaits what other work brings about in its own time: the caller is not in flight meanwhile. */
  outside<T>(awaited: Promise<T>): Promise<T>;
  /** The work that the caller is part of, to be handed to `during` as parent. */
  scope(): Scope | undefined;
}

import * as timers from 'node:timers';
import * as timersPromises from 'node:timers/promises';
import { promisify } from 'node:util';

type Task = () => void;

/** What setTimeout gives: as much of NodeJS.Timeout as libraries use. */
class VirtualTimeout {
  readonly id: number;
  readonly interval: number | undefined;
  readonly task: Task;
  readonly #owner: VirtualTimers;
  readonly #delay: number;
  at: number;
  #ref = true;

  constructor(owner: VirtualTimers, id: number, delay: number, repeats: boolean, task: Task) {
    this.#owner = owner;
    this.id = id;
    this.#delay = delay;
    this.interval = repeats ? delay : undefined;
    this.task = task;
    this.at = owner.now() + delay;
  }

  ref(): this {
    this.#ref = true;
    return this;
  }

  unref(): this {
    this.#ref = false;
    return this;
  }

  hasRef(): boolean {
    return this.#ref;
  }

  refresh(): this {
    this.at = this.#owner.now() + this.#delay;
    return this;
  }

  close(): this {
    this.#owner.clear(this);
    return this;
  }

  [Symbol.toPrimitive](): number {
    return this.id;
  }

  [Symbol.dispose](): void {
    this.#owner.clear(this);
  }
}

const LONGEST_DELAY = 2 ** 31 - 1;

/** Timers of virtual time: they wait until the event loop has nothing else to do, then fire one by one. */
export class VirtualTimers {
  readonly now: () => number;
  readonly #pending = new Map<number, VirtualTimeout>();
  #nextId = 1;

  constructor(now: () => number) {
    this.now = now;
  }

  set(task: Task, delay: unknown, repeats = false): VirtualTimeout {
    const milliseconds = Number(delay);
    const within = milliseconds >= 1 && milliseconds <= LONGEST_DELAY ? Math.trunc(milliseconds) : 1;
    const timeout = new VirtualTimeout(this, this.#nextId++, within, repeats, task);
    this.#pending.set(timeout.id, timeout);
    return timeout;
  }

  clear(timeout: unknown): void {
    const id = timeout instanceof VirtualTimeout ? timeout.id : Number(timeout);
    this.#pending.delete(id);
  }

  /** When the next timer is due; undefined when none would keep a process alive. */
  due(): number | undefined {
    const waiting = [...this.#pending.values()];
    return waiting.some((timeout) => timeout.hasRef()) ? Math.min(...waiting.map(({ at }) => at)) : undefined;
  }

  /** Fires the earliest timer; of several at the same time the one that was set first. */
  fireNext(): void {
    let first: VirtualTimeout | undefined;
    for (const timeout of this.#pending.values()) if (first === undefined || timeout.at < first.at) first = timeout;
    if (first === undefined) return;
    if (first.interval === undefined) this.#pending.delete(first.id);
    else first.at = this.now() + first.interval;
    first.task();
  }

  /** Puts these timers in the place of Node's. setImmediate stays: it does not wait. */
  install(): void {
    const set =
      (repeats: boolean) =>
      (callback: (...args: unknown[]) => void, delay?: unknown, ...args: unknown[]) =>
        this.set(() => callback(...args), delay, repeats);
    const wait = (delay?: number, value?: unknown, options?: { signal?: AbortSignal }) =>
      this.#wait(delay, value, options);
    const setTimeout = Object.assign(set(false), { [promisify.custom]: wait });
    const clear = (timeout: unknown): void => this.clear(timeout);
    const replaced = { setTimeout, setInterval: set(true), clearTimeout: clear, clearInterval: clear };
    Object.assign(globalThis, replaced);
    Object.assign(mutable(timers), replaced);
    Object.assign(mutable(timersPromises), { setTimeout: wait });
    Object.assign(timersPromises.scheduler, { wait });
    AbortSignal.timeout = (delay) => this.#timeoutSignal(delay);
  }

  async #wait(delay?: number, value?: unknown, { signal }: { signal?: AbortSignal } = {}): Promise<unknown> {
    signal?.throwIfAborted();
    return new Promise((resolve, reject) => {
      const abort = () => {
        timeout.close();
        reject(signal?.reason as Error);
      };
      const timeout = this.set(() => {
        signal?.removeEventListener('abort', abort);
        resolve(value);
      }, delay);
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  #timeoutSignal(delay: number): AbortSignal {
    const controller = new AbortController();
    const reason = new DOMException('The operation was aborted due to timeout', 'TimeoutError');
    this.set(() => controller.abort(reason), delay).unref();
    return controller.signal;
  }
}

/** The CommonJS exports behind a built-in module's namespace. */
const mutable = (namespace: object): object => (namespace as { default: object }).default;

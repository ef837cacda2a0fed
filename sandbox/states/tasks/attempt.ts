import type { Clock } from '../../clock/clock.ts';
import { StateFailure } from '../failure.ts';

/** One attempt at a task: ended by its own limits of time, or with the line of states that it is part of. */
export class Attempt {
  readonly #clock: Clock;
  readonly #outer: AbortSignal;
  readonly #controller = new AbortController();
  readonly #cancels = new Map<string, () => void>();
  readonly #follow = () => this.#controller.abort(this.#outer.reason);

  constructor(clock: Clock, outer: AbortSignal) {
    this.#clock = clock;
    this.#outer = outer;
    if (outer.aborted) this.#follow();
    outer.addEventListener('abort', this.#follow, { once: true });
  }

  /** Fails the attempt with States.Timeout after so many seconds; a second call for the same limit begins it anew. */
  limit(name: 'timeout' | 'heartbeat', seconds: number | undefined): void {
    if (seconds === undefined) return;
    this.#cancels.get(name)?.();
    const aliases = name === 'heartbeat' ? ['States.HeartbeatTimeout'] : [];
    const expire = () => this.#controller.abort(new StateFailure('States.Timeout', undefined, aliases));
    this.#cancels.set(name, this.#clock.schedule(this.#clock.now() + seconds * 1000, expire));
  }

  /** The work's result, unless the attempt ends first; then what the work still brings is nobody's. */
  async race<T>(work: Promise<T>): Promise<T> {
    const { signal } = this.#controller;
    const { promise, reject } = Promise.withResolvers<never>();
    const abandon = () => reject(signal.reason as Error);
    signal.addEventListener('abort', abandon, { once: true });
    if (signal.aborted) abandon();
    try {
      return await Promise.race([work, promise]);
    } finally {
      signal.removeEventListener('abort', abandon);
    }
  }

  end(): void {
    for (const cancel of this.#cancels.values()) cancel();
    this.#outer.removeEventListener('abort', this.#follow);
  }
}

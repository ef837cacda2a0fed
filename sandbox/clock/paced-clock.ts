import { setTimeout as sleep } from 'node:timers/promises';
import { VirtualClock } from './virtual-clock.ts';

/** How often time moves on: the longest that a request waits for a timer which is due. */
const TICK_MILLISECONDS = 10;

/** What the pace is taken from: the host's time. */
export interface Host {
  now(): number;
  sleep(milliseconds: number): Promise<unknown>;
}

const HOST: Host = { now: () => Date.now(), sleep };

/**
 * Virtual time for people: it begins with the host's and moves on so many times as fast, for as long as `run` runs. It stands still
 * while work is in flight and makes up for that afterwards, so that no time-out ends what only the host's processor is slow to do.
 */
export class PacedClock extends VirtualClock {
  readonly #speed: number;
  readonly #host: Host;
  #running = true;

  constructor(speed: number, host: Host = HOST) {
    super(host.now());
    this.#speed = speed;
    this.#host = host;
  }

  /** Moves time on until `stop` is called. Rejects with the error of a timer's task or of spawned work. */
  async run(): Promise<void> {
    const [from, began] = [this.now(), this.#host.now()];
    while (this.#running) {
      await this.runUntil(() => !this.#running, from + (this.#host.now() - began) * this.#speed);
      await this.#host.sleep(TICK_MILLISECONDS);
    }
  }

  stop(): void {
    this.#running = false;
  }
}

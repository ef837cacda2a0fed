/** When a group has to be looked at again although nothing happens: the earliest of what is asked for. */
export class Wake {
  readonly now: number;
  #at: number | undefined;

  constructor(now: number) {
    this.now = now;
  }

  /** Asks for a time; one that has passed is none. */
  by(time: number): void {
    if (time > this.now && Number.isFinite(time)) this.#at = Math.min(time, this.#at ?? time);
  }

  get at(): number | undefined {
    return this.#at;
  }
}

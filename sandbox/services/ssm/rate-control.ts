/** A MaxConcurrency or MaxErrors as a number: as it stands, or a percentage of the targets, rounded down. */
export const rateLimit = (text: string, targets: number): number =>
  text.endsWith('%') ? Math.floor((Number(text.slice(0, -1)) * targets) / 100) : Number(text);

/**
 * How many invocations of a command may be under way (Systems Manager user guide, Run commands at scale).
 *
 * The guide: the command goes to one node; when that invocation is complete, to two more, and on exponentially until
 * MaxConcurrency is met. Once more invocations have failed than MaxErrors, it goes to no further node.
 *
 * Chosen, where the guide is silent: each invocation that ends, however it ends, lets one more be under way, which doubles
 * them from round to round; a percentage is rounded down, and MaxConcurrency is at least 1; an invocation that could not
 * be delivered (Delayed) runs nowhere and holds no place until it is delivered, while one that hangs holds its place.
 */
export class RateControl {
  readonly #concurrency: number;
  readonly #errors: number;
  #allowed = 1;
  #underWay = 0;

  constructor(maxConcurrency: string, maxErrors: string, targets: number) {
    this.#concurrency = Math.max(1, rateLimit(maxConcurrency, targets));
    this.#errors = rateLimit(maxErrors, targets);
  }

  get free(): boolean {
    return this.#underWay < this.#allowed;
  }

  begin(): void {
    this.#underWay++;
  }

  /** It is under way no more and has not ended. */
  suspend(): void {
    this.#underWay--;
  }

  end(): void {
    this.#underWay--;
    this.#allowed = Math.min(this.#concurrency, this.#allowed + 1);
  }

  exceededBy(errors: number): boolean {
    return errors > this.#errors;
  }
}

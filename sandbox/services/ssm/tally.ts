import { type Details, isFinal } from './model.ts';

/** How many invocations of a command are in which state; kept with every change, so that no poll counts them anew. */
export class Tally {
  readonly total: number;
  readonly #counts = new Map<Details, number>();

  constructor(total: number) {
    this.total = total;
    this.#counts.set('Pending', total);
  }

  move(from: Details, to: Details): void {
    this.#counts.set(from, this.of(from) - 1);
    this.#counts.set(to, this.of(to) + 1);
  }

  of(...details: readonly Details[]): number {
    return details.reduce((sum, each) => sum + (this.#counts.get(each) ?? 0), 0);
  }

  /** Those in a final state: AWS's CompletedCount. */
  get completed(): number {
    let sum = 0;
    for (const [details, count] of this.#counts) if (isFinal(details)) sum += count;
    return sum;
  }

  /** Those that count towards MaxErrors: AWS's ErrorCount. */
  get errors(): number {
    return this.of('Failed', 'ExecutionTimedOut');
  }
}

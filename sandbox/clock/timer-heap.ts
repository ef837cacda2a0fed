export interface Timer {
  readonly at: number;
  /** Breaks ties: what was scheduled first fires first. */
  readonly order: number;
  readonly task: () => void | Promise<void>;
  cancelled: boolean;
}

const before = (a: Timer, b: Timer): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

/** A binary heap of timers, earliest first. */
export class TimerHeap {
  readonly #timers: Timer[] = [];

  push(timer: Timer): void {
    this.#timers.push(timer);
    let index = this.#timers.length - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#swapIfBefore(index, parent)) return;
      index = parent;
    }
  }

  /** Removes and returns the earliest timer that was not cancelled. */
  pop(): Timer | undefined {
    for (;;) {
      const first = this.#timers[0];
      const last = this.#timers.pop();
      if (first === undefined || last === undefined) return undefined;
      if (this.#timers.length > 0) {
        this.#timers[0] = last;
        this.#sink();
      }
      if (!first.cancelled) return first;
    }
  }

  #sink(): void {
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      let smallest = left;
      const [leftTimer, rightTimer] = [this.#timers[left], this.#timers[left + 1]];
      if (leftTimer === undefined) return;
      if (rightTimer !== undefined && before(rightTimer, leftTimer)) smallest = left + 1;
      if (!this.#swapIfBefore(smallest, index)) return;
      index = smallest;
    }
  }

  #swapIfBefore(lower: number, upper: number): boolean {
    const [a, b] = [this.#timers[lower], this.#timers[upper]];
    if (a === undefined || b === undefined || !before(a, b)) return false;
    this.#timers[lower] = b;
    this.#timers[upper] = a;
    return true;
  }
}

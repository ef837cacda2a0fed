import type { StateType } from '../definition/model.ts';
import { Aborted, StateFailure } from '../failure.ts';
import type { Json } from '../json.ts';
import type { Frame, MapItem } from './frame.ts';

/** What runs side by side: branches of a Parallel, iterations of a Map. */
export interface Branches {
  readonly count: number;
  readonly concurrency: number;
  item?(index: number): MapItem;
  run(index: number, branch: Frame): Promise<Json>;
  begun?(index: number, branch: Frame): void;
  succeeded?(index: number, branch: Frame): void;
  /** Called with the parent in place of the branch, which takes no event any more. */
  ended?(index: number, parent: Frame, how: 'Failed' | 'Aborted'): void;
}

const ABORTED = {
  Task: 'TaskStateAborted',
  Wait: 'WaitStateAborted',
  Map: 'MapStateAborted',
  Parallel: 'ParallelStateAborted',
} as const;

const isAbortable = (type: StateType | undefined): type is keyof typeof ABORTED =>
  type !== undefined && type in ABORTED;

class BranchFailed extends Error {
  readonly index: number;
  readonly failure: StateFailure;

  constructor(index: number, failure: StateFailure) {
    super(failure.message);
    this.index = index;
    this.failure = failure;
  }
}

/** Links an abort of its own to that of the line around it. */
class Group {
  readonly #controller = new AbortController();
  readonly #parent: AbortSignal;
  readonly #follow = () => this.abort();

  constructor(parent: AbortSignal) {
    this.#parent = parent;
    if (parent.aborted) this.abort();
    parent.addEventListener('abort', this.#follow, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(): void {
    this.#controller.abort(new Aborted('the branch has ended'));
  }

  close(): void {
    this.#parent.removeEventListener('abort', this.#follow);
  }
}

/** Runs branches until all succeed or one fails, which ends the others. Returns their results in order of index. */
class Run {
  readonly #parent: Frame;
  readonly #branches: Branches;
  readonly #group: Group;
  readonly #results: Json[] = [];
  readonly #running = new Map<number, Frame>();
  #next = 0;
  #last: number;

  constructor(parent: Frame, branches: Branches) {
    this.#parent = parent;
    this.#branches = branches;
    this.#group = new Group(parent.signal);
    this.#last = parent.previous;
  }

  async all(): Promise<readonly Json[]> {
    const { count, concurrency } = this.#branches;
    const begun = Array.from({ length: Math.min(count, concurrency) }, () => this.#begin(this.#parent.previous));
    try {
      await Promise.all(begun.map((first) => this.#work(first)));
      this.#parent.previous = this.#last;
      return this.#results;
    } catch (error) {
      if (error instanceof BranchFailed) this.#endOthers(error);
      throw error instanceof BranchFailed ? error.failure : error;
    } finally {
      this.#group.abort();
      this.#group.close();
    }
  }

  #begin(previous: number): readonly [number, Frame] {
    const index = this.#next++;
    const branch = this.#parent.child(this.#group.signal, previous, this.#branches.item?.(index));
    this.#running.set(index, branch);
    this.#branches.begun?.(index, branch);
    return [index, branch];
  }

  async #work([index, branch]: readonly [number, Frame]): Promise<void> {
    for (;;) {
      try {
        this.#results[index] = await this.#branches.run(index, branch);
      } catch (error) {
        throw error instanceof StateFailure ? new BranchFailed(index, error) : error;
      }
      this.#branches.succeeded?.(index, branch);
      this.#running.delete(index);
      this.#last = branch.previous;
      if (this.#next >= this.#branches.count) return;
      [index, branch] = this.#begin(branch.previous);
    }
  }

  /** All that ends here follows upon the event that ended it. */
  #endOthers({ index: failed }: BranchFailed): void {
    const after = this.#running.get(failed)?.previous ?? this.#parent.previous;
    for (const [index, { current }] of [...this.#running].sort(([a], [b]) => a - b)) {
      this.#parent.previous = after;
      this.#branches.ended?.(index, this.#parent, index === failed ? 'Failed' : 'Aborted');
      this.#parent.previous = after;
      if (isAbortable(current)) this.#parent.record({ type: ABORTED[current] });
    }
    this.#parent.previous = after;
  }
}

export function runBranches(parent: Frame, branches: Branches): Promise<readonly Json[]> {
  return new Run(parent, branches).all();
}

import { StateFailure } from '../failure.ts';
import type { Frame } from './frame.ts';
import type { MapRun } from './map-run.ts';

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

/** Counts the items of failed children against what the run tolerates. */
class Tolerance {
  readonly #run: MapRun;
  readonly #total: number;
  #failed = 0;

  constructor(run: MapRun) {
    this.#run = run;
    this.#total = sum(run.sizes);
  }

  /** Throws States.ExceedToleratedFailureThreshold once too much has failed. */
  failed(items: number): void {
    this.#failed += items;
    const { toleratedFailureCount, toleratedFailurePercentage } = this.#run;
    if (this.#failed <= toleratedFailureCount && (this.#failed / this.#total) * 100 <= toleratedFailurePercentage)
      return;
    throw new StateFailure(
      'States.ExceedToleratedFailureThreshold',
      'The specified tolerated failure threshold was exceeded',
    );
  }
}

/** Rejects when the line of states ends first. */
function whenAborted(signal: AbortSignal): { readonly promise: Promise<never>; readonly close: () => void } {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason as Error);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  return { promise, close: () => signal.removeEventListener('abort', abort) };
}

/** Runs a child for each input, so many at once. A breach of the tolerance, as the end of the parent, aborts those that run. */
export async function runChildren(run: MapRun, inputs: readonly string[], frame: Frame): Promise<void> {
  const { platform } = frame;
  const { world } = platform;
  const tolerance = new Tolerance(run);
  const aborted = whenAborted(frame.signal);
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < inputs.length) {
      const index = next++;
      const child = platform.startChild(frame.execution, run, world.random.uuid(), inputs[index] as string);
      run.children[index] = child;
      await child.ended;
      if (child.status !== 'SUCCEEDED') tolerance.failed(run.sizes[index] ?? 1);
    }
  };
  const workers = Array.from({ length: Math.min(run.maxConcurrency, inputs.length) }, work);
  try {
    await world.clock.outside(Promise.race([Promise.all(workers), aborted.promise]));
  } catch (error) {
    next = inputs.length;
    for (const child of run.children) child.abort({}, world.clock.date());
    throw error;
  } finally {
    aborted.close();
  }
}

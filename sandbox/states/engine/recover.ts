import type { Catcher, Retrier } from '../definition/model.ts';
import { names, type StateFailure } from '../failure.ts';
import { payload } from './execution.ts';
import { failureOf } from './failing.ts';
import type { Frame, Visit } from './frame.ts';
import { outcome, type Outcome } from './leave.ts';

interface Recovery {
  readonly retry: readonly Retrier[];
  readonly catch: readonly Catcher[];
}

/** Counts the retries that each retrier has granted within one visit. */
class Retries {
  readonly #counts = new Map<Retrier, number>();

  /** Seconds until the next attempt, before jitter; undefined when no retrier grants one. */
  next(
    retriers: readonly Retrier[],
    failure: StateFailure,
  ): { readonly seconds: number; readonly retrier: Retrier } | undefined {
    const retrier = retriers.find(({ errorEquals }) => names(errorEquals, failure));
    if (retrier === undefined) return undefined;
    const count = this.#counts.get(retrier) ?? 0;
    if (count >= retrier.maxAttempts) return undefined;
    this.#counts.set(retrier, count + 1);
    return {
      seconds: Math.min(retrier.intervalSeconds * retrier.backoffRate ** count, retrier.maxDelaySeconds),
      retrier,
    };
  }
}

/** Attempts a state until it succeeds, its retries are used up, or a Catch takes the failure. */
export async function recovering(
  state: Recovery,
  visit: Visit,
  frame: Frame,
  attempt: () => Promise<Outcome>,
): Promise<Outcome> {
  const retries = new Retries();
  for (;;) {
    try {
      return await attempt();
    } catch (thrown) {
      const failure = failureOf(thrown, visit, frame);
      const again = retries.next(state.retry, failure);
      if (again === undefined) return caught(state.catch, failure, visit, frame);
      const { clock, random } = frame.platform.world;
      await clock.sleep(again.seconds * 1000 * (again.retrier.fullJitter ? random.next() : 1), frame.signal);
      visit.retryCount++;
      frame.execution.transitions++;
    }
  }
}

async function caught(
  catchers: readonly Catcher[],
  failure: StateFailure,
  visit: Visit,
  frame: Frame,
): Promise<Outcome> {
  const catcher = catchers.find(({ errorEquals }) => names(errorEquals, failure));
  if (catcher === undefined) throw failure;
  const errorOutput = { Error: failure.error ?? '', Cause: failure.cause ?? '' };
  return outcome(catcher, catcher.next, payload(errorOutput), { errorOutput }, visit, frame);
}

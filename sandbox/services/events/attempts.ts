import type { AnswerLost, AwsError } from '../../core/aws-error.ts';
import { isTransient } from '../../core/transient.ts';
import type { World } from '../../core/world.ts';

/** How often, and for how long, a delivery is tried again. */
export interface RetryPolicy {
  readonly attempts: number;
  readonly ageSeconds: number;
  /** From when on the age counts, epoch milliseconds. */
  readonly since: number;
}

/** Why an attempt failed. */
export interface Failure {
  readonly error: AwsError | AnswerLost;
}

/** A delivery that was given up. */
export type Undelivered<F extends Failure> = F & {
  readonly retries: number;
  /** Which limit of the retry policy ended the attempts; none where trying again could not help. */
  readonly exhausted: 'MaximumRetryAttempts' | 'MaximumEventAgeInSeconds' | undefined;
};

const LONGEST_PAUSE = 900_000;

/** Tries until it works, cannot work, or the policy ends it; `attempt` is told how many came before. */
export async function attemptDelivery<F extends Failure>(
  { clock, random }: Pick<World, 'clock' | 'random'>,
  { attempts, ageSeconds, since }: RetryPolicy,
  attempt: (retries: number) => Promise<F | undefined>,
): Promise<Undelivered<F> | undefined> {
  for (let retries = 0; ; retries++) {
    const failure = await attempt(retries);
    if (failure === undefined) return undefined;
    if (!isTransient(failure.error)) return { ...failure, retries, exhausted: undefined };
    // Exponential with jitter; AWS does not say how.
    const longest = Math.min(LONGEST_PAUSE, 1000 * 2 ** Math.min(retries, 20));
    const pause = longest / 2 + random.below(longest / 2);
    if (retries >= attempts) return { ...failure, retries, exhausted: 'MaximumRetryAttempts' };
    if (clock.now() + pause - since > ageSeconds * 1000)
      return { ...failure, retries, exhausted: 'MaximumEventAgeInSeconds' };
    await clock.sleep(pause);
  }
}

/** Standard executions end at 25,000 history events; half of them is left to retries and to what else a runbook does. */
const EVENTS_FOR_POLLING = 12_500;
/** Wait (2 events), Task (5) and Choice (2). */
const EVENTS_PER_ROUND = 9;
const SHORTEST_SECONDS = 2;
const LONGEST_SECONDS = 300;
/** A wait is this part of the time already spent, so that the lag stays in proportion to how long the thing took. */
const PROPORTION = 1 / 8;

/** How long what AWS has accepted may stay invisible to its list and get calls, in seconds. */
export const PROPAGATION_SECONDS = 60;

interface Progress {
  readonly elapsedSeconds: number;
  readonly deadlineSeconds: number;
}

export function secondsBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / 1000;
}

/** So many seconds after a time, as ISO 8601. */
export const later = (time: string, seconds: number): string =>
  new Date(Date.parse(time) + seconds * 1000).toISOString();

/**
 * Seconds to wait before the next look at something that ends by a deadline; `undefined` once the deadline has passed.
 * An eighth of the time spent so far, at least 2 s and at most 5 minutes (more where the deadline is so far away that
 * the history would not hold the looks), and never beyond the deadline by more than the second it is rounded up to.
 */
export function waitSeconds({ elapsedSeconds, deadlineSeconds }: Progress): number | undefined {
  const left = deadlineSeconds - elapsedSeconds;
  if (left <= 0) return undefined;
  const longest = Math.max(LONGEST_SECONDS, Math.ceil((deadlineSeconds * EVENTS_PER_ROUND) / (EVENTS_FOR_POLLING / 2)));
  const next = Math.min(Math.max(elapsedSeconds * PROPORTION, SHORTEST_SECONDS), longest);
  return Math.ceil(Math.min(next, left));
}

/**
 * Seconds to wait before looking again for what may not be visible yet: 5, 5, 10, 20, 20; `undefined` once it would have
 * been seen if it existed.
 */
export function lookAgainSeconds(elapsedSeconds: number): number | undefined {
  const left = PROPAGATION_SECONDS - elapsedSeconds;
  return left <= 0 ? undefined : Math.ceil(Math.min(Math.max(elapsedSeconds, 5), left));
}

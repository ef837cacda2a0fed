import type { Bounds } from './refresh-bounds.ts';

/** The instances of a group as a refresh counts them. */
export interface Population {
  readonly desired: number;
  /** Healthy and in service or pending, new and old. */
  readonly total: number;
  /** Of these: in service. */
  readonly inService: number;
  /** Of these: checked and warmed up. */
  readonly ready: number;
  /** Of all: not to be replaced. */
  readonly current: number;
  /** What is in service and may be replaced now, in this order: for each, whether it is ready. */
  readonly replaceable: readonly boolean[];
  /** How many shall be current before the refresh pauses. */
  readonly goal: number;
}

export interface Step {
  /** How many of the replaceable to terminate, from the first. */
  readonly terminate: number;
  readonly launch: number;
}

/**
 * What a rolling refresh does next: terminates as many as the minimum lets go, and launches as many as the maximum
 * lets come; then it waits until these are ready. An instance that goes without a surplus calls for a replacement, so
 * the checkpoint bounds it.
 */
export function nextStep(
  { desired, total, inService, ready, current, replaceable, goal }: Population,
  { least, most }: Bounds,
): Step {
  const missing = Math.max(0, goal - current);
  const allowed = missing + Math.max(0, total - desired);
  let [terminate, readyLeft] = [0, ready];
  for (const isReady of replaceable) {
    // One that is not ready costs none that is, but it is capacity all the same.
    const left = isReady ? readyLeft - 1 : inService - terminate - 1;
    if (terminate >= allowed || left < least) break;
    terminate++;
    if (isReady) readyLeft--;
  }
  const launch = Math.max(0, Math.min(most - (total - terminate), missing));
  return { terminate, launch };
}

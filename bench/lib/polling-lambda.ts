import { lambdaDollars } from './prices.ts';

const MEMORY_GB = 0.5;
const INTERVAL_SECONDS = 2;
/** Lambda's longest timeout; whoever waits longer has to start another invocation that goes on. */
const LONGEST_SECONDS = 900;

/**
 * Dollars for a function of 512 MB that waits for a command inside itself, looking every 2 s: billed from the start to
 * the first look after the end. In its favour: its initialisation, its own calls to AWS and what hands over from one
 * invocation to the next beyond 15 minutes are free.
 */
export function pollingLambdaDollars(seconds: number): number {
  const billed = Math.ceil(seconds / INTERVAL_SECONDS) * INTERVAL_SECONDS;
  return lambdaDollars(billed * MEMORY_GB, Math.ceil(billed / LONGEST_SECONDS));
}

import { TargetLocked } from '../errors.ts';
import type { Holder, Locks } from './lock-table.ts';

/** Makes sure right before a change that the holder still has a lock. Throws TargetLocked where somebody took it over. */
export async function assertHeld(locks: Locks, target: string, holder: Holder, now: string): Promise<void> {
  const other = await locks.take(target, holder, now);
  if (other !== undefined)
    throw new TargetLocked(
      `${target.replace('/', ' ')} was taken over by an execution of ${other.runbook} at ${other.acquiredAt}. ` +
        `To look at it: aws stepfunctions describe-execution --execution-arn ${other.executionArn}`,
    );
}

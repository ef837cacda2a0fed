import * as z from '../zod.ts';

/** The most locks that one call takes or gives back. */
export const MOST_LOCKS = 50;

/** What a lock is on: `instance/i-…`, `auto-scaling-group/NAME` or `association/ID`. */
export const LockTarget = z
  .string()
  .check(
    z.regex(
      /^(?:instance|auto-scaling-group|association)\/.{1,255}$/u,
      'must be instance/ID, auto-scaling-group/NAME or association/ID',
    ),
  );

/** How often the execution has been redriven, as the ASL context object tells it. */
export const RedriveCount = z.int().check(z.minimum(0));

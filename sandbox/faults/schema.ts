import * as z from 'zod';

/**
 * Sources that send events on a best-effort basis, of those that the sandbox has (EventBridge Events Reference, "Delivery
 * level"). What has reached the bus is delivered at least once.
 */
const BEST_EFFORT = ['aws.ec2', 'aws.ssm'];

const count = z.int().min(1);
const seconds = z.number().positive();

const CallAction = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.enum(['throttle', 'server-error', 'deny', 'lose-answer', 'stop-execution']) }),
  z.strictObject({ kind: z.literal('delay'), seconds }),
]);

const CallFault = z.strictObject({
  service: z.string().min(1),
  operation: z.string().min(1),
  nth: count,
  times: count.optional(),
  action: CallAction,
});

const EventAction = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('duplicate'),
    copies: z.int().min(2).max(10).optional(),
    seconds: seconds.optional(),
  }),
  z.strictObject({ kind: z.literal('delay'), seconds }),
  z.strictObject({ kind: z.literal('drop') }),
  z.strictObject({ kind: z.literal('reorder'), seconds: seconds.optional() }),
]);

const EventFault = z
  .strictObject({
    event: z.strictObject({ source: z.string().min(1), detailType: z.string().min(1).optional() }),
    nth: count.optional(),
    times: count.optional(),
    probability: z.number().positive().max(1).optional(),
    action: EventAction,
  })
  .refine(({ nth, times }) => nth !== undefined || times === undefined, {
    path: ['times'],
    error: 'needs nth, from which it counts',
  })
  .refine(({ nth, probability }) => nth === undefined || probability === undefined, {
    path: ['probability'],
    error: 'contradicts nth: give one of them',
  })
  .refine(({ event, action }) => action.kind !== 'drop' || BEST_EFFORT.includes(event.source), {
    path: ['action'],
    error: `drop would break a promise: only ${BEST_EFFORT.join(' and ')} send events on a best-effort basis, any other event is delivered at least once`,
  });

/** Refuses a plan that no run could mean. Throws an Error with the place and the reason of each mistake. */
export function checkFaults(faults: readonly unknown[]): void {
  for (const [index, fault] of faults.entries()) {
    const schema = typeof fault === 'object' && fault !== null && 'event' in fault ? EventFault : CallFault;
    const { error } = schema.safeParse(fault);
    const reasons = error?.issues.map(({ path, message }) => `${['faults', index, ...path].join('.')}: ${message}`);
    if (reasons !== undefined) throw new Error(reasons.join('\n'));
  }
}

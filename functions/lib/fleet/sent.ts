import type { Batch, FleetPlan, Progress } from '../schemas/fleet-command-run.ts';
import { later } from '../polling.ts';
import { commanded, stopped } from './plan.ts';

const FIRST_DELAY_SECONDS = 2;
const LONGEST_DELAY_SECONDS = 120;
/** Throttled sends in a row until the run gives up: about a quarter of an hour. */
const MOST_THROTTLED = 12;

/** The progress with a batch known to have been sent. */
export const sent = (progress: Progress, { number }: Batch, commandId: string): Progress => ({
  ...progress,
  throttled: 0,
  active: progress.active.map((each) => (each.batch === number ? { ...each, commandId } : each)),
});

/** The progress with a batch off the books: surely nothing was sent. */
const unsent = (progress: Progress, { number }: Batch): Progress => ({
  ...progress,
  active: progress.active.filter(({ batch }) => batch !== number),
});

/**
 * After a refusal that may be for one machine alone: the batch is gated again, and refused once more, split in two. Undefined
 * where it is down to a machine that the gate would let through: then it is that machine which is refused.
 */
export function gatedAgain(progress: Progress, batch: Batch): Progress | undefined {
  const { ids, document, attempt } = batch;
  const left = unsent(progress, batch);
  const again = (some: readonly string[]) => ({ document, ids: [...some], attempt: attempt + 1 });
  if (attempt === 0) return { ...left, queue: [again(ids), ...left.queue] };
  if (ids.length === 1) return undefined;
  const half = ids.length >> 1;
  return { ...left, queue: [again(ids.slice(0, half)), again(ids.slice(half)), ...left.queue] };
}

/** Whether nothing has ever been sent: a refusal then is more likely one of everything. */
export const isFirst = (progress: Progress, batch: Batch): boolean => commanded(unsent(progress, batch)) === 0;

/** The progress with the one machine of a batch refused. */
export function refusedOne(progress: Progress, batch: Batch): Progress {
  const left = unsent(progress, batch);
  return { ...left, counts: { ...left.counts, refused: left.counts.refused + batch.ids.length } };
}

/** After SSM throttled: later, and not for ever. */
export function throttled(progress: Progress, batch: Batch, now: string): Progress {
  const { document, ids, attempt } = batch;
  const left = unsent(progress, batch);
  const times = progress.throttled + 1;
  if (times > MOST_THROTTLED)
    return stopped(left, 'CommandThrottled', `SSM throttled SendCommand ${times} times in a row.`);
  const delay = Math.min(FIRST_DELAY_SECONDS * 2 ** (times - 1), LONGEST_DELAY_SECONDS);
  const queue = [{ document, ids, attempt }, ...left.queue];
  return { ...left, throttled: times, queue, resumeAt: later(now, delay) };
}

/** After a refusal that every other batch would meet with, too. */
export const refusedAll = (progress: Progress, batch: Batch, message: string): Progress =>
  stopped(unsent(progress, batch), 'CommandRefused', message);

const LONGEST_DELIVERY_SECONDS = 2_592_000;
const SHORTEST_DELIVERY_SECONDS = 600;

/**
 * For how long SSM may hand a batch out, in seconds: its last machine has its turn when all before it are done, of which one
 * runs at first, then two, four, up to the share (user guide, "Run commands at scale").
 */
export function deliverySeconds({ ids, share }: Batch, { timeoutSeconds }: FleetPlan): number {
  let rounds = 0;
  for (let begun = 0, at = 1; begun < ids.length; begun += at, at = Math.min(at * 2, share)) rounds++;
  return Math.min(Math.max(rounds * (timeoutSeconds + 60), SHORTEST_DELIVERY_SECONDS), LONGEST_DELIVERY_SECONDS);
}

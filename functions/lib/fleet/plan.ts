import { secondsBetween } from '../polling.ts';
import {
  MOST_IN_BATCH,
  type Active,
  type Counts,
  type FleetPlan,
  type Progress,
} from '../schemas/fleet-command-run.ts';
import { failing, ran, sum } from './counts.ts';

/** So many commands fit into the state's payload many times over, and into two pages of ListCommands. */
const MOST_ACTIVE = 100;
const SHORTEST_SECONDS = 2;
const LONGEST_SECONDS = 300;
/** A wait is this part of the time without progress. */
const PROPORTION = 1 / 8;
/** Nor is it less than this part of the time since the start: two weeks come to fewer than 1,000 looks. */
const FLOOR = 1 / 100;
/** Of the 25,000 events that Step Functions allows; the rest is for following what still runs. */
const MOST_EVENTS = 22_500;
const EVENTS_PER_STEP = 12;
const EVENTS_PER_LOOK = 9;

/** What to do next: gate a batch, look again after a while, or sum up. */
export type Step =
  | { readonly next: 'Gate'; readonly free: number; readonly most: number }
  | { readonly next: 'Wait'; readonly seconds: number }
  | { readonly next: 'Finish' };

/** Machines that a command may have running at once, by what is known of it. */
const inFlight = ({ share, size, completed }: Active): number => Math.min(share, size - completed);

/** Machines that may begin without there being more than maxConcurrency. */
export const freePlaces = ({ maxConcurrency }: FleetPlan, { active }: Progress): number =>
  maxConcurrency - sum(active.map(inFlight));

/** Machines that failed, timed out, were not reached or are lost, those of active commands included. */
export const errorsOf = ({ counts, active }: Progress): number =>
  failing(counts) + sum(active.map(({ errors }) => errors));

/** Machines that commands were sent for, those that may have been included. */
export const commanded = ({ counts, active }: Progress): number => ran(counts) + sum(active.map(({ size }) => size));

/** How many of a batch's machines may fail before nothing more is sent. */
export const errorsLeft = (plan: FleetPlan, progress: Progress): number =>
  progress.phase === 'canary' ? 0 : Math.max(0, plan.maxErrors - errorsOf(progress));

/** The progress with what its numbers alone decide: that the run is to stop, or that its canary has passed. */
export function judged(plan: FleetPlan, progress: Progress): Progress {
  if (progress.stop !== null) return progress;
  const errors = errorsOf(progress);
  if (progress.step * EVENTS_PER_STEP + progress.looks * EVENTS_PER_LOOK > MOST_EVENTS)
    return stopped(
      progress,
      'HistoryFull',
      'Step Functions keeps 25,000 events of an execution. Run it again for the rest.',
    );
  if (progress.phase === 'canary') {
    const { Success } = progress.counts;
    const bad = ran(progress.counts) - Success + sum(progress.active.map((each) => each.errors));
    if (bad > 0)
      return stopped(
        progress,
        'CanaryFailed',
        `The script did not succeed on ${bad} of the first ${plan.canary} machines.`,
      );
    if (Success >= plan.canary) return { ...progress, phase: 'fleet' };
  } else if (errors > plan.maxErrors)
    return stopped(
      progress,
      'MaxErrorsExceeded',
      `${errors} machines failed or were not reached, and maxErrors is ${plan.maxErrors}.`,
    );
  return progress;
}

/** The first reason to stop stays. */
export const stopped = (
  progress: Progress,
  reason: NonNullable<Progress['stop']>['reason'],
  message: string,
): Progress => (progress.stop === null ? { ...progress, stop: { reason, message } } : progress);

/** Decides what comes next. `startedAt` is when the run began. */
export function nextStep(plan: FleetPlan, progress: Progress, startedAt: string, now: string): Step {
  const { active, queue, cursor, length, stop, resumeAt } = progress;
  const isIdle = active.length === 0;
  const exhausted = queue.length === 0 && cursor >= length;
  if (isIdle && (stop !== null || exhausted)) return { next: 'Finish' };
  const asleep = resumeAt === null ? 0 : Math.ceil(secondsBetween(now, resumeAt));
  if (stop === null && !exhausted && asleep <= 0) {
    const free = freePlaces(plan, progress);
    const most = Math.min(MOST_IN_BATCH, queue[0]?.ids.length ?? length - cursor, canaryLeft(plan, progress));
    // Where a command with a small share would only just begin, a little later it gets a larger one.
    const enough = Math.min(most, Math.ceil(plan.maxConcurrency / 4));
    if (most > 0 && active.length < MOST_ACTIVE && free >= enough) return { next: 'Gate', free, most };
  }
  const untilResumed = asleep > 0 && stop === null && !exhausted ? asleep : Infinity;
  const looking = isIdle ? Infinity : lookSeconds(progress, startedAt, now);
  const seconds = Math.min(untilResumed, looking);
  return { next: 'Wait', seconds: seconds === Infinity ? LONGEST_SECONDS : seconds };
}

/** Machines that may still be sent to before the canary is known to have passed. */
const canaryLeft = ({ canary }: FleetPlan, progress: Progress): number =>
  progress.phase === 'fleet' ? Infinity : canary - commanded(progress);

/** An eighth of the time since anything happened, but ever longer the longer the run takes, because its history is limited. */
function lookSeconds({ active }: Progress, startedAt: string, now: string): number {
  const latest = active.map(({ progressAt }) => progressAt).reduce((a, b) => (a > b ? a : b), startedAt);
  const natural = Math.min(secondsBetween(latest, now) * PROPORTION, LONGEST_SECONDS);
  const floor = secondsBetween(startedAt, now) * FLOOR;
  return Math.ceil(Math.max(SHORTEST_SECONDS, natural, floor));
}

/** The progress at the start of a run. */
export const begin = (plan: FleetPlan, refused: number): Progress => ({
  step: 0,
  looks: 0,
  phase: plan.canary > 0 ? 'canary' : 'fleet',
  pass: 1,
  length: plan.eligible,
  cursor: 0,
  deferred: 0,
  resumeAt: null,
  lockDeadline: null,
  batches: 0,
  queue: [],
  active: [],
  counts: { ...NONE, refused },
  throttled: 0,
  stop: null,
});

const NONE: Counts = {
  Success: 0, Failed: 0, TimedOut: 0, Undelivered: 0, Cancelled: 0, NotRun: 0, Unknown: 0, refused: 0,
}; // prettier-ignore

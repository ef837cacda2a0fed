import type { Group, Refresh } from './model.ts';
import type { Census } from './refresh-population.ts';

const HOUR = 3_600_000;
const TEN_MINUTES = 600_000;
const FOURTEEN_DAYS = 14 * 24 * HOUR;

const share = (part: number, whole: number): number =>
  whole <= 0 ? 100 : Math.min(100, Math.floor((100 * part) / whole));

/** Writes down how far a refresh is; a rollback goes back from where it began. */
export function account(refresh: Refresh, counted: Census, now: number): void {
  const { best, rollback } = refresh;
  const { currentReady, currentInService, outdated, desired, updated, kept } = counted;
  if (currentReady > best.ready || currentInService > best.inService || outdated < best.outdated)
    refresh.progressAt = now;
  best.ready = Math.max(best.ready, currentReady);
  best.inService = Math.max(best.inService, currentInService);
  best.outdated = Math.min(best.outdated, outdated);
  if (rollback === undefined) {
    refresh.instancesToUpdate = outdated;
    refresh.percentage = share(updated, desired - kept);
  } else {
    refresh.percentage = desired === 0 ? 0 : Math.min(rollback.percentage, share(outdated, desired));
  }
}

/**
 * The checkpoint that has been reached since the last one; of several the highest. A group that grew may fall behind a
 * checkpoint and reach it again. Source: Auto Scaling User Guide, "Add checkpoints to an instance refresh".
 */
export function checkpointReached(refresh: Refresh, { currentReady, desired }: Census): number | undefined {
  if (refresh.rollback !== undefined) return undefined;
  const percentage = share(currentReady, desired);
  const reached = refresh.preferences.checkpointPercentages.findLast((each) => each <= percentage) ?? 0;
  if (reached < refresh.checkpoint) refresh.checkpoint = reached;
  return reached > refresh.checkpoint ? reached : undefined;
}

export function isDone(refresh: Refresh, { outdated, currentReady, desired }: Census): boolean {
  const last = refresh.preferences.checkpointPercentages.at(-1) ?? 100;
  if (refresh.rollback === undefined && last < 100 && refresh.checkpoint === last) return true;
  return outdated === 0 && currentReady >= desired;
}

/** When a refresh that comes no further fails: after an hour, or some minutes after a warm-up that is longer. */
export const failsAt = ({ progressAt, preferences }: Refresh): number =>
  progressAt + Math.max(HOUR, preferences.instanceWarmup * 1000 + TEN_MINUTES);

/** When a refresh has taken too long whatever it does (guide: limitations). */
export const longestUntil = ({ createdAt }: Refresh): number => createdAt + FOURTEEN_DAYS;

/** What a refresh waits for, in the words that DescribeInstanceRefreshes has for it. */
export function waitingFor({ activities, failing }: Group, { waiting }: Census): string | undefined {
  const remaining = 'Waiting for remaining instances to be available. For example:';
  if (failing !== undefined) return activities.at(-1)?.statusMessage;
  if (waiting.unchecked !== undefined)
    return `${remaining} ${waiting.unchecked.instanceId} has insufficient data to evaluate its health with Amazon EC2.`;
  if (waiting.warming !== undefined)
    return `Waiting for instances to warm up before continuing. For example: ${waiting.warming.instanceId} is warming up.`;
  if (waiting.protected !== undefined)
    return `${remaining} ${waiting.protected.instanceId} is protected. Remove instance scale-in protection to continue.`;
  if (waiting.standby !== undefined)
    return `${remaining} ${waiting.standby.instanceId} is in standby. Return the instance to service to continue.`;
  return undefined;
}

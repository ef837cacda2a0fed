import type { InstanceRefresh } from '@aws-sdk/client-auto-scaling';
import * as z from './lib/zod.ts';
import { autoScalingClient } from './lib/clients.ts';
import { PROPAGATION_SECONDS, secondsBetween, waitSeconds } from './lib/polling.ts';
import { isActive, refreshesOf } from './lib/refresh/refreshes.ts';
import { Execution, Timestamp } from './lib/schemas/common.ts';
import { RefreshPlan } from './lib/schemas/refresh-asg-run.ts';
import { task } from './lib/task.ts';

const autoScaling = autoScalingClient();

/** `since`: when it was started, or told to roll back. `deadline`: until when it may take, which for going back is not the plan's. */
export const Input = z.strictObject({
  execution: Execution,
  plan: RefreshPlan,
  instanceRefreshId: z.string(),
  since: Timestamp,
  deadline: Timestamp,
  now: Timestamp,
});
type Input = z.infer<typeof Input>;

const Pending = z.strictObject({ status: z.literal('Pending'), waitSeconds: z.int(), progress: z.string() });
const ended = <S extends string>(status: S) => z.strictObject({ status: z.literal(status), reason: z.string() });
export const Output = z.discriminatedUnion('status', [
  Pending,
  ...[ended('Successful'), ended('Failed'), ended('RolledBack'), ended('Cancelled'), ended('Overdue'), ended('Gone')],
]);
type Output = z.infer<typeof Output>;

const ENDS = {
  Successful: 'Successful',
  Failed: 'Failed',
  RollbackFailed: 'Failed',
  RollbackSuccessful: 'RolledBack',
  Cancelled: 'Cancelled',
} as const;

/**
 * Says how far an instance refresh has got. `Overdue`: it goes on although its time is up. `Gone`: it was deleted with its
 * group. Source: Auto Scaling DescribeInstanceRefreshes.
 */
export const handler = task(
  { input: Input, output: Output, target: ({ plan }) => plan.autoScalingGroupName },
  async (input): Promise<Output> => {
    const { plan, instanceRefreshId, since, now } = input;
    const refreshes = await refreshesOf(autoScaling, plan.autoScalingGroupName, [instanceRefreshId]);
    const refresh = refreshes?.find(({ InstanceRefreshId }) => InstanceRefreshId === instanceRefreshId);
    if (refresh === undefined) {
      if (refreshes !== undefined && secondsBetween(since, now) < PROPAGATION_SECONDS) return pending(input, {});
      return { status: 'Gone', reason: 'The group was deleted meanwhile.' };
    }
    const status = Object.entries(ENDS).find(([name]) => name === refresh.Status)?.[1];
    if (status !== undefined) return { status, reason: reasonOf(refresh) };
    if (isActive(refresh)) return pending(input, refresh);
    throw new Error(`Instance refresh ${instanceRefreshId} is ${refresh.Status}, which nobody knows`);
  },
);

function pending({ plan, since, deadline, now }: Input, refresh: InstanceRefresh): Output {
  const wait = waitSeconds({
    elapsedSeconds: secondsBetween(since, now),
    deadlineSeconds: secondsBetween(since, deadline),
  });
  const progress = progressOf(refresh, plan.instanceCount);
  if (wait === undefined) return { status: 'Overdue', reason: `Its time was up at ${deadline}; it was ${progress}.` };
  return { status: 'Pending', waitSeconds: wait, progress };
}

const WORDS: Readonly<Record<string, string>> = {
  Baking: 'baking after',
  Cancelling: 'being cancelled at',
  RollbackInProgress: 'rolling back from',
};

/** `42 % of 12 instances`. What is rolled back counts down again. */
function progressOf({ Status, PercentageComplete: percent = 0 }: InstanceRefresh, instances: number): string {
  const words = Status && WORDS[Status];
  return `${words === undefined ? 'at' : words} ${percent} % of ${instances} instance${instances === 1 ? '' : 's'}`;
}

const reasonOf = ({ Status, StatusReason, RollbackDetails }: InstanceRefresh): string =>
  [...new Set([RollbackDetails?.RollbackReason, StatusReason ?? (Status === 'Successful' ? '' : Status)])]
    .filter((reason) => reason !== undefined && reason !== '')
    .join(' ');

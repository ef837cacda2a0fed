import { CancelInstanceRefreshCommand, type InstanceRefresh } from '@aws-sdk/client-auto-scaling';
import * as z from './lib/zod.ts';
import { autoScalingClient } from './lib/clients.ts';
import { InstanceRefreshBusy, TargetNotFound } from './lib/errors.ts';
import { secondsBetween, waitSeconds } from './lib/polling.ts';
import { isActive, isMissingGroup, refreshesOf } from './lib/refresh/refreshes.ts';
import { Execution, Timestamp } from './lib/schemas/common.ts';
import { RefreshPlan } from './lib/schemas/refresh-asg-run.ts';
import { task } from './lib/task.ts';

const autoScaling = autoScalingClient();

/** `since`: when the execution began to look. */
export const Input = z.strictObject({ execution: Execution, plan: RefreshPlan, since: Timestamp, now: Timestamp });
type Input = z.infer<typeof Input>;

const Free = z.strictObject({ status: z.literal('Free') });
const InProgress = z.strictObject({
  status: z.literal('InProgress'),
  instanceRefreshId: z.string(),
  waitSeconds: z.int(),
});
export const Output = z.discriminatedUnion('status', [Free, InProgress]);
type Output = z.infer<typeof Output>;

/**
 * Says whether an instance refresh of somebody else is in the way, of which a group has one at a time; cancels it where the
 * request says so. Throws InstanceRefreshBusy at the deadline, and TargetNotFound. Source: Auto Scaling
 * DescribeInstanceRefreshes, CancelInstanceRefresh.
 */
export const handler = task(
  { input: Input, output: Output, target: ({ plan }) => plan.autoScalingGroupName },
  async (input): Promise<Output> => {
    const { autoScalingGroupName: name } = input.plan;
    const refreshes = await refreshesOf(autoScaling, name);
    if (refreshes === undefined) throw new TargetNotFound(`The Auto Scaling group ${name} was deleted meanwhile`);
    const other = refreshes.find(isActive);
    if (other === undefined) return { status: 'Free' };
    const { InstanceRefreshId: instanceRefreshId = '', Status, PercentageComplete: percent = 0 } = other;
    const wait = untilNextLook(input);
    if (wait === undefined)
      throw new InstanceRefreshBusy(
        `The instance refresh ${instanceRefreshId} of ${name} was ${Status} at ${percent} % when the deadline came. Nothing was started. ` +
          'To cancel such a refresh instead of waiting for it: "onInstanceRefreshInProgress": "cancel"',
      );
    if (input.plan.onInstanceRefreshInProgress === 'cancel') await cancel(name, other);
    return { status: 'InProgress', instanceRefreshId, waitSeconds: wait };
  },
);

const untilNextLook = ({ plan: { deadline }, since, now }: Input): number | undefined =>
  waitSeconds({ elapsedSeconds: secondsBetween(since, now), deadlineSeconds: secondsBetween(since, deadline) });

/** One that is rolled back is left to its end: cancelling that would leave the group on two AMIs. */
async function cancel(AutoScalingGroupName: string, { Status }: InstanceRefresh): Promise<void> {
  if (Status === 'Cancelling' || Status === 'RollbackInProgress') return;
  try {
    await autoScaling.send(new CancelInstanceRefreshCommand({ AutoScalingGroupName }));
  } catch (error) {
    const ended = error instanceof Error && error.name.startsWith('ActiveInstanceRefreshNotFound');
    if (!ended && !isMissingGroup(error)) throw error;
  }
}

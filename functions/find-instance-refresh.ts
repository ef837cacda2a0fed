import { CancelInstanceRefreshCommand, type InstanceRefresh } from '@aws-sdk/client-auto-scaling';
import * as z from './lib/zod.ts';
import { autoScalingClient, dynamoDbClient, ec2Client, ssmClient } from './lib/clients.ts';
import { readEnv } from './lib/env.ts';
import { InstanceRefreshBusy, TargetNotFound } from './lib/errors.ts';
import { allowedGroup } from './lib/groups/assess.ts';
import { assertHeld } from './lib/locks/assert-held.ts';
import { LockTable } from './lib/locks/lock-table.ts';
import { secondsBetween, waitSeconds } from './lib/polling.ts';
import { isActive, isMissingGroup, refreshesOf } from './lib/refresh/refreshes.ts';
import { Execution, Timestamp } from './lib/schemas/common.ts';
import { RedriveCount } from './lib/schemas/lock.ts';
import { RefreshPlan } from './lib/schemas/refresh-asg-run.ts';
import { task } from './lib/task.ts';

const { LOCK_TABLE, LOCK_INDEX } = readEnv({ LOCK_TABLE: z.string(), LOCK_INDEX: z.string() });
const locks = new LockTable(dynamoDbClient(), { name: LOCK_TABLE, index: LOCK_INDEX });
const autoScaling = autoScalingClient();
const clients = { autoScaling, ec2: ec2Client(), ssm: ssmClient() };

/** `since`: when the execution began to look. */
export const Input = z.strictObject({
  execution: Execution,
  redriveCount: RedriveCount,
  plan: RefreshPlan,
  since: Timestamp,
  now: Timestamp,
});
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
 * request says so, and the group may still be changed. Throws InstanceRefreshBusy at the deadline, TargetNotFound, and before it
 * cancels TargetLocked, TargetNotAllowed, ExclusionsUnreadable. Source: Auto Scaling DescribeInstanceRefreshes,
 * CancelInstanceRefresh.
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
    if (input.plan.onInstanceRefreshInProgress === 'cancel' && !isTurning(other)) await cancel(input);
    return { status: 'InProgress', instanceRefreshId, waitSeconds: wait };
  },
);

const untilNextLook = ({ plan: { deadline }, since, now }: Input): number | undefined =>
  waitSeconds({ elapsedSeconds: secondsBetween(since, now), deadlineSeconds: secondsBetween(since, deadline) });

/** One that is rolled back is left to its end: cancelling that would leave the group on two AMIs. */
const isTurning = ({ Status }: InstanceRefresh): boolean => Status === 'Cancelling' || Status === 'RollbackInProgress';

async function cancel({ execution, redriveCount, plan, now }: Input): Promise<void> {
  const { autoScalingGroupName: AutoScalingGroupName } = plan;
  const holder = { executionArn: execution.arn, redriveCount, runbook: execution.runbook };
  await assertHeld(locks, `auto-scaling-group/${AutoScalingGroupName}`, holder, now);
  await allowedGroup(clients, AutoScalingGroupName);
  try {
    await autoScaling.send(new CancelInstanceRefreshCommand({ AutoScalingGroupName }));
  } catch (error) {
    const ended = error instanceof Error && error.name.startsWith('ActiveInstanceRefreshNotFound');
    if (!ended && !isMissingGroup(error)) throw error;
  }
}

import { RollbackInstanceRefreshCommand } from '@aws-sdk/client-auto-scaling';
import * as z from './lib/zod.ts';
import { autoScalingClient, dynamoDbClient } from './lib/clients.ts';
import { readEnv } from './lib/env.ts';
import { assertHeld } from './lib/locks/assert-held.ts';
import { LockTable } from './lib/locks/lock-table.ts';
import { isActive, refreshesOf } from './lib/refresh/refreshes.ts';
import { Execution, Timestamp } from './lib/schemas/common.ts';
import { RedriveCount } from './lib/schemas/lock.ts';
import { RefreshPlan } from './lib/schemas/refresh-asg-run.ts';
import { task } from './lib/task.ts';

const { LOCK_TABLE, LOCK_INDEX } = readEnv({ LOCK_TABLE: z.string(), LOCK_INDEX: z.string() });
const locks = new LockTable(dynamoDbClient(), { name: LOCK_TABLE, index: LOCK_INDEX });
const autoScaling = autoScalingClient();

export const Input = z.strictObject({
  execution: Execution,
  redriveCount: RedriveCount,
  plan: RefreshPlan,
  instanceRefreshId: z.string(),
  now: Timestamp,
});

/** `Irreversible`: it goes on, and another goes back once it has failed. `Ended`: it is not active any more. */
export const Output = z.discriminatedUnion('status', [
  z.strictObject({ status: z.literal('RollingBack') }),
  z.strictObject({ status: z.literal('Irreversible') }),
  z.strictObject({ status: z.literal('Ended') }),
]);
type Output = z.infer<typeof Output>;

/**
 * Rolls an instance refresh back while it is active, and no other one. Asked again it does no harm. Throws TargetLocked. Source:
 * Auto Scaling RollbackInstanceRefresh, DescribeInstanceRefreshes.
 */
export const handler = task(
  { input: Input, output: Output, target: ({ plan }) => plan.autoScalingGroupName },
  async ({ execution, redriveCount, plan, instanceRefreshId, now }): Promise<Output> => {
    const { autoScalingGroupName: name } = plan;
    const holder = { executionArn: execution.arn, redriveCount, runbook: execution.runbook };
    await assertHeld(locks, `auto-scaling-group/${name}`, holder, now);
    const [refresh] = (await refreshesOf(autoScaling, name, [instanceRefreshId])) ?? [];
    if (refresh === undefined || !isActive(refresh)) return { status: 'Ended' };
    if (refresh.Status === 'RollbackInProgress' || refresh.Status === 'Cancelling') return { status: 'RollingBack' };
    try {
      await autoScaling.send(new RollbackInstanceRefreshCommand({ AutoScalingGroupName: name }));
      return { status: 'RollingBack' };
    } catch (error) {
      const { name: code } = error as Error;
      if (code.startsWith('ActiveInstanceRefreshNotFound')) return { status: 'Ended' };
      if (code.startsWith('IrreversibleInstanceRefresh')) return { status: 'Irreversible' };
      throw error;
    }
  },
);

import { StartInstanceRefreshCommand, type AutoScalingServiceException } from '@aws-sdk/client-auto-scaling';
import * as z from './lib/zod.ts';
import { autoScalingClient, dynamoDbClient, ec2Client, ssmClient } from './lib/clients.ts';
import { readEnv } from './lib/env.ts';
import { InstanceRefreshRefused, TargetNotFound, TargetNotRollable } from './lib/errors.ts';
import { allowedGroup, existing } from './lib/groups/assess.ts';
import type { GroupState } from './lib/groups/group.ts';
import { assertHeld } from './lib/locks/assert-held.ts';
import { LockTable } from './lib/locks/lock-table.ts';
import { configurationWith, sameVersions } from './lib/refresh/configuration.ts';
import { preferencesBack, preferencesOf } from './lib/refresh/preferences.ts';
import { isMissingGroup, isRefusal, refreshesOf, startedSince } from './lib/refresh/refreshes.ts';
import { Execution, Timestamp } from './lib/schemas/common.ts';
import { RedriveCount } from './lib/schemas/lock.ts';
import { TemplateVersions } from './lib/schemas/refresh-asg.ts';
import { Direction, RefreshPlan } from './lib/schemas/refresh-asg-run.ts';
import { task } from './lib/task.ts';

const { LOCK_TABLE, LOCK_INDEX } = readEnv({ LOCK_TABLE: z.string(), LOCK_INDEX: z.string() });
const locks = new LockTable(dynamoDbClient(), { name: LOCK_TABLE, index: LOCK_INDEX });
const clients = { autoScaling: autoScalingClient(), ec2: ec2Client(), ssm: ssmClient() };

/** `now` is the same for each try, so that a later one knows what an earlier one has started. */
export const Input = z.strictObject({
  execution: Execution,
  redriveCount: RedriveCount,
  plan: RefreshPlan,
  direction: Direction,
  previous: TemplateVersions,
  target: TemplateVersions,
  now: Timestamp,
});
type Input = z.infer<typeof Input>;

const Started = z.strictObject({ status: z.literal('Started'), instanceRefreshId: z.string() });
const InProgress = z.strictObject({ status: z.literal('InProgress') });
export const Output = z.discriminatedUnion('status', [Started, InProgress]);
type Output = z.infer<typeof Output>;

/**
 * Starts an instance refresh to numbered versions. StartInstanceRefresh takes no token: a refresh that an earlier try has
 * started is found again. `InProgress`: one of somebody else came first. Throws, with nothing started, TargetLocked, TargetNotFound,
 * TargetNotAllowed, TargetNotRollable, ExclusionsUnreadable, InstanceRefreshRefused. Source: Auto Scaling StartInstanceRefresh.
 */
export const handler = task(
  { input: Input, output: Output, target: ({ plan }) => plan.autoScalingGroupName },
  async (input): Promise<Output> => {
    const own = await ownRefresh(input);
    if (own !== undefined) return { status: 'Started', instanceRefreshId: own };
    const group = await recheck(input);
    const { plan, direction, target } = input;
    const Preferences = direction === 'roll' ? preferencesOf(plan.preferences) : preferencesBack(plan.preferences);
    const DesiredConfiguration = configurationWith(group, target);
    const start = new StartInstanceRefreshCommand({
      AutoScalingGroupName: group.name,
      DesiredConfiguration,
      Preferences,
    });
    try {
      const { InstanceRefreshId: instanceRefreshId = '' } = await clients.autoScaling.send(start);
      return { status: 'Started', instanceRefreshId };
    } catch (error) {
      if (!isRefusal(error)) throw error;
      return afterRefusal(input, error);
    }
  },
);

async function ownRefresh({ plan: { autoScalingGroupName: name }, target, now }: Input): Promise<string | undefined> {
  const refreshes = await refreshesOf(clients.autoScaling, name);
  return startedSince(refreshes ?? [], target, now)?.InstanceRefreshId;
}

/**
 * Tags, exclusions and templates may have changed since they were read. Going back is no new change to the group: it restores
 * what it was, so nothing but the lock is in its way.
 */
async function recheck({ execution, redriveCount, plan, direction, previous, now }: Input): Promise<GroupState> {
  const { autoScalingGroupName: name, backTo } = plan;
  const holder = { executionArn: execution.arn, redriveCount, runbook: execution.runbook };
  await assertHeld(locks, `auto-scaling-group/${name}`, holder, now);
  if (direction === 'back' && backTo === null) return existing(clients.autoScaling, name);
  const group = await allowedGroup(clients, name);
  if (!sameVersions(group.templates, previous))
    throw new TargetNotRollable(`${name} has been given other versions of its launch templates meanwhile. Ask again`);
  return group;
}

async function afterRefusal(input: Input, error: AutoScalingServiceException): Promise<Output> {
  const { autoScalingGroupName: name } = input.plan;
  if (isMissingGroup(error)) throw new TargetNotFound(`The Auto Scaling group ${name} was deleted meanwhile`);
  if (!error.name.startsWith('InstanceRefreshInProgress'))
    throw new InstanceRefreshRefused(
      `Auto Scaling refused StartInstanceRefresh for ${name} with ${error.name}: ${error.message}`,
    );
  // The SDK may have asked twice, and the answer of the first time was lost.
  const own = await ownRefresh(input);
  return own === undefined ? { status: 'InProgress' } : { status: 'Started', instanceRefreshId: own };
}

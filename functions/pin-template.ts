import { UpdateAutoScalingGroupCommand } from '@aws-sdk/client-auto-scaling';
import * as z from './lib/zod.ts';
import { autoScalingClient, dynamoDbClient, ec2Client, ssmClient } from './lib/clients.ts';
import { readEnv } from './lib/env.ts';
import { allowedGroup } from './lib/groups/assess.ts';
import { rollableRefusal } from './lib/groups/refusal.ts';
import { resolveTemplates, versionsOf } from './lib/groups/templates.ts';
import { TargetNotRollable } from './lib/errors.ts';
import { assertHeld } from './lib/locks/assert-held.ts';
import { LockTable } from './lib/locks/lock-table.ts';
import { configurationWith } from './lib/refresh/configuration.ts';
import { Execution, Timestamp } from './lib/schemas/common.ts';
import { RedriveCount } from './lib/schemas/lock.ts';
import { TemplateVersions } from './lib/schemas/refresh-asg.ts';
import { RefreshPlan } from './lib/schemas/refresh-asg-run.ts';
import { task } from './lib/task.ts';

const { LOCK_TABLE, LOCK_INDEX } = readEnv({ LOCK_TABLE: z.string(), LOCK_INDEX: z.string() });
const locks = new LockTable(dynamoDbClient(), { name: LOCK_TABLE, index: LOCK_INDEX });
const clients = { autoScaling: autoScalingClient(), ec2: ec2Client(), ssm: ssmClient() };

export const Input = z.strictObject({
  execution: Execution,
  redriveCount: RedriveCount,
  plan: RefreshPlan,
  now: Timestamp,
});
/** `previous` is what the group launches now, by numbers. */
export const Output = z.strictObject({
  status: z.literal('Pinned'),
  previous: TemplateVersions,
  warnings: z.array(z.string()),
});

/**
 * Pins a group that launches by `$Latest` or `$Default` to the numbers that these mean now: only then does a new version wait
 * for the refresh, and only then can the refresh be rolled back. Changes nothing else, and nothing where it is so already.
 * Throws TargetLocked, TargetNotFound, TargetNotAllowed, TargetNotRollable, ExclusionsUnreadable. Source: Auto Scaling
 * UpdateAutoScalingGroup; User Guide, "Undo changes with a manual or auto rollback".
 */
export const handler = task(
  { input: Input, output: Output, target: ({ plan }) => plan.autoScalingGroupName },
  async ({ execution, redriveCount, plan, now }) => {
    const { autoScalingGroupName: name } = plan;
    const holder = { executionArn: execution.arn, redriveCount, runbook: execution.runbook };
    await assertHeld(locks, `auto-scaling-group/${name}`, holder, now);
    const group = await allowedGroup(clients, name);
    const templates = await resolveTemplates(clients.ec2, group.templates);
    const refusal = rollableRefusal(group, templates);
    if (refusal !== undefined) throw new TargetNotRollable(refusal.message);
    const previous = versionsOf(templates);
    const floating = templates.filter(({ version, number }) => version !== number);
    if (floating.length > 0)
      await clients.autoScaling.send(
        new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: name, ...configurationWith(group, previous) }),
      );
    const warnings = floating.map(
      ({ launchTemplateId, version, number }) =>
        `TemplatePinned: the group launched by ${version} of ${launchTemplateId}, and launches by its version ${number ?? ''} now`,
    );
    return { status: 'Pinned' as const, previous, warnings };
  },
);

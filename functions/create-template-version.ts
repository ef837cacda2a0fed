import * as z from './lib/zod.ts';
import { autoScalingClient, dynamoDbClient, ec2Client, ssmClient } from './lib/clients.ts';
import { each } from './lib/each.ts';
import { readEnv } from './lib/env.ts';
import { rollableGroup } from './lib/groups/assess.ts';
import { assertHeld } from './lib/locks/assert-held.ts';
import { LockTable } from './lib/locks/lock-table.ts';
import { dryRun } from './lib/refresh/dry-run.ts';
import { versionWith } from './lib/refresh/new-version.ts';
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
/** `target` is what the group is to launch, by numbers. */
export const Output = z.strictObject({ status: z.literal('Created'), target: TemplateVersions });

/**
 * Makes a version with the new AMI of each template that a group launches by, after another look at everything, and asks EC2
 * whether it would launch it. A template that is used twice gets one. Throws what `rollableGroup` does, TargetLocked, and
 * ImageDoesNotFit in EC2's own words. Source: EC2 CreateLaunchTemplateVersion, RunInstances (DryRun).
 */
export const handler = task(
  { input: Input, output: Output, target: ({ plan }) => plan.autoScalingGroupName },
  async ({ execution, redriveCount, plan, now }) => {
    const { autoScalingGroupName, imageId } = plan;
    const holder = { executionArn: execution.arn, redriveCount, runbook: execution.runbook };
    await assertHeld(locks, `auto-scaling-group/${autoScalingGroupName}`, holder, now);
    const { group, templates } = await rollableGroup(clients, { autoScalingGroupName, imageId });
    const distinct = new Map(templates.map((template) => [keyOf(template), template]));
    const made = await each([...distinct], async ([key, template]) => {
      const version = await versionWith(clients.ec2, template, imageId, execution.arn);
      return [key, version] as const;
    });
    const versions = new Map(made);
    const target = templates.map((template) => {
      const { override, launchTemplateId } = template;
      return { override, launchTemplateId, version: versions.get(keyOf(template)) ?? '', imageId };
    });
    await each(templates, (template) => dryRun(clients.ec2, group, template, versions.get(keyOf(template)) ?? ''));
    return { status: 'Created' as const, target };
  },
);

const keyOf = ({ launchTemplateId, number }: { readonly launchTemplateId: string; readonly number: string | null }) =>
  `${launchTemplateId}:${number ?? ''}`;

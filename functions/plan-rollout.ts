import * as z from './lib/zod.ts';
import { autoScalingClient, ec2Client, s3Client, ssmClient } from './lib/clients.ts';
import { readEnv } from './lib/env.ts';
import { AmiNotUsable } from './lib/errors.ts';
import { readExclusions } from './lib/exclusions-reader.ts';
import { planOf, requireRoom, wavesOf } from './lib/rollout/plan.ts';
import { countsOf, targetsOf } from './lib/rollout/report.ts';
import { refreshItem } from './lib/rollout/items.ts';
import { RolloutStore } from './lib/rollout/rollout-store.ts';
import { readTargets } from './lib/rollout/targets.ts';
import { onlineOf } from './lib/rollout/wave-health.ts';
import { survey } from './lib/groups/survey.ts';
import type { GroupState } from './lib/groups/group.ts';
import { each } from './lib/each.ts';
import { runPrefix } from './lib/run-objects.ts';
import { Plan, PlanSummary, Rollout } from './lib/schemas/ami-rollout-run.ts';
import { Execution } from './lib/schemas/common.ts';
import { task } from './lib/task.ts';

const { OUTPUT_BUCKET, TAG_KEY, TAG_VALUE } = readEnv({
  OUTPUT_BUCKET: z.string().check(z.minLength(1)),
  TAG_KEY: z.string().check(z.minLength(1)),
  TAG_VALUE: z.string(),
});
const clients = { autoScaling: autoScalingClient(), ec2: ec2Client() };
const [s3, ssm] = [s3Client(), ssmClient()];

/** Whether the machines of a group report to Systems Manager is told from so many of them. */
const SAMPLE = 3;

export const Input = z.strictObject({ execution: Execution, rollout: Rollout });
const Planned = z.strictObject({ status: z.literal('Planned'), plan: PlanSummary });
const NothingToDo = z.strictObject({ status: z.literal('NothingToDo'), plan: PlanSummary });
export const Output = z.discriminatedUnion('status', [Planned, NothingToDo]);
type Output = z.infer<typeof Output>;

/**
 * Plans a rollout: every target that follows the parameter and is not on the AMI, in waves, and every other one with the
 * reason why it is left alone. Writes the plan, and the items of each wave. Throws ExclusionsUnreadable, AmiNotUsable, and
 * InvalidRequest where the policy makes more waves than an execution has room for.
 * Source: Auto Scaling DescribeAutoScalingGroups, EC2 DescribeInstances, DescribeLaunchTemplateVersions.
 */
export const handler = task(
  { input: Input, output: Output, target: ({ rollout }) => rollout.parameter },
  async ({ execution, rollout }): Promise<Output> => {
    const exclusions = await readExclusions(ssm);
    const { groups, instances, missing } = await readTargets(clients, rollout.policy.selector);
    const { groups: surveyed, facts } = await survey(clients, groups, rollout.imageId);
    const { image, ...others } = facts;
    if (image === undefined) throw new AmiNotUsable(`${rollout.imageId} has gone since it was looked at.`);
    const rules = { tagGate: { key: TAG_KEY, value: TAG_VALUE }, exclusions };
    const reporting = await reportingGroups(groups);
    const plan = planOf(rollout, { surveyed, instances, missing, facts: { image, ...others }, rules, reporting });
    requireRoom(rollout, plan);
    const summary = await write(execution, rollout, plan);
    return { status: plan.planned.length === 0 ? 'NothingToDo' : 'Planned', plan: summary };
  },
);

async function reportingGroups(groups: readonly GroupState[]): Promise<ReadonlySet<string>> {
  const samples = new Map(
    groups.flatMap(({ name, instances }) => instances.slice(0, SAMPLE).map(({ id }) => [id, name] as const)),
  );
  const online = await onlineOf(ssm, [...samples.keys()]);
  return new Set([...online].flatMap((id) => samples.get(id) ?? []));
}

async function write(execution: Execution, rollout: Rollout, plan: Plan): Promise<PlanSummary> {
  const store = new RolloutStore(s3, { bucket: OUTPUT_BUCKET, prefix: runPrefix(execution) });
  const waves = wavesOf(plan);
  await store.writePlan(plan);
  await each(
    Array.from({ length: waves }, (_, wave) => wave),
    (wave) => {
      const targets = plan.planned.filter((target) => target.wave === wave);
      return store.writeItems(
        `wave-${wave}`,
        targets.map((target) => refreshItem(execution, rollout, target)),
      );
    },
  );
  return { waves, counts: countsOf(targetsOf(plan, new Map()), new Map()) };
}

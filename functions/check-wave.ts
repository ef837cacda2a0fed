import * as z from './lib/zod.ts';
import { autoScalingClient, cloudWatchClient, ec2Client, s3Client, ssmClient } from './lib/clients.ts';
import { readEnv } from './lib/env.ts';
import { readGroups } from './lib/groups/group.ts';
import { secondsBetween } from './lib/polling.ts';
import { firingAlarms } from './lib/rollout/alarms.ts';
import { bakeWait } from './lib/rollout/bake.ts';
import { verdictOn } from './lib/rollout/judgement.ts';
import { replacedSince } from './lib/rollout/replaced.ts';
import { RolloutStore } from './lib/rollout/rollout-store.ts';
import { healthProblems, silentOf } from './lib/rollout/wave-health.ts';
import { runPrefix } from './lib/run-objects.ts';
import { Rollout } from './lib/schemas/ami-rollout-run.ts';
import { Execution, Timestamp } from './lib/schemas/common.ts';
import { task } from './lib/task.ts';

const { OUTPUT_BUCKET } = readEnv({ OUTPUT_BUCKET: z.string().check(z.minLength(1)) });
const [autoScaling, cloudWatch, s3] = [autoScalingClient(), cloudWatchClient(), s3Client()];
const clients = { ec2: ec2Client(), ssm: ssmClient() };

/** So many of the problems are told. */
const TOLD = 5;

export const Input = z.strictObject({
  execution: Execution,
  rollout: Rollout,
  wave: z.int().check(z.minimum(0)),
  waves: z.int().check(z.minimum(1)),
  bakingSince: Timestamp,
  now: Timestamp,
});
const Baking = z.strictObject({ status: z.literal('Baking'), waitSeconds: z.int() });
const Healthy = z.strictObject({ status: z.literal('Healthy') });
const Breached = z.strictObject({ status: z.literal('Breached'), reason: z.string() });
export const Output = z.discriminatedUnion('status', [Baking, Healthy, Breached]);
type Output = z.infer<typeof Output>;

/**
 * Looks at a wave that bakes: at the alarms of the policy, and at the machines of its groups, which have to be healthy,
 * enough, and seen by Systems Manager where the old ones were. Source: CloudWatch DescribeAlarms, Auto Scaling
 * DescribeAutoScalingGroups, DescribeScalingActivities, SSM DescribeInstanceInformation.
 */
export const handler = task(
  { input: Input, output: Output, target: ({ rollout }) => rollout.parameter },
  async ({ execution, rollout, wave, waves, bakingSince, now }): Promise<Output> => {
    const { bakeSeconds } = rollout.policy.waves;
    const left = bakeWait(bakeSeconds, secondsBetween(bakingSince, now), waves);
    const store = new RolloutStore(s3, { bucket: OUTPUT_BUCKET, prefix: runPrefix(execution) });
    const [{ planned }, results] = [await store.readPlan(), await store.results()];
    const watched = planned.filter((target) => {
      const result = results.get(target.name);
      return target.wave === wave && result !== undefined && verdictOn(result) === 'good';
    });
    const groups = await readGroups(autoScaling, { names: watched.map(({ name }) => name) });
    const reporting = new Set(watched.filter(({ reports }) => reports).map(({ name }) => name));
    const silent = await silentOf(
      clients,
      groups.filter(({ name }) => reporting.has(name)),
      now,
    );
    const members = await store.readMembers(wave);
    const problems = [
      ...(await firingAlarms(cloudWatch, rollout.policy.alarms)),
      ...(await replacedSince(autoScaling, members, groups, new Date(bakingSince))),
      ...groups.flatMap((group) =>
        healthProblems(group, rollout.policy, silent, members[group.name]?.desired ?? group.desired),
      ),
    ];
    if (problems.length > 0) return { status: 'Breached', reason: told(problems) };
    return left === undefined ? { status: 'Healthy' } : { status: 'Baking', waitSeconds: left };
  },
);

function told(problems: readonly string[]): string {
  const more = problems.length - TOLD;
  return `While baking: ${problems.slice(0, TOLD).join('; ')}${more > 0 ? `; and ${more} more` : ''}.`;
}

import * as z from './lib/zod.ts';
import { autoScalingClient, s3Client } from './lib/clients.ts';
import { readEnv } from './lib/env.ts';
import { readGroups } from './lib/groups/group.ts';
import { breachOf, verdictOn } from './lib/rollout/judgement.ts';
import { bakeWait } from './lib/rollout/bake.ts';
import { membersOf } from './lib/rollout/replaced.ts';
import { RolloutStore } from './lib/rollout/rollout-store.ts';
import { runPrefix } from './lib/run-objects.ts';
import { Rollout, WaveResult } from './lib/schemas/ami-rollout-run.ts';
import { Execution } from './lib/schemas/common.ts';
import { task } from './lib/task.ts';

const { OUTPUT_BUCKET } = readEnv({ OUTPUT_BUCKET: z.string().check(z.minLength(1)) });
const [autoScaling, s3] = [autoScalingClient(), s3Client()];

export const Input = z.strictObject({
  execution: Execution,
  rollout: Rollout,
  wave: z.int().check(z.minimum(0)),
  waves: z.int().check(z.minimum(1)),
  results: z.array(WaveResult),
});
const Baking = z.strictObject({ status: z.literal('Baking'), waitSeconds: z.int() });
const Breached = z.strictObject({ status: z.literal('Breached'), reason: z.string() });
export const Output = z.discriminatedUnion('status', [Baking, Breached]);
type Output = z.infer<typeof Output>;

/**
 * Keeps what came of a wave and which machines it has now, and says whether so much has failed by now that no further one
 * may begin. Asked again it says the same. Source: S3 PutObject, Auto Scaling DescribeAutoScalingGroups.
 */
export const handler = task(
  { input: Input, output: Output, target: ({ rollout }) => rollout.parameter },
  async ({ execution, rollout, wave, waves, results }): Promise<Output> => {
    const store = new RolloutStore(s3, { bucket: OUTPUT_BUCKET, prefix: runPrefix(execution) });
    await store.writeResults(wave, results);
    const { maxFailures, bakeSeconds } = rollout.policy.waves;
    const reason = breachOf(results, (await store.results()).values(), { maxFailures, isCanary: wave === 0 });
    if (reason !== undefined) return { status: 'Breached', reason };
    const names = results.filter((result) => verdictOn(result) === 'good').map(({ name }) => name);
    await store.writeMembers(wave, membersOf(await readGroups(autoScaling, { names })));
    return { status: 'Baking', waitSeconds: bakeWait(bakeSeconds, 0, waves) ?? 0 };
  },
);

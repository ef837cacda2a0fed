import * as z from './lib/zod.ts';
import { s3Client } from './lib/clients.ts';
import { readEnv } from './lib/env.ts';
import { rollBackItem } from './lib/rollout/items.ts';
import { RolloutStore } from './lib/rollout/rollout-store.ts';
import { runPrefix } from './lib/run-objects.ts';
import { Rollout, type PlannedTarget } from './lib/schemas/ami-rollout-run.ts';
import { Execution } from './lib/schemas/common.ts';
import { task } from './lib/task.ts';

const { OUTPUT_BUCKET } = readEnv({ OUTPUT_BUCKET: z.string().check(z.minLength(1)) });
const s3 = s3Client();

/** Those are on the new AMI, wholly or in part. One that was rolled back is back already. */
const TO_GO_BACK: readonly unknown[] = ['Refreshed', 'Failed'];

export const Input = z.strictObject({ execution: Execution, rollout: Rollout, wave: z.int().check(z.minimum(0)) });
const Ready = z.strictObject({
  status: z.literal('Ready'),
  bucket: z.string(),
  items: z.string(),
  concurrency: z.int(),
});
const Nothing = z.strictObject({ status: z.literal('Nothing') });
export const Output = z.discriminatedUnion('status', [Ready, Nothing]);
type Output = z.infer<typeof Output>;

/**
 * Says what goes back after a wave that was not good, by policy: the targets of that wave, those of all so far, or none.
 * Source: S3 GetObject, PutObject.
 */
export const handler = task(
  { input: Input, output: Output, target: ({ rollout }) => rollout.parameter },
  async ({ execution, rollout, wave }): Promise<Output> => {
    const prefix = runPrefix(execution);
    const store = new RolloutStore(s3, { bucket: OUTPUT_BUCKET, prefix });
    const { planned } = await store.readPlan();
    const results = await store.results();
    const goesBack = (target: PlannedTarget): boolean =>
      (rollout.policy.rollBack === 'all' || target.wave === wave) &&
      TO_GO_BACK.includes(results.get(target.name)?.status);
    const targets = rollout.policy.rollBack === 'none' ? [] : planned.filter(goesBack);
    if (targets.length === 0) return { status: 'Nothing' };
    const items = await store.writeItems(
      'rollback',
      targets.map((target) => rollBackItem(execution, rollout, target)),
    );
    return {
      status: 'Ready',
      bucket: OUTPUT_BUCKET,
      items: `${prefix}/${items}`,
      concurrency: rollout.policy.waves.concurrency,
    };
  },
);

import * as z from '../zod.ts';
import { ParameterName } from './rollout-policy.ts';

const known = {
  parameter: ParameterName,
  version: z.nullable(z.int()),
  imageId: z.nullable(z.string()),
  reason: z.string(),
  /** Targets that should be on the AMI and are not; some of their names. */
  behind: z.int(),
  names: z.array(z.string()),
};

/** What the drift check says of a parameter. */
export const DriftReport = z.discriminatedUnion('status', [
  z.strictObject({ status: z.literal('UpToDate'), ...known }),
  z.strictObject({ status: z.literal('Drifted'), ...known, repair: z.boolean() }),
  z.strictObject({ status: z.literal('Held'), ...known }),
  z.strictObject({ status: z.literal('Running'), ...known }),
  z.strictObject({ status: z.literal('Unusable'), ...known }),
]);
export type DriftReport = z.infer<typeof DriftReport>;

import * as z from '../zod.ts';
import { Timestamp } from './common.ts';
import { ImageId, RefreshStatus } from './refresh-asg.ts';
import { ParameterName } from './rollout-policy.ts';

/** The input document of `ami-rollout`. */
export const AmiRolloutRequest = z
  .strictObject({
    parameter: ParameterName.check(z.describe('The AMI parameter, one of the configuration.')),
    dryRun: z._default(z.boolean().check(z.describe('Whether to plan only, and change nothing.')), false),
    retry: z._default(
      z.boolean().check(z.describe('Whether to try a version again that has failed or was rolled back.')),
      false,
    ),
    rollback: z._default(
      z
        .boolean()
        .check(
          z.describe(
            'Whether to write the value that was rolled out before as a new version first, and roll out that.',
          ),
        ),
      false,
    ),
  })
  .check(
    z.refine(({ dryRun, rollback }) => !(dryRun && rollback), {
      error: 'must not be together with dryRun: writing the previous value is a change',
      path: ['rollback'],
    }),
  );
export type AmiRolloutRequest = z.infer<typeof AmiRolloutRequest>;

/** One version of an AMI parameter. A parameter that was deleted and created again begins at version 1 again. */
export const ParameterState = z.strictObject({
  parameter: ParameterName,
  version: z.int().check(z.minimum(1)),
  lastModified: Timestamp,
});
export type ParameterState = z.infer<typeof ParameterState>;

/** Who or what wanted a rollout. */
export const Trigger = z.enum(['parameter-change', 'drift', 'request']);

/** What became of a rollout. `Held`: the version has failed before, and is tried again only when somebody asks for it. */
const RolloutStatus = z.enum([
  'Completed', 'CompletedWithFailures', 'NothingToDo', 'Planned', 'Duplicate', 'Held', 'Superseded', 'Failed',
]); // prettier-ignore

const Count = z.int().check(z.minimum(0));

/** How many targets there are of which kind. */
export const RolloutCounts = z.strictObject({
  targets: Count.check(z.describe('Targets that follow the parameter.')),
  upToDate: Count.check(z.describe('Those that were on the AMI already.')),
  skipped: Count.check(z.describe('Those that were left alone, each with its reason in the plan.')),
  planned: Count.check(z.describe('Those that were to be rolled.')),
  refreshed: Count.check(z.describe('Those that are on the AMI now by this rollout.')),
  failed: Count.check(z.describe('Those that were tried and are not on the AMI.')),
  rolledBack: Count.check(z.describe('Those that were put back onto what they ran before.')),
  untouched: Count.check(z.describe('Those that were planned and not begun.')),
});
export type RolloutCounts = z.infer<typeof RolloutCounts>;

/** One target of a rollout and what became of it. */
export const RolloutTarget = z.strictObject({
  kind: z.enum(['auto-scaling-group', 'instance']).check(z.describe('What it is.')),
  name: z.string().check(z.describe('The name of the group, or the id of the instance.')),
  wave: z.nullable(z.int()).check(z.describe('In which wave it was, the canary being 0; null where in none.')),
  status: z
    .enum(['UpToDate', 'Skipped', 'Planned', ...RefreshStatus.options, 'Refused'])
    .check(z.describe('Refused: nothing was changed there, for the reason given.')),
  reason: z.string().check(z.describe('Why, where there is something to say.')),
  repairCommand: z.optional(z.string().check(z.describe('What to run where it was left on two AMIs.'))),
});
export type RolloutTarget = z.infer<typeof RolloutTarget>;

/** The output document of `ami-rollout`. */
export const AmiRolloutResult = z.strictObject({
  parameter: ParameterName.check(z.describe('The AMI parameter.')),
  version: Count.check(z.describe('The version of the parameter that was rolled out.')),
  imageId: ImageId.check(z.describe('Its value.')),
  status: RolloutStatus.check(z.describe('What became of the rollout; one that failed is an execution that failed.')),
  statusReason: z.string().check(z.describe('Why, where there is something to say.')),
  waves: Count.check(z.describe('How many waves were planned, the canary among them.')),
  counts: RolloutCounts.check(z.describe('How many targets there are of which kind.')),
  targets: z
    .array(RolloutTarget)
    .check(z.describe('At most 50 of them; those that need somebody come first. All are in the results.')),
  resultsUri: z.string().check(z.describe('Where plan.json, targets.jsonl and summary.json are.')),
  warnings: z.array(z.string()).check(z.describe('What went wrong beside it, each with its name.')),
});
export type AmiRolloutResult = z.infer<typeof AmiRolloutResult>;

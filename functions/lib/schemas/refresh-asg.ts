import * as z from '../zod.ts';

/** What an AMI id looks like: 8 hexadecimal digits of the old kind, 17 of the new. */
export const ImageId = z
  .string()
  .check(z.regex(/^ami-(?:[0-9a-f]{8}|[0-9a-f]{17})$/, 'must be an AMI id such as ami-0123456789abcdef0'));

export const AutoScalingGroupName = z
  .string()
  .check(z.minLength(1), z.maxLength(255), z.describe('The name of the Auto Scaling group.'));

/** An instance refresh may run for 14 days. Source: Amazon EC2 Auto Scaling User Guide, "Instance refresh". */
const LONGEST_SECONDS = 14 * 86_400;
const LONGEST_DELAY = 172_800;

const between = (from: number, to: number, what: string) =>
  z.optional(z.int().check(z.minimum(from), z.maximum(to), z.describe(what)));

/** How a group is refreshed, in Auto Scaling's words (API StartInstanceRefresh, RefreshPreferences); times in seconds. */
export const RefreshPreferences = z
  .strictObject({
    minHealthyPercentage: between(0, 100, 'Percent of the desired capacity that stays in service. 90 unless given.'),
    maxHealthyPercentage: between(
      100,
      200,
      'Percent of the desired capacity that is never exceeded; 100 unless given.',
    ),
    instanceWarmup: between(0, 86_400, 'Seconds until a new instance counts; the default of the group unless given.'),
    checkpointPercentages: z.optional(
      z
        .array(z.int().check(z.minimum(1), z.maximum(100)))
        .check(z.minLength(1), z.maxLength(20), z.describe('Percentages at which the refresh pauses, ascending.')),
    ),
    checkpointDelay: between(0, LONGEST_DELAY, 'Seconds that it pauses at each; 3,600 unless given.'),
    bakeTime: between(0, LONGEST_DELAY, 'Seconds after the last replacement for which the refresh still watches.'),
    skipMatching: z.optional(
      z.boolean().check(z.describe('Whether instances that match already stay; true unless given.')),
    ),
    alarms: z.optional(
      z
        .array(z.string().check(z.minLength(1), z.maxLength(255)))
        .check(z.maxLength(10), z.describe('CloudWatch alarms that end the refresh when one is in ALARM.')),
    ),
    scaleInProtectedInstances: z.optional(
      z
        .enum(['Refresh', 'Ignore', 'Wait'])
        .check(z.describe('Instances protected from scale-in; Ignore unless given.')),
    ),
    standbyInstances: z.optional(
      z.enum(['Terminate', 'Ignore', 'Wait']).check(z.describe('Instances in standby; Ignore unless given.')),
    ),
  })
  .check(
    z.refine(
      ({ checkpointPercentages: at = [] }) => at.every((each, index) => index === 0 || each > (at[index - 1] ?? 0)),
      {
        error: 'must ascend',
        path: ['checkpointPercentages'],
      },
    ),
    z.refine(
      ({ minHealthyPercentage: low, maxHealthyPercentage: high }) => high === undefined || high - (low ?? 90) <= 100,
      { error: 'must be at most 100 above minHealthyPercentage', path: ['maxHealthyPercentage'] },
    ),
  );
export type RefreshPreferences = z.infer<typeof RefreshPreferences>;

/** What to do where an instance refresh of somebody else is under way: wait for its end, or cancel it. */
export const OnRefreshInProgress = z.enum(['wait', 'cancel']);

/** A numbered version of a launch template that a group uses; `override` counts those of a mixed-instances policy from 0. */
export const TemplateVersion = z.strictObject({
  override: z.nullable(z.int()).check(z.describe('Which override it is of; null for the template of the group.')),
  launchTemplateId: z.string(),
  version: z.string().check(z.regex(/^[1-9]\d*$/, 'must be the number of a version'), z.describe('Its number.')),
  imageId: ImageId.check(z.describe('The AMI that it launches.')),
});
export type TemplateVersion = z.infer<typeof TemplateVersion>;

/** The most templates that one group may use: its own, and one for each override. */
export const TemplateVersions = z.array(TemplateVersion).check(z.minLength(1), z.maxLength(41));
export type TemplateVersions = z.infer<typeof TemplateVersions>;

/** The input document of `refresh-asg`. */
export const RefreshAsgRequest = z.strictObject({
  autoScalingGroupName: AutoScalingGroupName,
  imageId: ImageId.check(z.describe('The AMI that all of its instances are to run.')),
  preferences: z._default(RefreshPreferences, {}),
  onInstanceRefreshInProgress: z._default(OnRefreshInProgress, 'wait'),
  backTo: z.optional(
    TemplateVersions.check(z.describe('The recorded versions to go back to, instead of making new ones.')),
  ),
  timeoutSeconds: z._default(
    z.int().check(z.minimum(600), z.maximum(LONGEST_SECONDS), z.describe('Seconds that all of it may take.')),
    LONGEST_SECONDS,
  ),
});
export type RefreshAsgRequest = z.infer<typeof RefreshAsgRequest>;

/** What became of a group. `Failed` may have left it on two AMIs; `repairCommand` says how to mend that. */
export const RefreshStatus = z.enum(['Refreshed', 'NothingToDo', 'RolledBack', 'Failed']);
export type RefreshStatus = z.infer<typeof RefreshStatus>;

/** The output document of `refresh-asg`. */
export const RefreshAsgResult = z.strictObject({
  autoScalingGroupName: AutoScalingGroupName,
  status: RefreshStatus.check(z.describe('What became of the group.')),
  statusReason: z.string().check(z.describe('Why, where it did not end with Refreshed.')),
  imageId: ImageId.check(z.describe('The AMI that was asked for.')),
  previous: TemplateVersions.check(z.describe('The versions that the group used before.')),
  current: TemplateVersions.check(z.describe('The versions that the group uses now.')),
  instanceRefreshIds: z
    .array(z.string())
    .check(z.describe('The instance refreshes that were started, in their order.')),
  instances: z.record(ImageId, z.int()).check(z.describe('How many of its instances run which AMI now.')),
  repairCommand: z.optional(z.string().check(z.describe('What to run where the group was left on more than one AMI.'))),
  warnings: z.array(z.string()),
});
export type RefreshAsgResult = z.infer<typeof RefreshAsgResult>;

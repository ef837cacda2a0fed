import * as z from '../zod.ts';
import { InstanceId } from './common.ts';
import { AutoScalingGroupName, OnRefreshInProgress, RefreshPreferences } from './refresh-asg.ts';

const MOST_TAGS = 10;
const MOST_NAMED = 200;
const DAY_SECONDS = 86_400;

/** A name of Parameter Store. Public parameters begin with /aws/service/ and raise no events in the account. */
export const ParameterName = z
  .string()
  .check(
    z.maxLength(1011),
    z.regex(/^\/[\w.-]+(?:\/[\w.-]+)*$/, 'must be the full name of a parameter such as /ami/linux/test'),
  );

const Selector = z
  .strictObject({
    tags: z.optional(
      z.record(z.string().check(z.minLength(1), z.maxLength(128)), z.string().check(z.maxLength(256))).check(
        z.refine((tags) => Object.keys(tags).length <= MOST_TAGS, { error: `must name at most ${MOST_TAGS} tags` }),
        z.describe('Groups and instances that have all of these tags.'),
      ),
    ),
    autoScalingGroups: z.optional(
      z.array(AutoScalingGroupName).check(z.maxLength(MOST_NAMED), z.describe('These groups.')),
    ),
    instanceIds: z.optional(
      z.array(InstanceId).check(z.maxLength(MOST_NAMED), z.describe('These standalone instances.')),
    ),
  })
  .check(
    z.refine(
      ({ tags = {}, autoScalingGroups = [], instanceIds = [] }) =>
        Object.keys(tags).length + autoScalingGroups.length + instanceIds.length > 0,
      { error: 'must name tags, autoScalingGroups or instanceIds' },
    ),
  );

const SHARE = 'must be a number from 1, or a percentage from 1% to 100%';
const percent = z.string().check(z.regex(/^(?:[1-9]|[1-9]\d|100)%$/, SHARE));
/** A number of targets, or a percentage of those that are rolled, rounded up. */
const share = z.union([z.int().check(z.minimum(1)), percent], { error: SHARE });

const seconds = (from: number, to: number) => z.int().check(z.minimum(from), z.maximum(to));

const Waves = z.strictObject({
  canary: z._default(share.check(z.describe('How many targets go first, alone.')), 1),
  batch: z._default(share.check(z.describe('How many targets each later wave has, at most 200.')), '25%'),
  concurrency: z._default(
    z.int().check(z.minimum(1), z.maximum(1000), z.describe('How many targets of a wave are worked on at once.')),
    10,
  ),
  maxFailures: z._default(
    z
      .int()
      .check(z.minimum(0), z.describe('How many targets may fail before no further wave begins. None of the canary.')),
    0,
  ),
  bakeSeconds: z._default(
    seconds(0, 2 * DAY_SECONDS).check(z.describe('Seconds for which a wave is watched before the next begins.')),
    300,
  ),
});

const isTimeZone = (name: string): boolean => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
};
const clock = z.string().check(z.regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day such as 22:30'));

/** When waves may begin. An end before the start is on the next day. */
export const ChangeWindow = z
  .strictObject({
    days: z
      .array(z.enum(['MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT', 'SUN']))
      .check(z.minLength(1), z.maxLength(7), z.describe('The days on which it opens.')),
    start: clock.check(z.describe('When it opens, by the time zone.')),
    end: clock.check(z.describe('When it closes.')),
    timeZone: z._default(
      z.string().check(z.refine(isTimeZone, { error: 'must be an IANA time zone such as Europe/Berlin' })),
      'UTC',
    ),
  })
  .check(z.refine(({ start, end }) => start !== end, { error: 'must not be the start', path: ['end'] }));
export type ChangeWindow = z.infer<typeof ChangeWindow>;

/** What follows an AMI parameter, and how a new AMI gets to it. One entry of `amiParameters` in the configuration. */
export const RolloutPolicy = z.strictObject({
  parameter: ParameterName.check(z.describe('The parameter whose value is the AMI id.')),
  selector: Selector.check(z.describe('What follows the parameter.')),
  waves: z._default(Waves, z.parse(Waves, {})),
  preferences: z._default(RefreshPreferences.check(z.describe('How groups are refreshed.')), {}),
  asgConfigurations: z._default(
    z.record(AutoScalingGroupName, RefreshPreferences).check(z.describe('What single groups, by name, have instead.')),
    {},
  ),
  onInstanceRefreshInProgress: z._default(OnRefreshInProgress, 'wait'),
  alarms: z._default(
    z
      .array(z.string().check(z.minLength(1), z.maxLength(255)))
      .check(z.maxLength(100), z.describe('CloudWatch alarms that stop the rollout between waves.')),
    [],
  ),
  rollBack: z._default(
    z
      .enum(['wave', 'all', 'none'])
      .check(z.describe('What goes back when a wave is not good: its own targets, all so far, or none.')),
    'wave',
  ),
  approval: z._default(
    z.enum(['none', 'required']).check(z.describe('Whether somebody must approve the plan.')),
    'none',
  ),
  approvalTimeoutSeconds: z._default(seconds(60, 14 * DAY_SECONDS), DAY_SECONDS),
  window: z.optional(ChangeWindow.check(z.describe('When waves may begin; at any time unless given.'))),
  drift: z._default(
    z.enum(['repair', 'report']).check(z.describe('Whether the drift check starts a rollout that was missed.')),
    'repair',
  ),
});
export type RolloutPolicy = z.infer<typeof RolloutPolicy>;

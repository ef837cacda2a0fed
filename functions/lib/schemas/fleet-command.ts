import { CATALOGUE } from '../catalogue/commands.ts';
import { asRequested } from '../catalogue/requested.ts';
import * as z from '../zod.ts';
import { commandFields } from './command-request.ts';
import { InstanceId } from './common.ts';

/** The request stands in the execution's history with its script, and both must fit into 256 KiB. */
const MOST_INSTANCE_IDS = 5000;
const MOST_GROUPS = 200;
const MOST_TAGS = 10;
const MOST_VALUES = 50;
const LONGEST_LOCK_WAIT = 86_400;

const tagValue = z.string().check(z.maxLength(256));
const Tags = z
  .record(
    z.string().check(z.minLength(1), z.maxLength(128)),
    z.union([tagValue, z.array(tagValue).check(z.minLength(1), z.maxLength(MOST_VALUES))]),
  )
  .check(
    z.refine((tags) => Object.keys(tags).length > 0, { error: 'must name at least one tag' }),
    z.refine((tags) => Object.keys(tags).length <= MOST_TAGS, { error: `must name at most ${MOST_TAGS} tags` }),
  );

const Targets = z.union(
  [
    z.strictObject({
      tags: Tags.check(
        z.describe('Machines that have all of these tags, each with the value, or with one of the values, given.'),
      ),
    }),
    z.strictObject({
      instanceIds: z
        .array(InstanceId)
        .check(z.minLength(1), z.maxLength(MOST_INSTANCE_IDS), z.describe('These instances.')),
    }),
    z.strictObject({
      autoScalingGroups: z
        .array(z.string().check(z.minLength(1), z.maxLength(255)))
        .check(z.minLength(1), z.maxLength(MOST_GROUPS), z.describe('The instances of these Auto Scaling groups.')),
    }),
  ],
  'must be one of {tags}, {instanceIds} and {autoScalingGroups}, and well-formed',
);

const percent = (from: 0 | 1) => {
  const pattern = from === 0 ? /^(?:\d|[1-9]\d|100)%$/ : /^(?:[1-9]|[1-9]\d|100)%$/;
  return z.string().check(z.regex(pattern, `must be a number or a percentage from ${from}% to 100%`));
};
/** A number of machines, or a percentage of those that are not refused from the start, rounded down. */
const limit = (from: 0 | 1) => z.union([z.int().check(z.minimum(from)), percent(from)]);

/** The input document of `fleet-command`. */
export const FleetCommandRequest = z
  .strictObject({
    targets: Targets.check(z.describe('Which machines are meant.')),
    ...commandFields('Seconds that the script may take on each machine; then it is ended.'),
    maxConcurrency: z._default(
      limit(1).check(
        z.describe('How many machines run the script at once. Percentages are rounded down, to 1 at least.'),
      ),
      '10%',
    ),
    maxErrors: z._default(
      limit(0).check(
        z.describe('How many machines may fail, time out or not be reached before nothing more is sent. Rounded down.'),
      ),
      0,
    ),
    canary: z.optional(
      limit(1).check(
        z.describe('So many machines first: unless the script succeeds on all of them, no other runs it.'),
      ),
    ),
    lockTimeoutSeconds: z._default(
      z
        .int()
        .check(
          z.minimum(0),
          z.maximum(LONGEST_LOCK_WAIT),
          z.describe(
            'How long machines that others work on are tried again, in seconds after all others were sent to.',
          ),
        ),
      3600,
    ),
  })
  .check(asRequested(CATALOGUE));
export type FleetCommandRequest = z.infer<typeof FleetCommandRequest>;

/** What became of a machine that a command was sent for. */
export const MachineStatus = z
  .enum(['Success', 'Failed', 'TimedOut', 'Undelivered', 'Cancelled', 'NotRun', 'Unknown'])
  .check(
    z.describe(
      'Undelivered: it never ran there. Cancelled: while it ran. NotRun: called back before it began. Unknown: the answer was lost.',
    ),
  );
export type MachineStatus = z.infer<typeof MachineStatus>;

/** Why a machine was refused: the names of errors where run-command would fail with them. */
const RefusalReason = z.enum([
  'TargetNotFound', 'TargetNotRunning', 'TargetNotAllowed', 'TargetExcluded', 'TargetOffline', 'TargetLocked',
  'InvalidPlatform',
]); // prettier-ignore

/** A machine that was not sent to, and why. */
export const Refusal = z.strictObject({
  instanceId: InstanceId.check(z.describe('The EC2 instance.')),
  reason: RefusalReason.check(z.describe('The name of the reason.')),
  message: z.string().check(z.describe('The reason in words, often with what to do.')),
});
export type Refusal = z.infer<typeof Refusal>;

/** Why nothing more was sent. */
const StopReason = z.enum([
  'MaxErrorsExceeded', 'CanaryFailed', 'StopRequested', 'ExclusionsUnreadable', 'CommandRefused', 'CommandThrottled', 'HistoryFull',
]); // prettier-ignore

export const Stop = z.strictObject({
  reason: StopReason.check(z.describe('Which limit, or whose wish; docs/runbooks/fleet-command.md explains each.')),
  message: z.string().check(z.describe('The same in words, with its numbers.')),
});
export type Stop = z.infer<typeof Stop>;

const count = z.int().check(z.minimum(0));

/** The output document of `fleet-command`. Lists hold their first 100; the objects below resultsUri hold all. */
export const FleetCommandResult = z.strictObject({
  status: z
    .enum(['Success', 'Incomplete', 'Stopped'])
    .check(
      z.describe(
        'Success: the script succeeded on every machine. Incomplete: some failed or were refused. Stopped: some were never sent to.',
      ),
    ),
  stop: z.optional(Stop.check(z.describe('Why nothing more was sent.'))),
  summary: z.string().check(z.describe('The same in a sentence.')),
  targets: count.check(z.describe('How many machines were meant.')),
  counts: z
    .strictObject({
      success: count.check(z.describe('It exited with 0.')),
      failed: count.check(z.describe('It ran, and its exit code is not 0.')),
      timedOut: count.check(z.describe('It was not done within timeout_seconds.')),
      undelivered: count.check(z.describe('It never ran: the machine could not be reached.')),
      cancelled: count.check(z.describe('It was cancelled while it ran.')),
      notRun: count.check(z.describe('It was called back before it began.')),
      unknown: count.check(z.describe('Whether it ran cannot be told.')),
      refused: count.check(z.describe('Nothing was sent, for a reason of the machine.')),
      notCommanded: count.check(z.describe('Nothing was sent, because the run was stopped.')),
    })
    .check(z.describe('The machines by what became of them; together they are all.')),
  commands: count.check(z.describe('How many commands were sent.')),
  outputs: z
    .array(
      z.strictObject({
        status: MachineStatus,
        exitCode: z.int().check(z.describe('-1 where no process ended.')),
        machines: count.check(z.describe('How many machines ended so.')),
        output: z.string().check(z.describe('What they printed, its first 500 characters.')),
        examples: z.array(InstanceId).check(z.describe('Up to three of them.')),
      }),
    )
    .check(z.describe('The ten most frequent outcomes: status, exit code and output alike.')),
  failures: z
    .array(
      z.strictObject({
        instanceId: InstanceId.check(z.describe('The EC2 instance.')),
        status: MachineStatus,
        statusDetails: z.string().check(z.describe("The same in Systems Manager's finer terms.")),
        exitCode: z.int().check(z.describe('-1 where no process ended.')),
      }),
    )
    .check(z.describe('Machines on which the script did not succeed.')),
  refused: z.array(Refusal).check(z.describe('Machines that were not sent to, and why.')),
  notCommanded: z.array(InstanceId).check(z.describe('Machines that were never sent to, because the run was stopped.')),
  resultsUri: z
    .string()
    .check(z.describe('results/ holds a line for each machine; refused.jsonl and not-commanded.jsonl the others.')),
  warnings: z.array(z.string()).check(z.describe('What went wrong beside the commands.')),
});
export type FleetCommandResult = z.infer<typeof FleetCommandResult>;

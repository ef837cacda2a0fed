import { PutParameterCommand, type ParameterHistory } from '@aws-sdk/client-ssm';
import * as z from './lib/zod.ts';
import { dynamoDbClient, ssmClient, ssmClientWithoutRetry } from './lib/clients.ts';
import { each } from './lib/each.ts';
import { readEnv } from './lib/env.ts';
import { AmiNotUsable, NothingToRollBackTo, RolloutSuperseded } from './lib/errors.ts';
import { secondsBetween } from './lib/polling.ts';
import { isRefusal } from './lib/refusal.ts';
import { historyOf, readParameter } from './lib/rollout/parameter.ts';
import { RolloutTable } from './lib/rollout/rollout-table.ts';
import { Rollout } from './lib/schemas/ami-rollout-run.ts';
import { Execution, Timestamp } from './lib/schemas/common.ts';
import { ImageId } from './lib/schemas/refresh-asg.ts';
import { task } from './lib/task.ts';

const { ROLLOUT_TABLE } = readEnv({ ROLLOUT_TABLE: z.string() });
const ssm = ssmClient();
const writer = ssmClientWithoutRetry();
const table = new RolloutTable(dynamoDbClient(), ROLLOUT_TABLE);
const WORKED: readonly unknown[] = ['Completed', 'CompletedWithFailures', 'NothingToDo'];
const FAILED: readonly unknown[] = ['Failed', 'RolledBack'];

/** Parameter Store validates an AMI for so long at the most before it takes it, or does not. */
const VALIDATES_WITHIN_SECONDS = 300;
const LOOK_AGAIN_SECONDS = 10;

/** `putAt`: when the value was written; null where it has not been yet. */
export const Input = z.strictObject({
  execution: Execution,
  rollout: Rollout,
  putAt: z.nullable(Timestamp),
  now: Timestamp,
});
type Input = z.infer<typeof Input>;
const Written = z.strictObject({ status: z.literal('Written'), rollout: Rollout });
const Pending = z.strictObject({ status: z.literal('Pending'), waitSeconds: z.int() });
export const Output = z.discriminatedUnion('status', [Written, Pending]);
type Output = z.infer<typeof Output>;

/**
 * Writes the value that was rolled out before as a new version of the parameter, and goes on with that; a parameter of the
 * data type `aws:ec2:image` has it when Parameter Store has validated it, which is waited for. Asked again it finds what it
 * has written. Throws NothingToRollBackTo, RolloutSuperseded where somebody else wrote a version meanwhile, and
 * AmiNotUsable for a value that does not pass. Source: SSM GetParameterHistory, PutParameter; Systems Manager User Guide,
 * "Native parameter support for Amazon Machine Image IDs".
 */
export const handler = task(
  { input: Input, output: Output, target: ({ rollout }) => rollout.parameter },
  async (input): Promise<Output> => {
    const { rollout, putAt } = input;
    const { parameter, version } = rollout;
    const before = (await historyOf(ssm, parameter)).filter(({ Version = 0 }) => Version < version);
    const imageId = await workedBefore(rollout, before);
    let found = await readParameter(ssm, parameter);
    if (found.state.version === version && putAt === null) {
      await table.noteRequesters({ parameter, version: version + 1 }, rollout.requestedBy, input.now);
      await put(parameter, imageId);
      found = await readParameter(ssm, parameter);
    }
    if (found.state.version === version) return pending(input, imageId);
    if (found.value !== imageId)
      throw new RolloutSuperseded(
        `${parameter} was at version ${version} when the roll-back began, and somebody has written version ${found.state.version} since.`,
      );
    return { status: 'Written', rollout: { ...rollout, ...found.state, imageId } };
  },
);

function pending({ rollout: { parameter }, putAt, now }: Input, imageId: string): Output {
  if (putAt === null || secondsBetween(putAt, now) < VALIDATES_WITHIN_SECONDS)
    return { status: 'Pending', waitSeconds: LOOK_AGAIN_SECONDS };
  throw new AmiNotUsable(
    `Parameter Store has not taken ${imageId} as the value of ${parameter}: there is no such AMI any more, or it may not be seen. ` +
      `To see it: aws ec2 describe-images --image-ids ${imageId}`,
  );
}

/**
 * The last value that differs, was rolled out and has not failed since; where there is none, the last one that differs and
 * of which nothing is known, as of the AMI from before the first rollout.
 */
async function workedBefore(
  { parameter, version, imageId }: Rollout,
  before: readonly ParameterHistory[],
): Promise<string> {
  const others = before.filter(({ Value }) => Value !== imageId && ImageId.safeParse(Value).success);
  const known = await each(others, async ({ Value = '', Version = 0, LastModifiedDate }) => {
    const lastModified = LastModifiedDate?.toISOString() ?? '';
    const outcome = await table.outcomeOf({ parameter, version: Version, lastModified });
    return { value: Value, outcome: outcome?.outcome };
  });
  const fit = known.filter(({ value }, index) => !known.slice(0, index).some(hasFailed(value)));
  const chosen =
    fit.find(({ outcome }) => WORKED.includes(outcome)) ?? fit.find(({ outcome }) => outcome === undefined);
  if (chosen !== undefined) return chosen.value;
  throw new NothingToRollBackTo(
    `No version of ${parameter} before ${version} has another AMI that has not failed. Write the AMI that you want: ` +
      `aws ssm put-parameter --overwrite --name ${parameter} --value AMI_ID`,
  );
}

const hasFailed =
  (value: string) =>
  (version: { readonly value: string; readonly outcome: unknown }): boolean =>
    version.value === value && FAILED.includes(version.outcome);

/** Once: a repeat would be a version too many. Where the answer is lost, reading the parameter tells what was done. */
async function put(Name: string, Value: string): Promise<void> {
  await writer.send(new PutParameterCommand({ Name, Value, Overwrite: true })).catch((error: unknown) => {
    if (isRefusal(error)) throw error;
  });
}

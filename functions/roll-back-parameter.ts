import { PutParameterCommand, type ParameterHistory } from '@aws-sdk/client-ssm';
import * as z from './lib/zod.ts';
import { dynamoDbClient, ssmClient, ssmClientWithoutRetry } from './lib/clients.ts';
import { readEnv } from './lib/env.ts';
import { NothingToRollBackTo, RolloutSuperseded } from './lib/errors.ts';
import { isRefusal } from './lib/refusal.ts';
import { historyOf, readParameter } from './lib/rollout/parameter.ts';
import { RolloutTable } from './lib/rollout/rollout-table.ts';
import { Rollout } from './lib/schemas/ami-rollout-run.ts';
import { Execution } from './lib/schemas/common.ts';
import { ImageId } from './lib/schemas/refresh-asg.ts';
import { task } from './lib/task.ts';

const { ROLLOUT_TABLE } = readEnv({ ROLLOUT_TABLE: z.string() });
const ssm = ssmClient();
const writer = ssmClientWithoutRetry();
const table = new RolloutTable(dynamoDbClient(), ROLLOUT_TABLE);
const WORKED: readonly unknown[] = ['Completed', 'CompletedWithFailures', 'NothingToDo'];

export const Input = z.strictObject({ execution: Execution, rollout: Rollout });
export const Output = z.strictObject({ status: z.literal('Written'), rollout: Rollout });

/**
 * Writes the value that was rolled out before as a new version of the parameter, and goes on with that. Asked again it
 * finds what it has written. Throws NothingToRollBackTo, and RolloutSuperseded where somebody else wrote a version
 * meanwhile. Source: SSM GetParameterHistory, PutParameter.
 */
export const handler = task(
  { input: Input, output: Output, target: ({ rollout }) => rollout.parameter },
  async ({ rollout }) => {
    const { parameter, version } = rollout;
    const versions = await historyOf(ssm, parameter);
    const before = versions.filter(({ Version = 0 }) => Version < version);
    const imageId = await workedBefore(rollout, before);
    const now = await readParameter(ssm, parameter);
    if (now.state.version === version) await put(parameter, imageId);
    const written = now.state.version === version ? await readParameter(ssm, parameter) : now;
    if (written.state.version !== version + 1 || written.value !== imageId)
      throw new RolloutSuperseded(
        `${parameter} was at version ${version} when the roll-back began, and somebody has written version ${written.state.version} since.`,
      );
    return { status: 'Written' as const, rollout: { ...rollout, ...written.state, imageId } };
  },
);

/** The last value that differs and was rolled out; where nothing is known of any, the last one that differs. */
async function workedBefore(rollout: Rollout, before: readonly ParameterHistory[]): Promise<string> {
  const others = before.filter(({ Value }) => Value !== rollout.imageId && ImageId.safeParse(Value).success);
  for (const { Value = '', Version = 0, LastModifiedDate } of others) {
    const lastModified = LastModifiedDate?.toISOString() ?? '';
    const outcome = await table.outcomeOf({ parameter: rollout.parameter, version: Version, lastModified });
    if (WORKED.includes(outcome?.outcome)) return Value;
  }
  const [last] = others;
  if (last?.Value === undefined)
    throw new NothingToRollBackTo(
      `No version of ${rollout.parameter} before ${rollout.version} has another AMI. Write the AMI that you want: ` +
        `aws ssm put-parameter --overwrite --name ${rollout.parameter} --value AMI_ID`,
    );
  return last.Value;
}

/** Once: a repeat would be a version too many. Where the answer is lost, reading the parameter tells what was done. */
async function put(Name: string, Value: string): Promise<void> {
  await writer.send(new PutParameterCommand({ Name, Value, Overwrite: true })).catch((error: unknown) => {
    if (isRefusal(error)) throw error;
  });
}

import { DescribeInstancesCommand, type Instance } from '@aws-sdk/client-ec2';
import {
  DescribeInstanceInformationCommand,
  type DescribeInstanceInformationCommandOutput,
  type InstanceInformation,
} from '@aws-sdk/client-ssm';
import * as z from './lib/zod.ts';
import { assertAllowed, linesOf } from './lib/catalogue/chosen.ts';
import { CATALOGUE } from './lib/catalogue/commands.ts';
import { ec2Client, ssmClient } from './lib/clients.ts';
import { readEnv } from './lib/env.ts';
import { TargetNotAllowed, TargetNotFound, TargetOffline } from './lib/errors.ts';
import { exclusionOf } from './lib/exclusions.ts';
import { readExclusions } from './lib/exclusions-reader.ts';
import { Execution } from './lib/schemas/common.ts';
import { RunCommandRequest } from './lib/schemas/run-command.ts';
import { ValidatedTarget } from './lib/schemas/target.ts';
import { task } from './lib/task.ts';

const { ALLOW_ARBITRARY_COMMANDS, DISABLED_COMMANDS, TAG_KEY, TAG_VALUE } = readEnv({
  ALLOW_ARBITRARY_COMMANDS: z.enum(['true', 'false']),
  /** Names of the catalogue, with commas between them. */
  DISABLED_COMMANDS: z.string(),
  TAG_KEY: z.string().check(z.minLength(1)),
  TAG_VALUE: z.string(),
});
const allowed = {
  arbitraryCommands: ALLOW_ARBITRARY_COMMANDS === 'true',
  disabledCommands: DISABLED_COMMANDS.split(','),
};
const ec2 = ec2Client();
const ssm = ssmClient();

export const Input = z.strictObject({ execution: Execution, request: RunCommandRequest });
export const Output = ValidatedTarget;

/**
 * Says whether a command may be sent to an instance, and as what. Throws InvalidRequest, CommandNotAllowed, TargetNotFound, TargetNotAllowed,
 * ExclusionsUnreadable, TargetOffline (which includes an instance that is not running). Source: EC2 DescribeInstances, SSM
 * DescribeInstanceInformation, GetParameter.
 */
export const handler = task(
  { input: Input, output: Output, target: ({ request }) => request.instanceId },
  async ({ request }) => {
    const { instanceId, timeoutSeconds, workingDirectory = '', comment = '' } = request;
    assertAllowed(CATALOGUE, allowed, request);
    const instance = assertTagged(instanceId, await describeInstance(instanceId));
    const exclusion = exclusionOf(instance, await readExclusions(ssm));
    if (exclusion !== undefined) throw new TargetNotAllowed(`${instanceId} ${exclusion}`);
    assertRunning(instanceId, instance);
    const { PlatformType } = assertOnline(instanceId, await describeAgent(instanceId));
    const ssmDocument =
      request.ssmDocument ?? (PlatformType === 'Windows' ? 'AWS-RunPowerShellScript' : 'AWS-RunShellScript');
    const commands = [...linesOf(CATALOGUE, request, ssmDocument)];
    return { instanceId, ssmDocument, commands, workingDirectory, timeoutSeconds, comment };
  },
);

async function describeInstance(instanceId: string): Promise<Instance> {
  const byId = new DescribeInstancesCommand({ InstanceIds: [instanceId] });
  const { Reservations = [] } = await ec2.send(byId).catch((error: unknown) => {
    if (error instanceof Error && /^InvalidInstanceID\./.test(error.name)) return { Reservations: [] };
    throw error;
  });
  const instance = Reservations.flatMap(({ Instances = [] }) => Instances)[0];
  if (instance === undefined) throw new TargetNotFound(`${instanceId} does not exist in this account and region`);
  if (instance.State?.Name === 'terminated') throw new TargetNotFound(`${instanceId} has been terminated`);
  return instance;
}

function assertTagged(instanceId: string, instance: Instance): Instance {
  const tag = instance.Tags?.find(({ Key }) => Key === TAG_KEY);
  if (tag?.Value === TAG_VALUE) return instance;
  const found = tag === undefined ? 'it has no such tag' : `its value is ${JSON.stringify(tag.Value)}`;
  throw new TargetNotAllowed(
    `${instanceId} is not tagged ${TAG_KEY}=${TAG_VALUE} (${found}). To allow it: ` +
      `aws ec2 create-tags --resources ${instanceId} --tags 'Key=${TAG_KEY},Value=${TAG_VALUE}'`,
  );
}

function assertRunning(instanceId: string, { State }: Instance): void {
  if (State?.Name === 'running') return;
  const start = State?.Name === 'stopped' ? ` To start it: aws ec2 start-instances --instance-ids ${instanceId}` : '';
  throw new TargetOffline(`${instanceId} is ${State?.Name ?? 'in an unknown state'}, not running.${start}`);
}

/** A page may be empty although another follows. */
async function describeAgent(instanceId: string): Promise<InstanceInformation | undefined> {
  const input = { Filters: [{ Key: 'InstanceIds', Values: [instanceId] }] };
  let NextToken: string | undefined;
  do {
    const page: DescribeInstanceInformationCommandOutput = await ssm.send(
      new DescribeInstanceInformationCommand({ ...input, NextToken }),
    );
    const [agent] = page.InstanceInformationList ?? [];
    if (agent !== undefined) return agent;
    ({ NextToken } = page);
    // The last page may say so with an empty token (API reference).
  } while (NextToken !== undefined && NextToken !== '');
  return undefined;
}

function assertOnline(instanceId: string, agent: InstanceInformation | undefined): InstanceInformation {
  if (agent === undefined)
    throw new TargetOffline(
      `${instanceId} is not managed by SSM: its agent never registered. Check its instance profile and its way to the ssm endpoints`,
    );
  if (agent.PingStatus === 'Online') return agent;
  const last = agent.LastPingDateTime?.toISOString() ?? 'never';
  throw new TargetOffline(
    `The SSM agent of ${instanceId} is ${agent.PingStatus ?? 'unknown'}, not Online; last ping: ${last}`,
  );
}

import { fileURLToPath } from 'node:url';
import type { Caller } from '../../../sandbox/core/service.ts';
import { operation } from '../../../sandbox/core/service.ts';
import type { Authorize } from '../../../sandbox/core/dispatcher.ts';
import { AwsError } from '../../../sandbox/core/aws-error.ts';
import { applyFleet, type Fleet, type FleetUser, loadFleet } from '../../../sandbox/fleets/index.ts';
import { createAutoScaling } from '../../../sandbox/services/autoscaling/index.ts';
import type { AlarmState } from '../../../sandbox/services/autoscaling/machines.ts';
import { createCloudWatch } from '../../../sandbox/services/cloudwatch/index.ts';
import { createEc2 } from '../../../sandbox/services/ec2/index.ts';
import { createIam } from '../../../sandbox/services/iam/index.ts';
import { createKms } from '../../../sandbox/services/kms/index.ts';
import { createSsm, type SendCommandDenial, type Ssm } from '../../../sandbox/services/ssm/index.ts';
import { operator, testWorld } from '../support/world.ts';

export const DEMO = fileURLToPath(new URL('../../../sandbox/fleets/demo.json', import.meta.url));

export const WEB = 'i-0aa11bb22cc33dd01';
export const WEB_2 = 'i-0aa11bb22cc33dd02';
export const DATABASE = 'i-0aa11bb22cc33dd03';
export const WINDOWS = 'i-0aa11bb22cc33dd05';
export const OFFLINE = 'i-0aa11bb22cc33dd07';
export const STOPPED = 'i-0aa11bb22cc33dd08';

interface Uploaded {
  readonly caller: Caller;
  readonly key: string;
  readonly text: string;
}

const callerOf = (profile: string, instanceId: string): Caller => ({
  kind: 'role',
  arn: `arn:aws:sts::123456789012:assumed-role/role-of-${profile}/${instanceId}`,
  roleName: `role-of-${profile}`,
});

export interface FleetOptions {
  readonly seed?: number;
  readonly fleet?: Fleet;
  readonly sendCommandDenial?: SendCommandDenial;
  readonly authorize?: Authorize;
  readonly alarmState?: AlarmState;
}

/** The machines of the demo fleet, without its Auto Scaling groups. */
const demoMachines = (): Fleet => ({ ...loadFleet(DEMO), launchTemplates: {}, autoScalingGroups: [] });

/** EC2 and SSM with a fleet, and a bucket that keeps what is put unless told to deny it. */
export async function fleetWorld({
  fleet = demoMachines(),
  sendCommandDenial,
  alarmState,
  ...options
}: FleetOptions = {}) {
  const world = testWorld(options);
  const ec2 = createEc2(world, { parameterOf: (reference) => ssm.parameters.find(reference).found });
  const ssm: Ssm = createSsm(world, { ec2: ec2.store, callerOf, sendCommandDenial });
  const cloudwatch = createCloudWatch(world);
  const kms = createKms(world, createIam(world));
  const uploaded: Uploaded[] = [];
  const users: FleetUser[] = [];
  const bucket = { denies: false };
  const put = operation<{ Key: string; Body: Uint8Array }, { $metadata: unknown }>(
    () => [],
    ({ Key: key, Body: body }, { caller }) => {
      if (bucket.denies) throw new AwsError('AccessDenied', 'Access Denied', 403);
      uploaded.push({ caller, key, text: new TextDecoder().decode(body) });
      return {};
    },
  );
  const autoscaling = createAutoScaling(world, { ec2, alarmState });
  world.dispatcher.register(ec2.service);
  world.dispatcher.register(autoscaling.service);
  world.dispatcher.register(ssm.service);
  world.dispatcher.register({ id: 's3', operations: { PutObject: put } });
  await applyFleet(fleet, {
    world,
    ec2: ec2.store,
    autoscaling,
    parameters: ssm.parameters,
    alarms: cloudwatch.alarms,
    keys: kms.keys,
    outputs: { InstanceProfileName: 'profile-of-machines', 'Stack.InstanceProfileName': '', ExportsOutputRefX: '' },
    hasProfile: (name) => ['p', 'profile-of-machines'].includes(name),
    addUser: async (user) => void users.push(user),
  });

  /** Calls an operation as the operator, in virtual time. */
  async function call<O = Record<string, never>>(service: 'ec2' | 'ssm', name: string, input: object = {}): Promise<O> {
    return (await world.dispatcher.call(operator, service, name, input)) as O;
  }
  /** The code and message of the error that a call ends in. */
  async function failure(service: 'ec2' | 'ssm', name: string, input: object = {}): Promise<string> {
    try {
      await call(service, name, input);
    } catch (error) {
      if (error instanceof AwsError) return `${error.code}: ${error.message}`;
      throw error;
    }
    throw new Error(`${name} did not fail`);
  }
  return {
    world,
    clock: world.clock,
    ec2: ec2.store,
    autoscaling,
    ssm,
    cloudwatch,
    kms,
    uploaded,
    bucket,
    users,
    call,
    failure,
  };
}

export type FleetWorld = Awaited<ReturnType<typeof fleetWorld>>;

export interface InvocationAnswer {
  readonly Status: string;
  readonly StatusDetails: string;
  readonly ResponseCode: number;
  readonly StandardOutputContent: string;
  readonly StandardErrorContent: string;
  readonly StandardOutputUrl: string;
  readonly PluginName: string;
  readonly ExecutionStartDateTime: string;
  readonly ExecutionElapsedTime: string;
}

/** Sends a shell command and answers its id. */
export async function send(
  { call }: FleetWorld,
  instanceId: string,
  commands: string[],
  input: object = {},
): Promise<string> {
  const parameters = 'Parameters' in input ? input.Parameters : undefined;
  const { Command: command } = await call<{ Command: { CommandId: string } }>('ssm', 'SendCommand', {
    DocumentName: 'AWS-RunShellScript',
    InstanceIds: [instanceId],
    ...input,
    Parameters: { commands, ...(parameters as object | undefined) },
  });
  return command.CommandId;
}

export const invocation = ({ call }: FleetWorld, commandId: string, instanceId: string): Promise<InvocationAnswer> =>
  call<InvocationAnswer>('ssm', 'GetCommandInvocation', { CommandId: commandId, InstanceId: instanceId });

/** Lets time run until nothing more happens, and SSM has had time to show it. */
export async function quiet({ clock }: FleetWorld): Promise<void> {
  await clock.runUntil(() => false);
  await clock.runFor(2000);
}

/** Sends a command, lets time run until nothing more happens, and answers the invocation. */
export async function finished(
  on: FleetWorld,
  instanceId: string,
  commands: string[],
  input: object = {},
): Promise<InvocationAnswer> {
  const commandId = await send(on, instanceId, commands, input);
  await quiet(on);
  return invocation(on, commandId, instanceId);
}

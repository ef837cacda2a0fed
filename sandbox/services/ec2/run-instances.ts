import type * as ec2 from '@aws-sdk/client-ec2';
import { AwsError } from '../../core/aws-error.ts';
import { only } from '../../core/only.ts';
import { type Call, type Operation, operation, type Permission } from '../../core/service.ts';
import type { World } from '../../core/world.ts';
import { defined } from './defined.ts';
import { refuseDryRun } from './dry-run.ts';
import { Idempotency } from './idempotency.ts';
import { HEEDED } from './launch-parameters.ts';
import { type Planned, RunPermissions } from './run-permissions.ts';
import type { Shapes } from './shapes.ts';
import type { CallerOf, Ec2Store } from './store.ts';
import type { Instance, LaunchRequest } from './types.ts';

interface Surroundings {
  readonly world: World;
  readonly store: Ec2Store;
  readonly shapes: Shapes;
  readonly callerOf: CallerOf | undefined;
}

/** What launching from encrypted snapshots takes of their key ("Requirements for Amazon EBS encryption", EBS User Guide). */
const KEY_ACTIONS = ['kms:CreateGrant', 'kms:Decrypt', 'kms:DescribeKey', 'kms:GenerateDataKeyWithoutPlaintext'];

/** Members of RunInstances beside those of the launch. */
const OWN = ['ClientToken', 'DryRun', 'LaunchTemplate', 'MaxCount', 'MinCount'];

/** Launches by RunInstances, and what IAM is asked for them. */
export interface Launcher {
  readonly operations: Readonly<Record<string, Operation>>;
  /** What a caller must be allowed to do who launches, or has launched, like this. @throws AwsError as RunInstances answers */
  readonly permissions: (input: Planned) => Permission[];
}

/** RunInstances (API reference, version 2016-11-15). */
export function createLauncher(on: Surroundings): Launcher {
  const { world, store, shapes } = on;
  const launched = new Idempotency<readonly Instance[]>();
  const asked = new RunPermissions(world, store);

  const planned = (input: Planned) => {
    only('ec2:RunInstances', input, [...OWN, ...HEEDED]);
    const { LaunchTemplate: specification } = input;
    const template = specification === undefined ? undefined : store.templates.resolve(specification);
    // What the request says comes before what the template does, member by member.
    const request = store.launchRequest({ ...template?.data, ...defined(input, OWN) });
    const launchTemplate = template === undefined ? undefined : { id: template.id, version: template.version };
    return { input, template, request: { ...request, launchTemplate } };
  };

  const permissions = (input: Planned): Permission[] => {
    const launch = planned(input);
    return [...asked.of(launch), ...passRole(on, launch.request.instanceProfile)];
  };

  const run = operation<ec2.RunInstancesCommandInput, ec2.RunInstancesCommandOutput>(
    permissions,
    async (input, call) => {
      const count = countOf(input);
      const { request } = planned(input);
      const reason = (await mayUseKeys(on, request, call)) ? undefined : 'Client.InternalError';
      // From here on nothing is awaited: two requests with one token must not both launch.
      const before = launched.find(input);
      refuseDryRun(input);
      if (before !== undefined) return reservation(world.account, shapes, stillThere(before));
      const common = { ...request, reservationId: `r-${world.random.hex(17)}`, clientToken: input.ClientToken };
      const begun = Array.from({ length: count }, (_, launchIndex) => {
        const each = { ...common, launchIndex };
        return reason === undefined ? store.begin(each) : store.beginInVain(each, reason);
      });
      return reservation(world.account, shapes, launched.remember(input, begun));
    },
  );
  return { operations: { RunInstances: run }, permissions };
}

function countOf({ MinCount: least = 0, MaxCount: most = 0 }: ec2.RunInstancesCommandInput): number {
  if (least < 1)
    throw new AwsError(
      'InvalidParameterValue',
      `Value (${least}) for parameter minCount is invalid. Min count must be at least 1.`,
    );
  if (most < least)
    throw new AwsError(
      'InvalidParameterValue',
      `Value (${most}) for parameter maxCount is invalid. The maximum count must be at least the minimum count.`,
    );
  return most;
}

function stillThere(instances: readonly Instance[]): readonly Instance[] {
  if (instances.some(({ state }) => state === 'terminated'))
    throw new AwsError(
      'IdempotentInstanceTerminated',
      'The request to launch an instance uses the same client token as a previous request for which the instance has been terminated.',
    );
  return instances;
}

/** Whether the caller may use the keys of the volumes. Where not, EC2 takes the request, and the instance never comes up. */
async function mayUseKeys({ world }: Surroundings, { volumes = [] }: LaunchRequest, call: Call): Promise<boolean> {
  const keys = new Set(volumes.flatMap(({ kmsKeyId }) => (kmsKeyId === undefined ? [] : [kmsKeyId])));
  const context = { 'kms:ViaService': `ec2.${world.region}.amazonaws.com`, 'kms:GrantIsForAWSResource': 'true' };
  for (const resource of keys) {
    if (resource.includes(':alias/aws/')) continue;
    for (const action of KEY_ACTIONS)
      if (!(await world.dispatcher.allows(call, { action, resource, context }))) return false;
  }
  return true;
}

function passRole({ world, callerOf }: Surroundings, profile: string | undefined): Permission[] {
  if (profile === undefined || callerOf === undefined) return [];
  const resource = `arn:aws:iam::${world.account}:role/${roleOf(callerOf, profile)}`;
  return [{ action: 'iam:PassRole', resource, context: { 'iam:PassedToService': 'ec2.amazonaws.com' } }];
}

function roleOf(callerOf: CallerOf, profile: string): string {
  try {
    return callerOf(profile, 'RunInstances').roleName ?? '';
  } catch (error) {
    if (!(error instanceof AwsError) || error.code !== 'NoSuchEntity') throw error;
    throw new AwsError(
      'InvalidParameterValue',
      `Value (${profile}) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name`,
    );
  }
}

const reservation = (account: string, shapes: Shapes, instances: readonly Instance[]) => ({
  ReservationId: instances[0]?.reservationId,
  OwnerId: account,
  Groups: [],
  Instances: instances.map((instance) => shapes.instance(instance)),
});

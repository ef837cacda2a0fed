import type * as ssm from '@aws-sdk/client-ssm';
import { AwsError } from '../../core/aws-error.ts';
import { constraint, longest, pattern, range } from '../../core/constraints.ts';
import { only } from '../../core/only.ts';
import { type Call, type Operation, operation, type Permission } from '../../core/service.ts';
import type { World } from '../../core/world.ts';
import { type Ec2Store, type Instance, tagContext } from '../ec2/index.ts';
import { answerOf } from './answers.ts';
import { checkInstanceIds, INSTANCE_ID } from './checks.ts';
import type { Commands } from './commands.ts';
import {
  checkedParameters,
  documentName,
  findDocument,
  invalid,
  type ParameterValues,
  referencedParameters,
  substituteStored,
} from './documents.ts';
import { isManaged } from './managed.ts';
import { newCommand } from './new-command.ts';
import type { ParameterStore } from './parameter-store.ts';
import { checkTargets, meansAll, targetedInstances } from './targets.ts';

const MOST_PARAMETER_BYTES = 131_072;
const CONCURRENCY = /^([1-9][0-9]*|[1-9][0-9]%|[1-9]%|100%)$/;
const ERRORS = /^([1-9][0-9]*|[0]|[1-9][0-9]%|[0-9]%|100%)$/;

/** Each document has one version, as on AWS. */
const VERSIONS = ['1', '$DEFAULT', '$LATEST'];
const HEEDED = [
  'InstanceIds',
  'Targets',
  'DocumentName',
  'DocumentVersion',
  'TimeoutSeconds',
  'Comment',
  'Parameters',
  'OutputS3Region', // "The system ignores it" (API reference)
  'OutputS3BucketName',
  'OutputS3KeyPrefix',
  'MaxConcurrency',
  'MaxErrors',
];

/**
 * What becomes of SendCommand where its caller may not send to some of the instances. AWS does not document it.
 * `call`: the whole call is denied and nothing is sent. `instance`: the others run, and each of those ends as AccessDenied,
 * the status of which the guide says "doesn't have access to the targeted managed node".
 */
export type SendCommandDenial = 'call' | 'instance';

export interface Sending {
  readonly world: World;
  readonly ec2: Ec2Store;
  readonly store: ParameterStore;
  readonly commands: Commands;
  readonly denial: SendCommandDenial;
}

type Input = ssm.SendCommandCommandInput;

/** SendCommand (API reference, 2014-11-06) with instance ids or with targets, which are resolved now and not again. */
export function sendCommand(on: Sending): Operation {
  return operation<Input, ssm.SendCommandCommandOutput>(
    (input) => permissionsOf(on, input),
    async (input, call) => {
      const document = findDocument(input.DocumentName ?? '');
      const given = checkedParameters(document, parametersOf(input));
      const instances = input.InstanceIds?.length
        ? named(on, input.InstanceIds)
        : targetedInstances(on.ec2, input.Targets ?? []);
      const parameters = substituteStored(given, (name) => on.store.valueForCommand(name));
      const refused = await refusedOf(on, instances, call);
      const command = newCommand(on.world, on.ec2, {
        document,
        parameters,
        instances,
        documentVersion: input.DocumentVersion,
        comment: input.Comment,
        timeoutSeconds: input.TimeoutSeconds,
        instanceIds: input.InstanceIds,
        targets: input.Targets,
        maxConcurrency: input.MaxConcurrency,
        maxErrors: input.MaxErrors,
        bucket: input.OutputS3BucketName,
        keyPrefix: input.OutputS3KeyPrefix,
      });
      on.commands.start(command, refused);
      return { Command: answerOf(command) };
    },
  );
}

function parametersOf({ Parameters: parameters = {} }: Input): ParameterValues {
  const bytes = Buffer.byteLength(JSON.stringify(parameters));
  if (bytes > MOST_PARAMETER_BYTES)
    throw invalid(`The parameters are ${bytes} bytes long, more than ${MOST_PARAMETER_BYTES}.`);
  return parameters;
}

/** Checks the form of the request first, as AWS does before it asks IAM. */
function permissionsOf(on: Sending, input: Input): Permission[] {
  check(input);
  const { account, region } = on.world;
  const name = documentName(input.DocumentName ?? '');
  const owner = name.startsWith('AWS-') ? '' : account;
  return [
    { action: 'ssm:SendCommand', resource: `arn:aws:ssm:${region}:${owner}:document/${name}` },
    ...(on.denial === 'call' ? addressed(on, input).map((id) => permissionOn(on, id)) : []),
    ...referencedParameters(input.Parameters ?? {}).map((parameter) => ({
      action: 'ssm:GetParameters',
      resource: on.store.arn(parameter),
    })),
  ];
}

/** The ids of the instances that a request means, of those that do not exist too. */
function addressed({ ec2 }: Sending, input: Input): readonly string[] {
  if (input.InstanceIds?.length) return input.InstanceIds;
  return targetedInstances(ec2, input.Targets ?? []).map(({ instanceId }) => instanceId);
}

function permissionOn({ world: { account, region }, ec2 }: Sending, instanceId: string): Permission {
  return {
    action: 'ssm:SendCommand',
    resource: `arn:aws:ec2:${region}:${account}:instance/${instanceId}`,
    context: tagContext(ec2.instances.get(instanceId)?.tags ?? new Map(), 'ssm:resourceTag', 'aws:ResourceTag'),
  };
}

/** Instances that the caller may not send to, where that does not deny the call. */
async function refusedOf(on: Sending, instances: readonly Instance[], call: Call): Promise<ReadonlySet<string>> {
  const refused = new Set<string>();
  if (on.denial === 'call') return refused;
  for (const { instanceId } of instances)
    if (!(await on.world.dispatcher.allows(call, permissionOn(on, instanceId)))) refused.add(instanceId);
  return refused;
}

function check(input: Input): void {
  const toCloudWatch = input.CloudWatchOutputConfig?.CloudWatchOutputEnabled === true || undefined;
  only('ssm:SendCommand', { ...input, CloudWatchOutputConfig: toCloudWatch }, HEEDED);
  if (input.DocumentVersion !== undefined && !VERSIONS.includes(input.DocumentVersion))
    throw new AwsError('InvalidDocumentVersion', 'The document version is not valid or does not exist.');
  longest(input.Comment, 'comment', 100);
  longest(input.OutputS3KeyPrefix, 'outputS3KeyPrefix', 500);
  longest(input.MaxConcurrency, 'maxConcurrency', 7);
  longest(input.MaxErrors, 'maxErrors', 7);
  range(input.TimeoutSeconds, 'timeoutSeconds', 30, 2_592_000);
  pattern(input.MaxConcurrency, 'maxConcurrency', CONCURRENCY);
  pattern(input.MaxErrors, 'maxErrors', ERRORS);
  checkInstanceIds(input.InstanceIds);
  checkTargets(input.Targets ?? []);
  if (input.Targets?.some(meansAll) === true)
    throw constraint('*', 'targets', `Member must satisfy regular expression pattern: ${INSTANCE_ID.source}`);
  if (!input.InstanceIds?.length === !input.Targets?.length) {
    throw new AwsError('ValidationException', 'Specify either InstanceIds or Targets, and one of them.');
  }
}

/** The instances that were named; all of them must be registered and running, or nothing is sent. */
function named({ world: { account }, ec2 }: Sending, ids: readonly string[]): readonly Instance[] {
  const found = ids.map((id) => [id, ec2.instances.get(id)] as const);
  const wrong = found.filter(
    ([, instance]) => instance === undefined || !isManaged(instance) || instance.state !== 'running',
  );
  if (wrong.length > 0)
    throw new AwsError(
      'InvalidInstanceId',
      `Instances [[${wrong.map(([id]) => id).join(', ')}]] not in a valid state for account ${account}`,
    );
  return found.flatMap(([, instance]) => instance ?? []);
}

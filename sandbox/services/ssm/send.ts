import type * as ssm from '@aws-sdk/client-ssm';
import { AwsError, notImplemented } from '../../core/aws-error.ts';
import { only } from '../../core/only.ts';
import { type Operation, operation, type Permission } from '../../core/service.ts';
import type { World } from '../../core/world.ts';
import { type Ec2Store, type Instance, tagContext } from '../ec2/index.ts';
import { answerOf } from './answers.ts';
import { constraint, longest, range } from './checks.ts';
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
import { managedInstances } from './managed.ts';
import type { Command, Invocation } from './model.ts';
import type { ParameterStore } from './parameter-store.ts';

const MOST_INSTANCES = 50;
const MOST_TARGETS = 5;
const MOST_PARAMETER_BYTES = 131_072;
const DEFAULT_TIMEOUT = 3600;
const LIMITS = /^(?:[1-9]\d{0,6}|[1-9]\d?%|100%)$/;
const ERROR_LIMITS = /^(?:0|[1-9]\d{0,6}|\d{1,2}%|100%)$/;

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

type Input = ssm.SendCommandCommandInput;

/** SendCommand (API reference, 2014-11-06) with instance ids or tag targets. */
export function sendCommand(world: World, ec2: Ec2Store, store: ParameterStore, commands: Commands): Operation {
  return operation<Input, ssm.SendCommandCommandOutput>(
    (input) => permissionsOf(world, ec2, store, input),
    (input) => {
      check(input);
      const document = findDocument(input.DocumentName ?? '');
      const given = checkedParameters(document, parametersOf(input));
      const targets = input.InstanceIds?.length
        ? named(world, ec2, input.InstanceIds)
        : targeted(ec2, input.Targets ?? []);
      const parameters = substituteStored(given, (name) => store.valueForCommand(name));
      const command = newCommand(world, ec2, { input, document, parameters, targets });
      commands.start(command);
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

function permissionsOf({ account, region }: World, ec2: Ec2Store, store: ParameterStore, input: Input): Permission[] {
  const name = documentName(input.DocumentName ?? '');
  const owner = name.startsWith('AWS-') ? '' : account;
  const instances = input.InstanceIds?.length
    ? input.InstanceIds
    : targeted(ec2, input.Targets ?? []).map(({ instanceId }) => instanceId);
  return [
    { action: 'ssm:SendCommand', resource: `arn:aws:ssm:${region}:${owner}:document/${name}` },
    ...instances.map((id) => ({
      action: 'ssm:SendCommand',
      resource: `arn:aws:ec2:${region}:${account}:instance/${id}`,
      context: tagContext(ec2.instances.get(id)?.tags ?? new Map(), 'ssm:resourceTag', 'aws:ResourceTag'),
    })),
    ...referencedParameters(input.Parameters ?? {}).map((parameter) => ({
      action: 'ssm:GetParameters',
      resource: store.arn(parameter),
    })),
  ];
}

function check(input: Input): void {
  const toCloudWatch = input.CloudWatchOutputConfig?.CloudWatchOutputEnabled === true || undefined;
  only('ssm:SendCommand', { ...input, CloudWatchOutputConfig: toCloudWatch }, HEEDED);
  if (input.DocumentVersion !== undefined && !VERSIONS.includes(input.DocumentVersion))
    throw new AwsError('InvalidDocumentVersion', 'The document version is not valid or does not exist.');
  longest(input.InstanceIds, 'instanceIds', MOST_INSTANCES);
  longest(input.Targets, 'targets', MOST_TARGETS);
  longest(input.Comment, 'comment', 100);
  longest(input.OutputS3KeyPrefix, 'outputS3KeyPrefix', 500);
  range(input.TimeoutSeconds, 'timeoutSeconds', 30, 2_592_000);
  if (input.MaxConcurrency !== undefined && !LIMITS.test(input.MaxConcurrency)) {
    throw constraint(input.MaxConcurrency, 'maxConcurrency', 'Member must satisfy regular expression pattern');
  }
  if (input.MaxErrors !== undefined && !ERROR_LIMITS.test(input.MaxErrors)) {
    throw constraint(input.MaxErrors, 'maxErrors', 'Member must satisfy regular expression pattern');
  }
  if (!input.InstanceIds?.length === !input.Targets?.length) {
    throw new AwsError('ValidationException', 'Specify either InstanceIds or Targets, and one of them.');
  }
  if (input.InstanceIds !== undefined && new Set(input.InstanceIds).size < input.InstanceIds.length) {
    throw new AwsError('DuplicateInstanceId', 'You cannot specify an instance ID more than once.');
  }
}

/** The instances that were named; all of them must be registered and running, or nothing is sent. */
function named({ account }: World, ec2: Ec2Store, ids: readonly string[]): readonly Instance[] {
  const managed = new Map(managedInstances(ec2).map((instance) => [instance.instanceId, instance]));
  const wrong = ids.filter((id) => managed.get(id)?.state !== 'running');
  if (wrong.length > 0)
    throw new AwsError(
      'InvalidInstanceId',
      `Instances [[${wrong.join(', ')}]] not in a valid state for account ${account}`,
    );
  return ids.flatMap((id) => managed.get(id) ?? []);
}

/** The registered, running instances that pass every target: `tag:KEY`, `tag-key`, `InstanceIds`. */
function targeted(ec2: Ec2Store, targets: readonly ssm.Target[]): readonly Instance[] {
  const tests = targets.map(({ Key: key = '', Values: values = [] }) => {
    if (key === 'InstanceIds') return ({ instanceId }: Instance) => values.includes(instanceId);
    if (key === 'tag-key') return ({ tags }: Instance) => values.some((value) => tags.has(value));
    if (!key.startsWith('tag:')) throw notImplemented(`the target key '${key}' of ssm:SendCommand`);
    return ({ tags }: Instance) => values.includes(tags.get(key.slice(4)) ?? '') && tags.has(key.slice(4));
  });
  return managedInstances(ec2).filter(
    (instance) => instance.state === 'running' && tests.every((test) => test(instance)),
  );
}

interface Parts {
  readonly input: Input;
  readonly document: Command['document'];
  readonly parameters: ParameterValues;
  readonly targets: readonly Instance[];
}

function newCommand({ clock, random }: World, ec2: Ec2Store, { input, document, parameters, targets }: Parts): Command {
  const requestedAt = clock.now();
  const timeoutSeconds = input.TimeoutSeconds ?? DEFAULT_TIMEOUT;
  const listedAt = requestedAt + 300 + random.below(400);
  return {
    commandId: random.uuid(),
    document,
    documentVersion: input.DocumentVersion ?? '$DEFAULT',
    comment: input.Comment ?? '',
    parameters,
    requestedAt,
    listedAt,
    visibleAt: listedAt + 300 + random.below(400),
    timeoutSeconds,
    expiresAt: requestedAt + (timeoutSeconds + Number(parameters['executionTimeout']?.[0])) * 1000,
    instanceIds: input.InstanceIds ?? [],
    targets: input.Targets ?? [],
    maxConcurrency: input.MaxConcurrency ?? '50',
    maxErrors: input.MaxErrors ?? '0',
    bucket: input.OutputS3BucketName ?? '',
    keyPrefix: input.OutputS3KeyPrefix ?? '',
    invocations: new Map(
      targets.map((instance) => [
        instance.instanceId,
        newInvocation(ec2.hostname(instance), instance.instanceId, requestedAt),
      ]),
    ),
    cancelled: false,
    status: 'Pending',
    statusDetails: 'Pending',
  };
}

function newInvocation(computerName: string, instanceId: string, requestedAt: number): Invocation {
  return {
    instanceId,
    computerName,
    requestedAt,
    cancel: new AbortController(),
    released: false,
    details: 'Pending',
    responseCode: -1,
    startedAt: undefined,
    endedAt: undefined,
    stdout: '',
    stderr: '',
  };
}

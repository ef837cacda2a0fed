import type { Target } from '@aws-sdk/client-ssm';
import type { World } from '../../core/world.ts';
import type { Ec2Store, Instance } from '../ec2/index.ts';
import type { CommandDocument, ParameterValues } from './documents.ts';
import type { Command, Invocation } from './model.ts';
import { Tally } from './tally.ts';

const DEFAULT_TIMEOUT = 3600;

/** What a command is made of; what is left out has AWS's default. */
export interface CommandParts {
  readonly document: CommandDocument;
  /** Checked, the document's own defaults filled in. */
  readonly parameters: ParameterValues;
  /** Where it is to run, in this order. */
  readonly instances: readonly Instance[];
  readonly documentVersion?: string | undefined;
  readonly comment?: string | undefined;
  /** For delivery alone; 3,600 unless told. */
  readonly timeoutSeconds?: number | undefined;
  /** As they were asked for. */
  readonly instanceIds?: readonly string[] | undefined;
  readonly targets?: readonly Target[] | undefined;
  readonly maxConcurrency?: string | undefined;
  readonly maxErrors?: string | undefined;
  readonly bucket?: string | undefined;
  readonly keyPrefix?: string | undefined;
}

/** A command that nobody has begun to deliver. */
export function newCommand({ clock, random }: World, ec2: Ec2Store, parts: CommandParts): Command {
  const { document, parameters, instances, timeoutSeconds = DEFAULT_TIMEOUT } = parts;
  const requestedAt = clock.now();
  const listedAt = requestedAt + 300 + random.below(400);
  const order = instances.map((instance) => newInvocation(ec2.hostname(instance), instance.instanceId, requestedAt));
  return {
    commandId: random.uuid(),
    document,
    documentVersion: parts.documentVersion ?? '$DEFAULT',
    comment: parts.comment ?? '',
    parameters,
    requestedAt,
    listedAt,
    visibleAt: listedAt + 300 + random.below(400),
    timeoutSeconds,
    expiresAt: requestedAt + (timeoutSeconds + Number(parameters['executionTimeout']?.[0])) * 1000,
    instanceIds: parts.instanceIds ?? [],
    targets: parts.targets ?? [],
    maxConcurrency: parts.maxConcurrency ?? '50',
    maxErrors: parts.maxErrors ?? '0',
    bucket: parts.bucket ?? '',
    keyPrefix: parts.keyPrefix ?? '',
    invocations: new Map(order.map((invocation) => [invocation.instanceId, invocation])),
    order,
    tally: new Tally(order.length),
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
    details: 'Pending',
    responseCode: -1,
    startedAt: undefined,
    endedAt: undefined,
    stdout: '',
    stderr: '',
  };
}

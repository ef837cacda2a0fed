import type { CreateStateMachineInput, UpdateStateMachineInput } from '@aws-sdk/client-sfn';
import { AwsError, notImplemented } from '../../core/aws-error.ts';
import { readDefinition } from '../definition/read.ts';
import { checkName, required } from './errors.ts';
import { NO_LOGGING, tagMap, type Machine } from './machine.ts';
import type { Store } from './store.ts';

const ROLE = /^arn:aws:iam::\d{12}:role\/.+/;

function checkRole(roleArn: string): string {
  if (!ROLE.test(roleArn)) throw new AwsError('InvalidArn', `Invalid Role Arn: '${roleArn}'`);
  return roleArn;
}

function refuseUnmodelled({ encryptionConfiguration, type }: CreateStateMachineInput): void {
  if (type === 'EXPRESS') throw notImplemented('state machines of type EXPRESS');
  if (encryptionConfiguration?.type === 'CUSTOMER_MANAGED_KMS_KEY')
    throw notImplemented('state machines encrypted by a customer managed key');
}

const same = (machine: Machine, { definition, roleArn }: CreateStateMachineInput): boolean =>
  machine.revision.definitionText === definition && machine.revision.roleArn === roleArn;

/** Creates a machine; once more with the same definition and role is no error. Throws as CreateStateMachine does. */
export function createMachine(store: Store, input: CreateStateMachineInput): Machine {
  const name = required(input.name, 'name');
  checkName(name);
  refuseUnmodelled(input);
  const definitionText = required(input.definition, 'definition');
  const roleArn = checkRole(required(input.roleArn, 'roleArn'));
  const arn = store.arn('stateMachine', name);
  const definition = readDefinition(definitionText);
  const existing = store.machines.get(arn);
  if (existing !== undefined) {
    if (same(existing, input)) return existing;
    throw new AwsError('StateMachineAlreadyExists', `State Machine Already Exists: '${arn}'`);
  }
  const creationDate = store.world.clock.date();
  const machine: Machine = {
    arn,
    name,
    creationDate,
    tags: tagMap(input.tags),
    versions: [],
    revision: {
      arn,
      name,
      roleArn,
      definitionText,
      definition,
      logging: input.loggingConfiguration ?? NO_LOGGING,
      tracing: input.tracingConfiguration?.enabled ?? false,
      updateDate: creationDate,
      revisionId: undefined,
    },
  };
  store.machines.set(arn, machine);
  return machine;
}

/** Gives a machine a new revision; executions that run keep theirs. Throws as UpdateStateMachine does. */
export function updateMachine(store: Store, input: UpdateStateMachineInput): Machine {
  const machine = store.machine(required(input.stateMachineArn, 'stateMachineArn'));
  const { definition, roleArn, loggingConfiguration, tracingConfiguration } = input;
  if (
    definition === undefined &&
    roleArn === undefined &&
    loggingConfiguration === undefined &&
    tracingConfiguration === undefined
  ) {
    throw new AwsError(
      'MissingRequiredParameter',
      'Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified',
    );
  }
  const { revision } = machine;
  machine.revision = {
    ...revision,
    ...(definition !== undefined && { definitionText: definition, definition: readDefinition(definition) }),
    ...(roleArn !== undefined && { roleArn: checkRole(roleArn) }),
    ...(loggingConfiguration !== undefined && { logging: loggingConfiguration }),
    ...(tracingConfiguration !== undefined && { tracing: tracingConfiguration.enabled ?? false }),
    updateDate: store.world.clock.date(),
    revisionId: store.world.random.uuid(),
  };
  return machine;
}

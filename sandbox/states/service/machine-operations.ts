import type {
  CreateStateMachineInput,
  CreateStateMachineOutput,
  DeleteStateMachineInput,
  DeleteStateMachineOutput,
  DescribeStateMachineInput,
  DescribeStateMachineOutput,
  ListStateMachinesInput,
  ListStateMachinesOutput,
  ListTagsForResourceInput,
  ListTagsForResourceOutput,
  TagResourceInput,
  TagResourceOutput,
  UntagResourceInput,
  UntagResourceOutput,
  UpdateStateMachineInput,
  UpdateStateMachineOutput,
  ValidateStateMachineDefinitionInput,
  ValidateStateMachineDefinitionOutput,
} from '@aws-sdk/client-sfn';
import { AwsError, notImplemented } from '../../core/aws-error.ts';
import { only } from '../../core/only.ts';
import { operation, type Operation, type Permission } from '../../core/service.ts';
import { inspect } from '../definition/read.ts';
import { checkArn, required, resourceNotFound } from './errors.ts';
import { createMachine, updateMachine } from './create.ts';
import { tagList, tagMap, type Machine } from './machine.ts';
import { page } from './pages.ts';
import { publishVersion } from './versions.ts';
import type { Store } from './store.ts';

export const on = (action: string, resource: string | undefined): Permission => ({
  action: `states:${action}`,
  resource: resource ?? '*',
});

/** Nothing is encrypted here, so that leaving out what is encrypted is not modelled. */
export function allData(what: string, includedData: string | undefined): void {
  only(what, { includedData: includedData === 'ALL_DATA' ? undefined : includedData }, []);
}

/** Handing a role to Step Functions needs leave of its own. */
const passRole = (roleArn: string | undefined): Permission[] =>
  roleArn === undefined
    ? []
    : [{ action: 'iam:PassRole', resource: roleArn, context: { 'iam:PassedToService': 'states.amazonaws.com' } }];

function describe(machine: Machine, { revision }: Pick<Machine, 'revision'>): DescribeStateMachineOutput {
  return {
    stateMachineArn: revision.arn,
    name: machine.name,
    status: 'ACTIVE',
    definition: revision.definitionText,
    roleArn: revision.roleArn,
    type: 'STANDARD',
    creationDate: machine.creationDate,
    loggingConfiguration: revision.logging,
    tracingConfiguration: { enabled: revision.tracing },
    ...(revision.revisionId !== undefined && { revisionId: revision.revisionId }),
  };
}

function tagged(store: Store, arn: string | undefined): Machine {
  const named = required(arn, 'resourceArn');
  checkArn(named);
  const machine = store.machines.get(named);
  if (machine === undefined) throw resourceNotFound(named);
  return machine;
}

function create(store: Store): Operation {
  return operation<CreateStateMachineInput, CreateStateMachineOutput>(
    ({ name, roleArn }) => [on('CreateStateMachine', store.arn('stateMachine', name ?? '')), ...passRole(roleArn)],
    (input) => {
      const machine = createMachine(store, input);
      const version = input.publish === true ? publishVersion(store, machine, input.versionDescription) : undefined;
      return {
        stateMachineArn: machine.arn,
        creationDate: machine.creationDate,
        ...(version && { stateMachineVersionArn: version.arn }),
      };
    },
  );
}

function update(store: Store): Operation {
  return operation<UpdateStateMachineInput, UpdateStateMachineOutput>(
    ({ stateMachineArn, roleArn }) => [on('UpdateStateMachine', stateMachineArn), ...passRole(roleArn)],
    (input) => {
      only('states:UpdateStateMachine', input, [
        'stateMachineArn',
        'definition',
        'roleArn',
        'loggingConfiguration',
        'tracingConfiguration',
        'publish',
        'versionDescription',
      ]);
      const machine = updateMachine(store, input);
      const version = input.publish === true ? publishVersion(store, machine, input.versionDescription) : undefined;
      const { updateDate, revisionId } = machine.revision;
      return { updateDate, revisionId, ...(version && { stateMachineVersionArn: version.arn }) };
    },
  );
}

/** CreateStateMachine and what else concerns machines. Source: Step Functions API Reference. */
export function machineOperations(store: Store): Readonly<Record<string, Operation>> {
  return {
    CreateStateMachine: create(store),
    UpdateStateMachine: update(store),
    DeleteStateMachine: operation<DeleteStateMachineInput, DeleteStateMachineOutput>(
      ({ stateMachineArn }) => [on('DeleteStateMachine', stateMachineArn)],
      ({ stateMachineArn }) => {
        const arn = required(stateMachineArn, 'stateMachineArn');
        checkArn(arn);
        store.machines.delete(arn);
        return {};
      },
    ),
    DescribeStateMachine: operation<DescribeStateMachineInput, DescribeStateMachineOutput>(
      ({ stateMachineArn }) => [on('DescribeStateMachine', stateMachineArn)],
      ({ stateMachineArn, includedData }) => {
        allData('states:DescribeStateMachine', includedData);
        const { machine, revision, versionArn } = store.resolve(required(stateMachineArn, 'stateMachineArn'));
        return { ...describe(machine, { revision }), ...(versionArn !== undefined && { stateMachineArn: versionArn }) };
      },
    ),
    ListStateMachines: operation<ListStateMachinesInput, ListStateMachinesOutput>(
      () => [on('ListStateMachines', '*')],
      (input) => {
        const { items, ...rest } = page([...store.machines.values()], input);
        return {
          stateMachines: items.map(({ arn, name, creationDate }) => ({
            stateMachineArn: arn,
            name,
            type: 'STANDARD',
            creationDate,
          })),
          ...rest,
        };
      },
    ),
    ValidateStateMachineDefinition: operation<
      ValidateStateMachineDefinitionInput,
      ValidateStateMachineDefinitionOutput
    >(
      () => [on('ValidateStateMachineDefinition', '*')],
      ({ definition, type, severity, maxResults = 0 }) => {
        if (severity === 'WARNING') throw notImplemented('warnings of states:ValidateStateMachineDefinition');
        if (type === 'EXPRESS')
          throw new AwsError('ValidationException', 'The sandbox does not model the type EXPRESS');
        const { diagnostics } = inspect(required(definition, 'definition'));
        const most = maxResults === 0 ? 100 : maxResults;
        const shown = diagnostics.slice(0, most).map((each) => ({ severity: 'ERROR' as const, ...each }));
        return {
          result: diagnostics.length === 0 ? 'OK' : 'FAIL',
          diagnostics: shown,
          truncated: diagnostics.length > most,
        };
      },
    ),
    ListTagsForResource: operation<ListTagsForResourceInput, ListTagsForResourceOutput>(
      ({ resourceArn }) => [on('ListTagsForResource', resourceArn)],
      ({ resourceArn }) => ({ tags: tagList(tagged(store, resourceArn).tags) }),
    ),
    TagResource: operation<TagResourceInput, TagResourceOutput>(
      ({ resourceArn }) => [on('TagResource', resourceArn)],
      ({ resourceArn, tags }) => {
        const { tags: own } = tagged(store, resourceArn);
        for (const [key, value] of tagMap(tags)) own.set(key, value);
        return {};
      },
    ),
    UntagResource: operation<UntagResourceInput, UntagResourceOutput>(
      ({ resourceArn }) => [on('UntagResource', resourceArn)],
      ({ resourceArn, tagKeys = [] }) => {
        const { tags: own } = tagged(store, resourceArn);
        for (const key of tagKeys) own.delete(key);
        return {};
      },
    ),
  };
}

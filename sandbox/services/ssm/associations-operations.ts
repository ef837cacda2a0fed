import type * as ssm from '@aws-sdk/client-ssm';
import { AwsError } from '../../core/aws-error.ts';
import { constraint, longest } from '../../core/constraints.ts';
import { only } from '../../core/only.ts';
import { type Operation, operation } from '../../core/service.ts';
import type { World } from '../../core/world.ts';
import {
  describedAssociation,
  listedAssociation,
  listedExecution,
  listedTarget,
  visibleExecutions,
} from './associations-answers.ts';
import { checkDefinition } from './associations-definition.ts';
import { associationFilter, executionFilter, targetFilter } from './associations-filters.ts';
import { type Association, type AssociationExecution, type Definition, KEPT } from './associations-model.ts';
import type { AssociationPermissions } from './associations-permissions.ts';
import type { Associations } from './associations-store.ts';
import { page } from './checks.ts';
import type { Invocation } from './model.ts';
import type { ParameterStore } from './parameter-store.ts';

const ID = /^[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$/;
const MOST_STARTED = 10;

interface Surroundings {
  readonly world: World;
  readonly parameters: ParameterStore;
  readonly associations: Associations;
  readonly permissions: AssociationPermissions;
}

function checkId(id: string | undefined, member: string): string {
  if (id === undefined) throw constraint('null', member, 'Member must not be null');
  if (!ID.test(id)) throw constraint(id, member, `Member must satisfy regular expression pattern: ${ID.source}`);
  return id;
}

/** What is kept of a request, without what was not given. */
export const definitionOf = (input: Definition): Definition =>
  Object.fromEntries(
    KEPT.flatMap((member) => (input[member] === undefined ? [] : [[member, input[member]]])),
  ) as unknown as Definition;

/** The operations that make and change associations (API reference, 2014-11-06). */
export function changingOperations(on: Surroundings): Readonly<Record<string, Operation>> {
  const { world, parameters, associations, permissions } = on;
  const described = (association: Association) => ({
    AssociationDescription: describedAssociation(association, world.clock.now()),
  });

  return {
    CreateAssociation: operation<ssm.CreateAssociationCommandInput, ssm.CreateAssociationCommandOutput>(
      (input) => permissions.toCreate(input),
      (input) => {
        only('ssm:CreateAssociation', input, [...KEPT, 'Tags']);
        const definition = definitionOf(input);
        checkDefinition(definition, parameters);
        const tags = (input.Tags ?? []).map(({ Key: key = '', Value: value = '' }) => [key, value] as const);
        return described(associations.create(definition, new Map(tags)));
      },
    ),
    UpdateAssociation: operation<ssm.UpdateAssociationCommandInput, ssm.UpdateAssociationCommandOutput>(
      (input) => [
        ...permissions.on('UpdateAssociation', [input.AssociationId]),
        ...permissions.uses('ssm:UpdateAssociation', input),
      ],
      (input) => {
        only('ssm:UpdateAssociation', input, [...KEPT, 'AssociationId', 'AssociationVersion']);
        const association = associations.find(checkId(input.AssociationId, 'associationId'));
        checkVersion(association, input.AssociationVersion);
        const definition = definitionOf({ ...input, Name: input.Name ?? association.definition.Name });
        checkDefinition(definition, parameters);
        associations.update(association, definition);
        return described(association);
      },
    ),
    DeleteAssociation: operation<ssm.DeleteAssociationCommandInput, ssm.DeleteAssociationCommandOutput>(
      (input) => permissions.on('DeleteAssociation', [input.AssociationId]),
      (input) => {
        only('ssm:DeleteAssociation', input, ['AssociationId']);
        associations.delete(checkId(input.AssociationId, 'associationId'));
        return {};
      },
    ),
    StartAssociationsOnce: operation<ssm.StartAssociationsOnceCommandInput, ssm.StartAssociationsOnceCommandOutput>(
      (input) => permissions.on('StartAssociationsOnce', input.AssociationIds ?? []),
      ({ AssociationIds: ids = [] }) => {
        if (ids.length === 0)
          throw constraint('[]', 'associationIds', 'Member must have length greater than or equal to 1');
        longest(ids, 'associationIds', MOST_STARTED);
        const found = [...new Set(ids.map((id) => checkId(id, 'associationIds')))].map((id) => associations.find(id));
        associations.startAll(found);
        return {};
      },
    ),
  };
}

function checkVersion({ version }: Association, given: string | undefined): void {
  if (given !== undefined && given !== '$LATEST' && given !== String(version))
    throw new AwsError('InvalidAssociationVersion', `The association has the version ${version}, not ${given}.`);
}

/** The operations that describe associations and their executions. */
export function describingOperations(on: Surroundings): Readonly<Record<string, Operation>> {
  const { world, associations, permissions } = on;
  const now = () => world.clock.now();

  return {
    DescribeAssociation: operation<ssm.DescribeAssociationCommandInput, ssm.DescribeAssociationCommandOutput>(
      (input) => permissions.on('DescribeAssociation', [input.AssociationId]),
      (input) => {
        only('ssm:DescribeAssociation', input, ['AssociationId', 'AssociationVersion']);
        const association = associations.find(checkId(input.AssociationId, 'associationId'));
        checkVersion(association, input.AssociationVersion);
        return { AssociationDescription: describedAssociation(association, now()) };
      },
    ),
    ListAssociations: operation<ssm.ListAssociationsCommandInput, ssm.ListAssociationsCommandOutput>(
      () => [{ action: 'ssm:ListAssociations', resource: '*' }],
      (input) => {
        const listed = associations.all.map((association) => listedAssociation(association, now()));
        const { items, NextToken } = page(listed.filter(associationFilter(input.AssociationFilterList)), input);
        // "If there are no additional items to return, the string is empty" (API reference).
        return { Associations: items, NextToken: NextToken ?? '' };
      },
    ),
    DescribeAssociationExecutions: operation<
      ssm.DescribeAssociationExecutionsCommandInput,
      ssm.DescribeAssociationExecutionsCommandOutput
    >(
      (input) => permissions.on('DescribeAssociationExecutions', [input.AssociationId]),
      (input) => {
        const association = associations.find(checkId(input.AssociationId, 'associationId'));
        const executions = visibleExecutions(association, now()).map((each) => listedExecution(association, each));
        const { items, NextToken } = page(executions.filter(executionFilter(input.Filters)), input);
        return { AssociationExecutions: items, NextToken };
      },
    ),
    DescribeAssociationExecutionTargets: operation<
      ssm.DescribeAssociationExecutionTargetsCommandInput,
      ssm.DescribeAssociationExecutionTargetsCommandOutput
    >(
      (input) => permissions.on('DescribeAssociationExecutionTargets', [input.AssociationId]),
      (input) => {
        const association = associations.find(checkId(input.AssociationId, 'associationId'));
        const execution = findExecution(association, checkId(input.ExecutionId, 'executionId'), now());
        const shape = (invocation: Invocation) => listedTarget(association, execution, invocation);
        const passes = targetFilter(input.Filters);
        const order = execution.run?.command.order ?? [];
        // Only a page is shaped where nothing is filtered: pages of thousands of targets come one after the other.
        const wanted = input.Filters?.length ? order.filter((invocation) => passes(shape(invocation))) : order;
        const { items, NextToken } = page(wanted, input);
        return { AssociationExecutionTargets: items.map(shape), NextToken };
      },
    ),
  };
}

function findExecution(association: Association, id: string, now: number): AssociationExecution {
  const found = visibleExecutions(association, now).find((execution) => execution.id === id);
  if (found !== undefined) return found;
  throw new AwsError('AssociationExecutionDoesNotExist', 'The specified execution ID does not exist.');
}

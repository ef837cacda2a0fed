import type {
  DescribeExecutionInput,
  DescribeExecutionOutput,
  DescribeStateMachineForExecutionInput,
  DescribeStateMachineForExecutionOutput,
  ExecutionListItem,
  GetExecutionHistoryInput,
  GetExecutionHistoryOutput,
  ListExecutionsInput,
  ListExecutionsOutput,
  StartExecutionInput,
  StartExecutionOutput,
  StopExecutionInput,
  StopExecutionOutput,
} from '@aws-sdk/client-sfn';
import { AwsError } from '../../core/aws-error.ts';
import { only } from '../../core/only.ts';
import { operation, type Operation } from '../../core/service.ts';
import type { Execution } from '../engine/execution.ts';
import { required } from './errors.ts';
import { allData, on } from './machine-operations.ts';
import { redriveReason, redriveStatus, stripped } from './notify.ts';
import { page } from './pages.ts';
import { startExecution } from './start.ts';
import type { Store } from './store.ts';

const STATUSES: readonly string[] = ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED', 'PENDING_REDRIVE'];
const included = { included: true };

function identity({
  start,
}: Execution): Pick<ExecutionListItem, 'stateMachineVersionArn' | 'stateMachineAliasArn' | 'mapRunArn'> {
  const { stateMachineVersionArn, stateMachineAliasArn, mapRunArn } = start;
  return {
    ...(stateMachineVersionArn !== undefined && { stateMachineVersionArn }),
    ...(stateMachineAliasArn !== undefined && { stateMachineAliasArn }),
    ...(mapRunArn !== undefined && { mapRunArn }),
  };
}

/** What describing and listing have in common. */
function summary({ start, status, stopDate }: Execution) {
  return {
    executionArn: start.arn,
    stateMachineArn: start.machine.arn,
    name: start.name,
    status,
    startDate: start.startDate,
    ...(stopDate !== undefined && { stopDate }),
  };
}

function describe(execution: Execution, withData: boolean): DescribeExecutionOutput {
  const { start, status, end } = execution;
  const redriveStatusReason = redriveReason(status);
  return {
    ...summary(execution),
    ...(withData && { input: start.input, inputDetails: included }),
    ...(withData && end?.output !== undefined && { output: end.output, outputDetails: included }),
    ...(end?.error !== undefined && { error: end.error }),
    ...(end?.cause !== undefined && { cause: end.cause }),
    ...identity(execution),
    redriveCount: 0,
    redriveStatus: redriveStatus(status),
    ...(redriveStatusReason !== undefined && { redriveStatusReason }),
  };
}

function listItem(execution: Execution): ExecutionListItem {
  return { ...summary(execution), ...identity(execution), redriveCount: 0 };
}

/** The executions of a machine, a version, an alias or a Map Run, the latest first. */
function listed(store: Store, input: ListExecutionsInput): Execution[] {
  only('states:ListExecutions', input, ['stateMachineArn', 'mapRunArn', 'statusFilter', 'maxResults', 'nextToken']);
  const { stateMachineArn, mapRunArn, statusFilter } = input;
  if (statusFilter !== undefined && !STATUSES.includes(statusFilter))
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: Value '${statusFilter}' at 'statusFilter' failed to satisfy constraint: Member must satisfy enum value set: [${STATUSES.join(', ')}]`,
    );
  if ((stateMachineArn === undefined) === (mapRunArn === undefined)) {
    throw new AwsError('ValidationException', 'Exactly one of stateMachineArn and mapRunArn must be specified');
  }
  const all = mapRunArn === undefined ? [...store.executions.values()] : [...store.mapRun(mapRunArn).children];
  if (stateMachineArn !== undefined) store.resolve(stateMachineArn);
  const of = ({ start }: Execution) =>
    stateMachineArn === undefined ||
    [start.machine.arn, start.stateMachineVersionArn, start.stateMachineAliasArn].includes(stateMachineArn);
  return all.filter((each) => of(each) && (statusFilter === undefined || each.status === statusFilter)).reverse();
}

function history(store: Store): Operation {
  return operation<GetExecutionHistoryInput, GetExecutionHistoryOutput>(
    ({ executionArn }) => [on('GetExecutionHistory', executionArn)],
    ({ executionArn, reverseOrder, includeExecutionData, ...asked }) => {
      const { events } = store.execution(required(executionArn, 'executionArn')).history;
      const { items, ...rest } = page(reverseOrder === true ? events.toReversed() : events, asked);
      return { events: includeExecutionData === false ? items.map(stripped) : items, ...rest };
    },
  );
}

/** StartExecution and what else concerns executions. Source: Step Functions API Reference. */
export function executionOperations(store: Store): Readonly<Record<string, Operation>> {
  return {
    StartExecution: operation<StartExecutionInput, StartExecutionOutput>(
      ({ stateMachineArn }) => [on('StartExecution', stateMachineArn)],
      (input) => {
        const { arn, startDate } = startExecution(store, input).start;
        return { executionArn: arn, startDate };
      },
    ),
    DescribeExecution: operation<DescribeExecutionInput, DescribeExecutionOutput>(
      ({ executionArn }) => [on('DescribeExecution', executionArn)],
      ({ executionArn, includedData }) =>
        describe(store.execution(required(executionArn, 'executionArn')), includedData !== 'METADATA_ONLY'),
    ),
    DescribeStateMachineForExecution: operation<
      DescribeStateMachineForExecutionInput,
      DescribeStateMachineForExecutionOutput
    >(
      ({ executionArn }) => [on('DescribeStateMachineForExecution', executionArn)],
      ({ executionArn, includedData }) => {
        allData('states:DescribeStateMachineForExecution', includedData);
        const { machine, mapRunArn } = store.execution(required(executionArn, 'executionArn')).start;
        return {
          stateMachineArn: machine.arn,
          name: machine.name,
          definition: machine.definitionText,
          roleArn: machine.roleArn,
          updateDate: machine.updateDate,
          loggingConfiguration: machine.logging,
          tracingConfiguration: { enabled: machine.tracing },
          ...(mapRunArn !== undefined && { mapRunArn }),
          ...(machine.revisionId !== undefined && { revisionId: machine.revisionId }),
        };
      },
    ),
    GetExecutionHistory: history(store),
    ListExecutions: operation<ListExecutionsInput, ListExecutionsOutput>(
      ({ stateMachineArn, mapRunArn }) => [on('ListExecutions', stateMachineArn ?? mapRunArn)],
      (input) => {
        const { items, ...rest } = page(listed(store, input), input);
        return { executions: items.map(listItem), ...rest };
      },
    ),
    StopExecution: operation<StopExecutionInput, StopExecutionOutput>(
      ({ executionArn }) => [on('StopExecution', executionArn)],
      ({ executionArn, error, cause }) => {
        const execution = store.execution(required(executionArn, 'executionArn'));
        execution.abort(
          { ...(error !== undefined && { error }), ...(cause !== undefined && { cause }) },
          store.world.clock.date(),
        );
        return { stopDate: execution.stopDate };
      },
    ),
  };
}

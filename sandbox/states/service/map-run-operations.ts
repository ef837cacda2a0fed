import type {
  DescribeMapRunInput,
  DescribeMapRunOutput,
  ListMapRunsInput,
  ListMapRunsOutput,
  MapRunItemCounts,
} from '@aws-sdk/client-sfn';
import { operation, type Operation } from '../../core/service.ts';
import type { MapRun } from '../engine/map-run.ts';
import { required } from './errors.ts';
import { on } from './machine-operations.ts';
import { page } from './pages.ts';
import type { Store } from './store.ts';

/** The input of the check that a Distributed Map makes of its role before it starts children. */
interface StartMapRunInput {
  readonly stateMachineArn: string;
}

function counts(
  { children, sizes, resultsWritten }: MapRun,
  weight: (index: number) => number,
): Required<MapRunItemCounts> {
  const tally = { pending: 0, running: 0, succeeded: 0, failed: 0, timedOut: 0, aborted: 0 };
  const member = {
    RUNNING: 'running',
    SUCCEEDED: 'succeeded',
    FAILED: 'failed',
    TIMED_OUT: 'timedOut',
    ABORTED: 'aborted',
    PENDING_REDRIVE: 'pending',
  } as const;
  let total = 0;
  for (const index of sizes.keys()) {
    total += weight(index);
    tally[member[children[index]?.status ?? 'PENDING_REDRIVE']] += weight(index);
  }
  return { ...tally, total, resultsWritten, failuresNotRedrivable: 0, pendingRedrive: 0 };
}

/** DescribeMapRun and ListMapRuns. Source: Step Functions API Reference. */
export function mapRunOperations(store: Store): Readonly<Record<string, Operation>> {
  return {
    DescribeMapRun: operation<DescribeMapRunInput, DescribeMapRunOutput>(
      ({ mapRunArn }) => [on('DescribeMapRun', mapRunArn)],
      ({ mapRunArn }) => {
        const run = store.mapRun(required(mapRunArn, 'mapRunArn'));
        const {
          arn,
          parent,
          status,
          startDate,
          stopDate,
          maxConcurrency,
          toleratedFailurePercentage,
          toleratedFailureCount,
        } = run;
        return {
          mapRunArn: arn,
          executionArn: parent.start.arn,
          status,
          startDate,
          ...(stopDate !== undefined && { stopDate }),
          maxConcurrency,
          toleratedFailurePercentage,
          toleratedFailureCount: Number.isFinite(toleratedFailureCount) ? toleratedFailureCount : 0,
          itemCounts: counts(run, (index) => run.sizes[index] ?? 0),
          executionCounts: counts(run, () => 1),
          redriveCount: 0,
        };
      },
    ),
    ListMapRuns: operation<ListMapRunsInput, ListMapRunsOutput>(
      ({ executionArn }) => [on('ListMapRuns', executionArn)],
      (input) => {
        const execution = store.execution(required(input.executionArn, 'executionArn'));
        const runs = [...store.mapRuns.values()].filter(({ parent }) => parent === execution);
        const { items, ...rest } = page(runs.reverse(), input);
        const mapRuns = items.map(({ arn, startDate, stopDate }) => ({
          executionArn: execution.start.arn,
          mapRunArn: arn,
          stateMachineArn: execution.start.machine.arn,
          startDate,
          ...(stopDate !== undefined && { stopDate }),
        }));
        return { mapRuns, ...rest };
      },
    ),
    // No operation of AWS: the children of a Map are started by Step Functions itself, by leave of the machine's role.
    StartMapRun: operation<StartMapRunInput, object>(
      ({ stateMachineArn }) => [on('StartExecution', stateMachineArn)],
      () => ({}),
    ),
  };
}

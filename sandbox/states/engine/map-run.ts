import type { MapRunStatus } from '@aws-sdk/client-sfn';
import type { Flow } from '../definition/model.ts';
import type { Execution } from './execution.ts';

/** One run of a Distributed Map: its children and their count. */
export interface MapRun {
  readonly arn: string;
  readonly label: string;
  readonly parent: Execution;
  readonly processor: Flow;
  readonly startDate: Date;
  readonly maxConcurrency: number;
  readonly toleratedFailureCount: number;
  readonly toleratedFailurePercentage: number;
  /** Items of each child, in order; one without a batcher. */
  readonly sizes: readonly number[];
  readonly children: Execution[];
  status: MapRunStatus;
  stopDate: Date | undefined;
  resultsWritten: number;
}

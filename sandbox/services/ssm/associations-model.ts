import type * as ssm from '@aws-sdk/client-ssm';
import type { Command, Details } from './model.ts';

/** The members of CreateAssociation that the sandbox keeps, as they were given. */
export const KEPT = [
  'Name',
  'DocumentVersion',
  'Parameters',
  'Targets',
  'TargetMaps',
  'TargetLocations',
  'ScheduleExpression',
  'OutputLocation',
  'AssociationName',
  'AutomationTargetParameterName',
  'MaxErrors',
  'MaxConcurrency',
  'ComplianceSeverity',
  'SyncCompliance',
  'ApplyOnlyAtCronInterval',
] as const satisfies (keyof ssm.CreateAssociationRequest)[];

export type Definition = Pick<ssm.CreateAssociationRequest, (typeof KEPT)[number]>;

/** Times in epoch milliseconds. */
export interface Association {
  readonly id: string;
  readonly tags: ReadonlyMap<string, string>;
  readonly createdAt: number;
  version: number;
  updatedAt: number;
  definition: Definition;
  /** Oldest first, those included that nobody sees yet. */
  readonly executions: AssociationExecution[];
}

/** One run of an association on all of its targets. */
export interface AssociationExecution {
  readonly id: string;
  /** The association as it was when the run was asked for. */
  readonly version: number;
  readonly definition: Definition;
  readonly createdAt: number;
  /** When DescribeAssociationExecutions begins to know it. */
  readonly visibleAt: number;
  /** Undefined until the targets have been resolved, at `createdAt`. */
  run: Run | undefined;
}

interface Run {
  /** The command to all targets, which no list of commands shows. */
  readonly command: Command;
  /** By instance id, in the order of the command. */
  readonly targets: ReadonlyMap<string, TargetRun>;
  /** As it was told last. */
  status: AssociationStatus;
  /** When a target changed last. */
  changedAt: number | undefined;
}

/** What an execution has of one instance beside the invocation. */
interface TargetRun {
  /** The run on the instance, as OutputSource names it. */
  readonly outputSourceId: string;
  changedAt: number | undefined;
}

/** Statuses of targets and executions: coarser than a command's, and what waits for an agent is Pending. */
export type AssociationStatus = 'Success' | 'Failed' | 'TimedOut' | 'InProgress' | 'Pending';

const STATUS: Readonly<Record<Details, AssociationStatus>> = {
  Success: 'Success',
  Failed: 'Failed',
  Cancelled: 'Failed',
  Undeliverable: 'Failed',
  Terminated: 'Failed',
  InvalidPlatform: 'Failed',
  AccessDenied: 'Failed',
  DeliveryTimedOut: 'TimedOut',
  ExecutionTimedOut: 'TimedOut',
  InProgress: 'InProgress',
  Cancelling: 'InProgress',
  Pending: 'Pending',
  Delayed: 'Pending',
};
const DETAILS = Object.keys(STATUS) as readonly Details[];

export const targetStatus = (details: Details): AssociationStatus => STATUS[details];

/** How many targets are in which status, always in the same order; statuses that none has are left out. */
export function countByStatus({ tally }: Command): ReadonlyMap<AssociationStatus, number> {
  const counts = new Map<AssociationStatus, number>();
  for (const details of DETAILS) {
    const status = STATUS[details];
    const count = (counts.get(status) ?? 0) + tally.of(details);
    if (count > 0) counts.set(status, count);
  }
  return counts;
}

/** The status of an execution on all of its targets; without any it is a success. */
export function overallStatus(command: Command): AssociationStatus {
  const counts = countByStatus(command);
  if (counts.has('InProgress')) return 'InProgress';
  if (counts.has('Pending')) return counts.size === 1 ? 'Pending' : 'InProgress';
  return (['Failed', 'TimedOut'] as const).find((status) => counts.has(status)) ?? 'Success';
}

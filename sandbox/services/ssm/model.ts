import type { CommandInvocationStatus, CommandStatus, Target } from '@aws-sdk/client-ssm';
import type { CommandDocument, ParameterValues } from './documents.ts';
import type { Tally } from './tally.ts';

/** StatusDetails of an invocation (Systems Manager user guide, Understanding command statuses). */
export type Details =
  | 'Pending'
  | 'Delayed'
  | 'InProgress'
  | 'Cancelling'
  | 'Success'
  | 'Failed'
  | 'Cancelled'
  | 'DeliveryTimedOut'
  | 'ExecutionTimedOut'
  | 'Undeliverable'
  | 'Terminated'
  | 'InvalidPlatform'
  | 'AccessDenied';

const STATUS: Readonly<Record<Details, CommandInvocationStatus>> = {
  Pending: 'Pending',
  Delayed: 'Delayed',
  InProgress: 'InProgress',
  Cancelling: 'Cancelling',
  Success: 'Success',
  Failed: 'Failed',
  Cancelled: 'Cancelled',
  DeliveryTimedOut: 'TimedOut',
  ExecutionTimedOut: 'TimedOut',
  Undeliverable: 'Failed',
  Terminated: 'Failed',
  InvalidPlatform: 'Failed',
  AccessDenied: 'Failed',
};

const UNFINISHED: ReadonlySet<Details> = new Set(['Pending', 'Delayed', 'InProgress', 'Cancelling']);

export const statusOf = (details: Details): CommandInvocationStatus => STATUS[details];

export const isFinal = (details: Details): boolean => !UNFINISHED.has(details);

/** A command on one instance. Times in epoch milliseconds. */
export interface Invocation {
  readonly instanceId: string;
  readonly computerName: string;
  readonly requestedAt: number;
  details: Details;
  responseCode: number;
  startedAt: number | undefined;
  endedAt: number | undefined;
  /** At most 24,000 and 8,000 characters. */
  stdout: string;
  stderr: string;
}

export interface Command {
  readonly commandId: string;
  readonly document: CommandDocument;
  readonly documentVersion: string;
  readonly comment: string;
  readonly parameters: ParameterValues;
  readonly requestedAt: number;
  /** When ListCommands, and when GetCommandInvocation and ListCommandInvocations begin to know it. */
  readonly listedAt: number;
  readonly visibleAt: number;
  readonly timeoutSeconds: number;
  readonly expiresAt: number;
  readonly instanceIds: readonly string[];
  readonly targets: readonly Target[];
  readonly maxConcurrency: string;
  readonly maxErrors: string;
  readonly bucket: string;
  readonly keyPrefix: string;
  /** In the order in which they are sent. */
  readonly invocations: ReadonlyMap<string, Invocation>;
  /** The same, by position. */
  readonly order: readonly Invocation[];
  readonly tally: Tally;
  cancelled: boolean;
  status: CommandStatus;
  statusDetails: string;
}

/** Where an invocation's output goes in the bucket. */
export const outputPrefix = ({ keyPrefix, commandId, document }: Command, instanceId: string): string =>
  [...(keyPrefix === '' ? [] : [keyPrefix]), commandId, instanceId, document.folders].join('/');

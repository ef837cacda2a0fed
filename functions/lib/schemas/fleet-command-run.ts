import * as z from '../zod.ts';
import { InstanceId, SsmDocument, Timestamp } from './common.ts';
import { MachineStatus, Stop } from './fleet-command.ts';

/** SendCommand's limit on instance ids. */
export const MOST_IN_BATCH = 50;

const count = z.int().check(z.minimum(0));
const Ids = z.array(InstanceId).check(z.minLength(1), z.maxLength(MOST_IN_BATCH));

/** What the run keeps to: its limits in numbers, and where its objects are. */
export const FleetPlan = z.strictObject({
  /** Prefix of the run's objects, without a slash at its end. */
  prefix: z.string(),
  bucket: z.string(),
  targets: count,
  /** Targets that were not refused from the start. */
  eligible: count,
  maxConcurrency: z.int().check(z.minimum(1)),
  maxErrors: count,
  /** 0 for none. */
  canary: count,
  timeoutSeconds: z.int(),
  lockTimeoutSeconds: count,
});
export type FleetPlan = z.infer<typeof FleetPlan>;

/** Machines of one platform that are sent to by one command. */
export const Batch = z.strictObject({
  number: z.int().check(z.minimum(1)),
  document: SsmDocument,
  ids: Ids,
  /** How many of them may run the script at once. */
  share: z.int().check(z.minimum(1)),
  /** How many of them may fail before the command goes to no more of them. */
  maxErrors: count,
  /** How often its machines were refused as a whole before. */
  attempt: count,
});
export type Batch = z.infer<typeof Batch>;

/** A command that has not been taken in yet; without `commandId` it may or may not have been sent. */
export const Active = z.strictObject({
  batch: z.int(),
  commandId: z.nullable(z.uuid()),
  size: z.int(),
  share: z.int(),
  sentAt: Timestamp,
  completed: count,
  errors: count,
  /** When a machine last ended. */
  progressAt: Timestamp,
  /** Whether machines that no agent had fetched were called back because the run is to stop. */
  stopped: z.boolean(),
  /** When machines that no agent fetched in ten minutes were last called back. */
  sweptAt: z.nullable(Timestamp),
  /** When all that was left was called back, because nothing had ended for too long. */
  overdueAt: z.nullable(Timestamp),
});
export type Active = z.infer<typeof Active>;

export const Counts = z.strictObject({
  Success: count,
  Failed: count,
  TimedOut: count,
  Undelivered: count,
  Cancelled: count,
  NotRun: count,
  Unknown: count,
  refused: count,
} satisfies Record<z.infer<typeof MachineStatus> | 'refused', typeof count>);
export type Counts = z.infer<typeof Counts>;

/** How far a run has got; the one document that its functions hand on. */
export const Progress = z.strictObject({
  /** Batches gated or tried to be; names the objects of each. */
  step: count,
  /** Looks at the commands so far. */
  looks: count,
  phase: z.enum(['canary', 'fleet']),
  /** The first goes through all eligible machines, each later one through those that were locked in the one before. */
  pass: z.int().check(z.minimum(1)),
  /** Machines in this pass, and how many of them were gated. */
  length: count,
  cursor: count,
  deferred: count,
  /** Nothing is gated before. */
  resumeAt: z.nullable(Timestamp),
  /** Until when locked machines are tried again; set when the first pass has ended. */
  lockDeadline: z.nullable(Timestamp),
  /** Batches begun, each with one command at most. */
  batches: count,
  /** Batches that were refused as a whole, to be gated again. */
  queue: z.array(z.strictObject({ document: SsmDocument, ids: Ids, attempt: count })),
  active: z.array(Active),
  /** Machines by what became of them. */
  counts: Counts,
  /** Throttled sends in a row. */
  throttled: count,
  stop: z.nullable(Stop),
});
export type Progress = z.infer<typeof Progress>;

/** One machine's line in results/. */
export const ResultLine = z.strictObject({
  instanceId: InstanceId,
  status: MachineStatus,
  /** Systems Manager's finer terms. */
  statusDetails: z.string(),
  /** -1 where no process ended. */
  exitCode: z.int(),
  /** The first 2,500 characters of stdout and stderr, as ListCommandInvocations gives them. */
  output: z.string(),
  commandId: z.nullable(z.string()),
  batch: z.int(),
  startedAt: z.optional(z.string()),
  endedAt: z.optional(z.string()),
  /** Where all of the output is. */
  outputUri: z.optional(z.string()),
});
export type ResultLine = z.infer<typeof ResultLine>;

import * as z from '../zod.ts';
import { Problem } from './problem.ts';

/** `PENDING`: accepted by the API, and the runbook has not recorded its start yet; the others are Step Functions' own. */
export const ExecutionStatus = z.enum(['PENDING', 'RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED']);

const NAME = /^[^\s<>{}[\]?*"#%\\^|~`$&,;:/]{1,80}$/;

/** What the API calls an execution: the runbook's name, a dot, and the execution's name. */
export const ExecutionId = z.string().check(
  z.refine((id: string) => id.includes('.') && NAME.test(id.slice(id.indexOf('.') + 1)), {
    error: 'must be an execution id such as run-command.0f3a…, as the API gives it in Location',
  }),
);

/** Answer to a request that started an execution (202). */
export const AcceptedExecution = z.strictObject({
  executionId: ExecutionId,
  runbook: z.string(),
  /** When the first request with this idempotency key came. */
  requestedAt: z.iso.datetime(),
});
export type AcceptedExecution = z.infer<typeof AcceptedExecution>;

/** One execution without its result, as a list holds it. */
export const ExecutionSummary = z.strictObject({
  executionId: ExecutionId,
  runbook: z.string(),
  status: ExecutionStatus,
  startedAt: z.optional(z.iso.datetime()),
  finishedAt: z.optional(z.iso.datetime()),
  summary: z.string(),
  stopRequestedAt: z.optional(z.iso.datetime()),
});
export type ExecutionSummary = z.infer<typeof ExecutionSummary>;

/** One execution as its result row tells it. */
export const ExecutionDocument = z.extend(ExecutionSummary, {
  targets: z.array(z.record(z.string(), z.unknown())),
  warnings: z.array(z.string()),
  resultsUri: z.optional(z.string()),
  /** The runbook's output, once it has SUCCEEDED. */
  result: z.optional(z.unknown()),
  /** Why it did not succeed. */
  problem: z.optional(Problem),
});
export type ExecutionDocument = z.infer<typeof ExecutionDocument>;

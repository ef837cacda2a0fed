import * as z from '../zod.ts';
import { Problem } from './problem.ts';

export const ExecutionStatus = z
  .enum(['PENDING', 'RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'])
  .check(
    z.describe(
      "PENDING: accepted by the API, and the runbook has not recorded its start yet. The others are Step Functions' own.",
    ),
  );

const NAME = /^[^\s<>{}[\]?*"#%\\^|~`$&,;:/]{1,80}$/;

export const ExecutionId = z.string().check(
  z.refine((id: string) => id.includes('.') && NAME.test(id.slice(id.indexOf('.') + 1)), {
    error: 'must be an execution id such as run-command.0f3a…, as the API gives it in Location',
  }),
  z.describe("What the API calls an execution: the runbook's name, a dot, and the execution's name."),
);

const Runbook = z.string().check(z.describe('The runbook that it is an execution of.'));

/** Answer to a request that started an execution (202). */
export const AcceptedExecution = z.strictObject({
  executionId: ExecutionId,
  runbook: Runbook,
  requestedAt: z.iso.datetime().check(z.describe('When the first request with this idempotency key came, in UTC.')),
});
export type AcceptedExecution = z.infer<typeof AcceptedExecution>;

/** One execution without its result, as a list holds it. */
export const ExecutionSummary = z.strictObject({
  executionId: ExecutionId,
  runbook: Runbook,
  status: ExecutionStatus,
  startedAt: z.optional(z.iso.datetime().check(z.describe('When the runbook recorded its start, in UTC.'))),
  finishedAt: z.optional(
    z.iso.datetime().check(z.describe('When it had ended and nothing more was to be done about it, in UTC.')),
  ),
  summary: z.string().check(z.describe('In a sentence, what has happened so far.')),
  stopRequestedAt: z.optional(z.iso.datetime().check(z.describe('When somebody asked it to stop, in UTC.'))),
});
export type ExecutionSummary = z.infer<typeof ExecutionSummary>;

/** One execution as its result row tells it. */
export const ExecutionDocument = z.extend(ExecutionSummary, {
  targets: z
    .array(z.record(z.string(), z.unknown()))
    .check(z.describe("What it works on, and how far each has got. The keys are the runbook's.")),
  warnings: z.array(z.string()).check(z.describe('What went wrong and did not end it.')),
  resultsUri: z.optional(z.string().check(z.describe('Where all of its results are, as an s3:// address.'))),
  result: z.optional(z.unknown().check(z.describe("The runbook's output, once it has SUCCEEDED."))),
  problem: z.optional(Problem.check(z.describe('Why it did not succeed.'))),
});
export type ExecutionDocument = z.infer<typeof ExecutionDocument>;

/** What the answer to a stop request adds: how to look after what stopping at once may have left. */
export const StoppedExecution = z.extend(ExecutionDocument, {
  repairCommand: z.optional(
    z.string().check(z.describe('Run this to see what the execution may have left running; only with force.')),
  ),
});

/** One page of a list. */
export const ExecutionPage = z.strictObject({
  executions: z.array(ExecutionSummary).check(z.describe('The latest first.')),
  nextToken: z.optional(
    z
      .string()
      .check(z.describe('Asks for the next page, with the other parameters as they were; absent after the last one.')),
  ),
});

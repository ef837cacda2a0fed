import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from './zod.ts';
import { ExecutionStatus, type ExecutionDocument, type ExecutionSummary } from './schemas/execution-document.ts';
import { problemOf } from './api/answer.ts';
import { snakeCase } from './casing.ts';
import { withoutPrincipals } from './api/scrub.ts';

/** A row of the result table; what the API claims before the runbook begins has no `status` yet. docs/architecture.md */
const Row = z.looseObject({
  executionArn: z.string(),
  runbook: z.optional(z.string()),
  status: z.optional(ExecutionStatus),
  startedAt: z.optional(z.string()),
  finishedAt: z.optional(z.string()),
  summary: z.optional(z.string()),
  targets: z._default(z.array(z.record(z.string(), z.unknown())), []),
  warnings: z._default(z.array(z.string()), []),
  resultsUri: z.optional(z.string()),
  result: z.optional(z.string()),
  error: z.optional(z.string()),
  cause: z.optional(z.string()),
  requestHash: z.optional(z.string()),
  requestId: z.optional(z.string()),
  requestedBy: z.optional(z.string()),
  requestedAt: z.optional(z.string()),
  stopRequestedAt: z.optional(z.string()),
});
export type Row = z.infer<typeof Row>;

export const rowOf = (item: Readonly<Record<string, AttributeValue>>): Row => Row.parse(unmarshall(item));

/** `RUNBOOK.NAME`, where NAME is the last part of the execution's ARN. */
export const executionId = (runbook: string, executionArn: string): string =>
  `${runbook}.${executionArn.slice(executionArn.lastIndexOf(':') + 1)}`;

/** What a list says of an execution. */
export function summaryOf(runbook: string, row: Row): ExecutionSummary {
  const { startedAt, finishedAt, stopRequestedAt } = row;
  return {
    executionId: executionId(runbook, row.executionArn),
    runbook,
    status: row.status ?? 'PENDING',
    ...(startedAt !== undefined && { startedAt }),
    ...(finishedAt !== undefined && { finishedAt }),
    summary: withoutPrincipals(row.summary ?? 'Accepted; the runbook has not recorded its start yet.'),
    ...(stopRequestedAt !== undefined && { stopRequestedAt }),
  };
}

/** The runbook's output, with the warnings that came after it. */
export function resultOf({ result = 'null', warnings }: Row): unknown {
  const output: unknown = JSON.parse(result);
  return typeof output === 'object' && output !== null && !Array.isArray(output) ? { ...output, warnings } : output;
}

/** Why an execution did not succeed; undefined while it may still, and where it did. */
export function failureOf(runbook: string, row: Row): ExecutionDocument['problem'] {
  if (row.finishedAt === undefined || row.status === 'SUCCEEDED') return undefined;
  const error = row.error ?? row.status ?? 'InternalError';
  return problemOf(error, row.cause ?? '', {
    instance: `/executions/${encodeURIComponent(executionId(runbook, row.executionArn))}`,
  });
}

/** A target's keys are the runbook's own, not data: on the wire they are spelled like all others. */
const spelledForWire = (target: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(target).map(([key, value]) => [snakeCase(key), value]));

/** An execution as its row tells it. */
export function documentOfRow(runbook: string, row: Row): ExecutionDocument {
  const problem = failureOf(runbook, row);
  return {
    ...summaryOf(runbook, row),
    targets: row.targets.map(spelledForWire),
    warnings: row.warnings.map(withoutPrincipals),
    ...(row.resultsUri !== undefined && { resultsUri: row.resultsUri }),
    ...(row.finishedAt !== undefined && row.status === 'SUCCEEDED' && { result: resultOf(row) }),
    ...(problem !== undefined && { problem }),
  };
}

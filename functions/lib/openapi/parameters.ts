import { ExecutionStatus } from '../schemas/execution-document.ts';
import { APPROVAL_ID, EXECUTION_ID } from './examples.ts';
import type { Header, Parameter, Schema } from './types.ts';

export const EXECUTION: Parameter = {
  name: 'id',
  in: 'path',
  required: true,
  description: 'The id of the execution, as `execution_id` has it.',
  schema: { type: 'string' },
  example: EXECUTION_ID,
};

export const APPROVAL: Parameter = {
  name: 'id',
  in: 'path',
  required: true,
  description: 'The id of the approval, as the notification has it. It opens nothing by itself.',
  schema: { type: 'string' },
  example: APPROVAL_ID,
};

export const IDEMPOTENCY_KEY: Parameter = {
  name: 'Idempotency-Key',
  in: 'header',
  description:
    'The same key from the same caller on the same route is the same execution, for 90 days. With another body it is IdempotencyConflict. Printable ASCII without a comma, such as a UUID.',
  schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[!-+\\--~]([ -+\\--~]*[!-+\\--~])?$' },
  example: 'CHG0031337-1',
};

export const PREFER: Parameter = {
  name: 'Prefer',
  in: 'header',
  description:
    '`wait=N` waits up to N seconds, at most 25, for the result (RFC 7240). Where too many wait already, the answer comes at once.',
  schema: { type: 'string' },
  example: 'wait=20',
};

export const FORCE: Parameter = {
  name: 'force',
  in: 'query',
  description:
    'Stops at once, wherever the execution is, and answers with the command that looks after what that may leave.',
  schema: { type: 'string', enum: ['true', 'false'], default: 'false' },
};

const query = (name: string, description: string, schema: Schema): Parameter => ({
  name,
  in: 'query',
  description,
  schema,
});

/** What a list may be asked for, as list/query.ts reads it. */
export const LIST_PARAMETERS: readonly Parameter[] = [
  query('runbook', 'Executions of this runbook alone; of all unless given.', { type: 'string' }),
  query('status', 'Executions of this status alone. PENDING ones are not listed.', {
    type: 'string',
    enum: ExecutionStatus.options.filter((status) => status !== 'PENDING'),
  }),
  query('started_after', 'Executions that started then or later.', { type: 'string', format: 'date-time' }),
  query('started_before', 'Executions that started earlier than that.', { type: 'string', format: 'date-time' }),
  query('limit', 'How many there are on a page, at most.', { type: 'integer', minimum: 1, maximum: 100, default: 20 }),
  query('next_token', 'The `next_token` of the page before; the other parameters stay as they were.', {
    type: 'string',
  }),
];

export const LOCATION: Header = {
  description: 'The path of the execution.',
  required: true,
  schema: { type: 'string', format: 'uri-reference' },
};

export const CONTENT_LOCATION: Header = {
  description: 'The path of the execution that had this result.',
  required: true,
  schema: { type: 'string', format: 'uri-reference' },
};

export const RETRY_AFTER: Header = {
  description: 'Seconds after which it is worth asking.',
  schema: { type: 'integer' },
};

export const PREFERENCE_APPLIED: Header = {
  description:
    'How long the request was let wait for the result, at most `wait=25`; only where it asked and there was room.',
  schema: { type: 'string' },
};

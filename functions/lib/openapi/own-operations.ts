import type { OwnRoute } from '../schemas/routes.ts';
import { APPROVAL_DOCUMENT, APPROVAL_REQUEST, EXECUTION_DOCUMENT, EXECUTION_PAGE, STOPPING } from './examples.ts';
import { APPROVAL, EXECUTION, FORCE, LIST_PARAMETERS, RETRY_AFTER } from './parameters.ts';
import { failures, jsonBody } from './responses.ts';
import { ref } from './schemas.ts';
import type { Authorization } from './security.ts';
import type { Operation } from './types.ts';

/** What is particular to a route's function, by the function's name. */
type Particulars = Omit<Operation, 'operationId' | 'summary'> & { readonly problems: readonly string[] };

const PARTICULARS: Readonly<Record<string, Particulars>> = {
  'list-executions': {
    description:
      'Of one runbook, or of all. An execution is listed from its recorded start on, and for 90 days. A page may be short: there are more as long as there is a `next_token`.',
    tags: ['executions'],
    parameters: LIST_PARAMETERS,
    responses: {
      200: { description: 'A page of executions.', content: jsonBody(ref('ExecutionPage'), EXECUTION_PAGE) },
    },
    problems: ['InvalidRequest', 'InternalError'],
  },
  'get-execution': {
    description:
      'Reads what the runbook recorded. An execution that failed is 200, too: its `problem` says why. Rows are kept for 90 days.',
    tags: ['executions'],
    parameters: [EXECUTION],
    responses: {
      200: {
        description: 'The execution. While it has not ended, Retry-After says when to ask again.',
        headers: { 'Retry-After': RETRY_AFTER },
        content: jsonBody(ref('ExecutionDocument'), EXECUTION_DOCUMENT),
      },
    },
    problems: ['ExecutionNotFound', 'InternalError'],
  },
  'stop-execution': {
    description:
      'The request is honoured at the next safe point of the runbook, at once by those that can be stopped anywhere. Asked again, or too late, it changes nothing.',
    tags: ['executions'],
    parameters: [EXECUTION, FORCE],
    responses: {
      200: { description: 'It had ended before.', content: jsonBody(ref('StoppedExecution'), EXECUTION_DOCUMENT) },
      202: {
        description: 'It has been asked to stop, or stopped.',
        content: jsonBody(ref('StoppedExecution'), STOPPING),
      },
    },
    problems: ['InvalidRequest', 'ExecutionNotFound', 'ExecutionNotBegun', 'InternalError'],
  },
  'decide-approval': {
    description:
      'Of a rollout whose policy requires it, by somebody who neither asked for it nor wrote the AMI into its parameter. The first decision counts; sent again by the same, it answers the same.',
    tags: ['approvals'],
    parameters: [APPROVAL],
    requestBody: { required: true, content: jsonBody(ref('ApprovalRequest'), APPROVAL_REQUEST) },
    responses: {
      200: { description: 'It is decided.', content: jsonBody(ref('ApprovalDocument'), APPROVAL_DOCUMENT) },
    },
    problems: [
      'InvalidRequest', 'ApprovalNotFound', 'ApproverNotAllowed', 'ApprovalClosed', 'ApprovalDecided', 'ApprovalExpired',
      'UnsupportedMediaType', 'InternalError',
    ], // prettier-ignore
  },
  'get-openapi': {
    description: 'This document, with the address it was asked from. It may be kept for five minutes.',
    tags: ['api'],
    responses: { 200: { description: 'An OpenAPI document.', content: jsonBody({ type: 'object' }) } },
    problems: ['InternalError'],
  },
};

/** What the document says of a route that starts nothing. @throws Error for a function that nothing is written of here */
export function ownOperation(
  { operationId, summary, function: name }: OwnRoute,
  authorization: Authorization,
): Operation {
  const particulars = PARTICULARS[name];
  if (particulars === undefined) throw new Error(`own-operations.ts says nothing of ${name}`);
  const { problems, responses, ...rest } = particulars;
  return { operationId, summary, ...rest, responses: { ...responses, ...failures(problems, authorization) } };
}

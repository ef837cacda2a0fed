import { ConditionalCheckFailedException, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { ExecutionDoesNotExist, StopExecutionCommand } from '@aws-sdk/client-sfn';
import * as z from './lib/zod.ts';
import { jsonAnswer, type HttpAnswer } from './lib/api/answer.ts';
import { api, type ApiRequest } from './lib/api/api.ts';
import { ApiError, invalidRequest } from './lib/api/errors.ts';
import { dynamoDbClient, sfnClient } from './lib/clients.ts';
import { readEnv } from './lib/env.ts';
import { executionSchema } from './lib/execution-schema.ts';
import { findExecution, type FoundExecution } from './lib/find-execution.ts';
import { machinesOf } from './lib/machines.ts';
import { marker } from './lib/marker.ts';
import { documentOfRow } from './lib/rows.ts';
import { START_ROUTES } from './lib/schemas/routes.ts';

const text = z.string().check(z.minLength(1));
const { RESULT_TABLE, STATE_MACHINES } = readEnv({ RESULT_TABLE: text, STATE_MACHINES: text });
const [dynamoDb, sfn] = [dynamoDbClient(), sfnClient()];
const executions = { table: RESULT_TABLE, machines: machinesOf(STATE_MACHINES) };

/** An execution that has been accepted has begun after so many seconds. */
const RETRY_AFTER = '2';

/**
 * Asks an execution to stop at its next safe point; with `?force=true` stops it where it is and says how to repair what that
 * may leave. Asked again, or too late, it changes nothing. Source: Step Functions StopExecution.
 */
export const handler = api({ body: false }, async (request) => {
  const force = forceOf(request.query);
  const found = await findExecution(dynamoDb, executions, request.parameters['id']);
  if (found.row.finishedAt !== undefined) return finished(found);
  const anywhere = START_ROUTES.find(({ runbook }) => runbook === found.runbook)?.stops === 'anywhere';
  // Noted afterwards: what has not begun would not see the note, and begin.
  if (force || anywhere) await stop(found, anywhere ? 'StopRequested' : 'ExecutionStopped');
  if (!(await noteRequest(found, request)))
    return finished(await findExecution(dynamoDb, executions, request.parameters['id']));
  const { runbook, row } = await findExecution(dynamoDb, executions, request.parameters['id']);
  const document = { ...documentOfRow(runbook, row), ...(force && { repairCommand: repairCommand(found) }) };
  return jsonAnswer(202, executionSchema(runbook), document, { 'retry-after': RETRY_AFTER });
});

function forceOf(query: ApiRequest['query']): boolean {
  const { force = 'false', ...unknown } = query;
  const problems = Object.keys(unknown).map((name) => ({ path: `query ${name}`, reason: 'is not a known parameter' }));
  if (force !== 'true' && force !== 'false') problems.push({ path: 'query force', reason: 'must be true or false' });
  if (problems.length > 0) throw invalidRequest(problems);
  return force === 'true';
}

const finished = ({ runbook, row }: FoundExecution): HttpAnswer =>
  jsonAnswer(200, executionSchema(runbook), documentOfRow(runbook, row));

/** Notes the first request to stop, for the runbook to see and for whoever asks later; false where the run has finished. */
async function noteRequest({ executionArn }: FoundExecution, request: ApiRequest): Promise<boolean> {
  try {
    await dynamoDb.send(
      new UpdateItemCommand({
        TableName: RESULT_TABLE,
        Key: { executionArn: { S: executionArn } },
        UpdateExpression:
          'SET stopRequestedAt = if_not_exists(stopRequestedAt, :at), stopRequestedBy = if_not_exists(stopRequestedBy, :by)',
        ConditionExpression: 'attribute_exists(executionArn) AND attribute_not_exists(finishedAt)',
        ExpressionAttributeValues: { ':at': { S: request.requestedAt }, ':by': { S: request.caller() } },
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

/** What has to be undone then is done by complete-execution, which the end of the execution starts. */
async function stop({ executionArn }: FoundExecution, error: string): Promise<void> {
  const cause = 'Somebody asked for it through the API; the result row says when and who.';
  await sfn.send(new StopExecutionCommand({ executionArn, error, cause })).catch((thrown: unknown) => {
    if (!(thrown instanceof ExecutionDoesNotExist)) throw thrown;
    const detail =
      'It could not be stopped: it was accepted, and begins in a moment or, if its start failed, never. Ask again.';
    throw new ApiError('ExecutionNotBegun', detail, { headers: { 'retry-after': RETRY_AFTER } });
  });
}

/** Shows what the execution may have left running on machines: its commands, found by their Comment. */
const repairCommand = ({ executionArn }: FoundExecution): string =>
  `aws ssm list-commands --query "Commands[?starts_with(Comment, '${marker(executionArn)}')].[CommandId, Status]" --output text`;

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
import { endWaiting } from './lib/rollout/end-waiting.ts';
import { RolloutTable } from './lib/rollout/rollout-table.ts';
import { documentOfRow } from './lib/rows.ts';
import { START_ROUTES } from './lib/schemas/routes.ts';

const text = z.string().check(z.minLength(1));
const { RESULT_TABLE, ROLLOUT_TABLE, STATE_MACHINES } = readEnv({
  RESULT_TABLE: text,
  ROLLOUT_TABLE: text,
  STATE_MACHINES: text,
});
const [dynamoDb, sfn] = [dynamoDbClient(), sfnClient()];
const rollouts = new RolloutTable(dynamoDb, ROLLOUT_TABLE);
const executions = { table: RESULT_TABLE, machines: machinesOf(STATE_MACHINES) };

/** An execution that has been accepted has begun after so many seconds. */
const RETRY_AFTER = '2';

/** What an execution ends with that was stopped from here: as its runbook allows at any point, or by force. */
const STOPPED = ['StopRequested', 'ExecutionStopped'] as const;
const [AS_ALLOWED, BY_FORCE] = STOPPED;

/**
 * Asks an execution to stop at its next safe point, and wakes one that waits there; with `?force=true` stops it where it is
 * and says how to repair what that may leave. Asked again, or too late, it changes nothing. Source: Step Functions StopExecution, SendTaskFailure.
 */
export const handler = api({ body: false }, async (request) => {
  const force = forceOf(request.query);
  const found = await findExecution(dynamoDb, executions, request.parameters['id']);
  const over = found.row.finishedAt !== undefined;
  if (over && !wantsNote(found)) return finished(found);
  const anywhere = START_ROUTES.find(({ runbook }) => runbook === found.runbook)?.stops === 'anywhere';
  // Noted afterwards: what has not begun would not see the note, and begin.
  if (!over && (force || anywhere)) await stop(found, anywhere ? AS_ALLOWED : BY_FORCE);
  const noted = await noteRequest(found, request);
  // After the note, for which a rollout looks when it has begun to wait.
  if (!over && noted && !force && !anywhere) await wake(found, request);
  const { runbook, row } = await findExecution(dynamoDb, executions, request.parameters['id']);
  if (over || !noted) return finished({ ...found, row });
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

/** Whether it was stopped from here by a request whose note never arrived: who repeats that request makes up for it. */
const wantsNote = ({ row }: FoundExecution): boolean =>
  row.stopRequestedAt === undefined && STOPPED.some((error) => error === row.error);

/**
 * Notes the first request to stop, for the runbook to see and for whoever asks later; false where the run has finished, but
 * for one that was stopped from here: its row may be finished before the note arrives.
 */
async function noteRequest({ executionArn }: FoundExecution, request: ApiRequest): Promise<boolean> {
  try {
    await dynamoDb.send(
      new UpdateItemCommand({
        TableName: RESULT_TABLE,
        Key: { executionArn: { S: executionArn } },
        UpdateExpression:
          'SET stopRequestedAt = if_not_exists(stopRequestedAt, :at), stopRequestedBy = if_not_exists(stopRequestedBy, :by)',
        ConditionExpression:
          'attribute_exists(executionArn) AND attribute_not_exists(finishedAt) OR #error = :allowed OR #error = :forced',
        ExpressionAttributeNames: { '#error': 'error' },
        ExpressionAttributeValues: {
          ':at': { S: request.requestedAt },
          ':by': { S: request.caller() },
          ':allowed': { S: AS_ALLOWED },
          ':forced': { S: BY_FORCE },
        },
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

/** Ends the wait of a rollout for an approval or its window, which is a safe point that might be days long. */
const wake = ({ executionArn }: FoundExecution, { requestedAt }: ApiRequest): Promise<void> =>
  endWaiting({ table: rollouts, sfn }, executionArn, {
    error: 'StopRequested',
    cause: `Somebody asked for it through the API at ${requestedAt}; the result row says who.`,
  });

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

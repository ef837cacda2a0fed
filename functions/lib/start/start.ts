import { ExecutionAlreadyExists, StartExecutionCommand, type SFNClient } from '@aws-sdk/client-sfn';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ApiError } from '../api/errors.ts';
import { executionArnOf } from '../machines.ts';
import { claimRow } from '../result-table.ts';
import { executionId } from '../rows.ts';
import type { AcceptedExecution } from '../schemas/execution-document.ts';
import { conflict, executionName, requestHash } from './identity.ts';

const KEEP_SECONDS = 90 * 86_400;
const RETRY_SECONDS = '5';

interface Deployed {
  readonly dynamoDb: DynamoDBClient;
  readonly sfn: SFNClient;
  readonly table: string;
  readonly machineArn: string;
}

/** Who asks for what, and what makes it the same request when it comes again. */
export interface StartRequest {
  readonly runbook: string;
  readonly route: string;
  readonly request: object;
  readonly caller: string;
  readonly key: string;
  readonly requestId: string;
  readonly requestedAt: string;
}

export interface Started {
  readonly executionArn: string;
  readonly accepted: AcceptedExecution;
}

/**
 * Claims the row, then starts the execution, with a name and an input that are the same for every repeat: whoever repeats a
 * request that was cut off in between starts what it claimed. Source: Step Functions StartExecution, which is idempotent
 * for a running execution of the same name and input.
 */
export async function start(deployed: Deployed, asked: StartRequest): Promise<Started> {
  const { dynamoDb, table, machineArn } = deployed;
  const { runbook, caller, route, key, request, requestId, requestedAt } = asked;
  const name = executionName(caller, route, key);
  const executionArn = executionArnOf(machineArn, name);
  const hash = requestHash(request);
  const expiresAt = Math.floor(Date.parse(requestedAt) / 1000) + KEEP_SECONDS;
  const claim = { executionArn, requestHash: hash, requestId, requestedBy: caller, requestedAt, expiresAt };
  const row = await unlessThrottled(claimRow(dynamoDb, table, claim));
  if (row.requestHash !== hash) throw conflict();
  const { requestId: firstId = requestId, requestedBy = caller, requestedAt: firstAt = requestedAt } = row;
  const metadata = { requestId: firstId, requestedBy, requestedAt: firstAt };
  await startExecution(deployed, name, { ...request, metadata });
  return { executionArn, accepted: { executionId: executionId(runbook, executionArn), runbook, requestedAt: firstAt } };
}

async function startExecution({ sfn, machineArn }: Deployed, name: string, input: object): Promise<void> {
  const command = new StartExecutionCommand({ stateMachineArn: machineArn, name, input: JSON.stringify(input) });
  try {
    await unlessThrottled(sfn.send(command));
  } catch (error) {
    // The row was claimed for this very request, so the one that has the name is the one that was asked for.
    if (!(error instanceof ExecutionAlreadyExists)) throw error;
  }
}

/** What DynamoDB and Step Functions call too much at a time. */
const THROTTLED = /Throttl|TooManyRequests|ThroughputExceeded|LimitExceeded/;

/** Turns an AWS call's refusal for its rate into TooManyRequests. */
async function unlessThrottled<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (!(error instanceof Error && THROTTLED.test(error.name))) throw error;
    throw new ApiError('TooManyRequests', 'AWS takes no more starts at the moment. Send the request again.', {
      headers: { 'retry-after': RETRY_SECONDS },
    });
  }
}

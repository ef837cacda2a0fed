import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ApiError } from './api/errors.ts';
import { executionOf, type Machines } from './machines.ts';
import { readRow } from './result-table.ts';
import type { Row } from './rows.ts';
import { ExecutionId } from './schemas/execution-document.ts';

export interface FoundExecution {
  readonly runbook: string;
  readonly executionArn: string;
  readonly row: Row;
}

/** The row of an execution by the id that the API gave it. Throws ExecutionNotFound. */
export async function findExecution(
  client: DynamoDBClient,
  { table, machines }: { readonly table: string; readonly machines: Machines },
  id = '',
): Promise<FoundExecution> {
  // DynamoDB refuses keys that are too long, and no execution has such a name.
  const found = ExecutionId.safeParse(id).success ? executionOf(machines, id) : undefined;
  const row = found && (await readRow(client, table, found.executionArn));
  if (found !== undefined && row !== undefined) return { ...found, row };
  throw new ApiError(
    'ExecutionNotFound',
    'No runbook has an execution of this id. Ids are as Location and GET /executions give them, such as run-command.api-0f3a…; rows are kept for 90 days.',
  );
}

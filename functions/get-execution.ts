import * as z from './lib/zod.ts';
import { jsonAnswer } from './lib/api/answer.ts';
import { api } from './lib/api/api.ts';
import { dynamoDbClient } from './lib/clients.ts';
import { readEnv } from './lib/env.ts';
import { executionSchema } from './lib/execution-schema.ts';
import { findExecution } from './lib/find-execution.ts';
import { machinesOf } from './lib/machines.ts';
import { documentOfRow } from './lib/rows.ts';

const text = z.string().check(z.minLength(1));
const { RESULT_TABLE, STATE_MACHINES } = readEnv({ RESULT_TABLE: text, STATE_MACHINES: text });
const dynamoDb = dynamoDbClient();
const machines = machinesOf(STATE_MACHINES);

/** Whoever follows an execution may look again after so many seconds. */
const RETRY_AFTER = '2';

/** Tells how far an execution has got and, when it has ended, its result or its problem. Source: the result row. */
export const handler = api({ body: false }, async ({ parameters }) => {
  const { runbook, row } = await findExecution(dynamoDb, { table: RESULT_TABLE, machines }, parameters['id']);
  return jsonAnswer(200, executionSchema(runbook), documentOfRow(runbook, row), {
    ...(row.finishedAt === undefined && { 'retry-after': RETRY_AFTER }),
  });
});

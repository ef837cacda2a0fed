import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from './lib/zod.ts';
import { jsonAnswer } from './lib/api/answer.ts';
import { api } from './lib/api/api.ts';
import { dynamoDbClient } from './lib/clients.ts';
import { readEnv } from './lib/env.ts';
import { encodeCursor, type Position } from './lib/list/cursor.ts';
import { mergedPage, type Batch } from './lib/list/merge.ts';
import { listQuery, type ListQuery } from './lib/list/query.ts';
import { machinesOf } from './lib/machines.ts';
import { rowOf, summaryOf, type Row } from './lib/rows.ts';
import { ExecutionPage } from './lib/schemas/execution-document.ts';

const text = z.string().check(z.minLength(1));
const { RESULT_TABLE, STATE_MACHINES } = readEnv({ RESULT_TABLE: text, STATE_MACHINES: text });
const dynamoDb = dynamoDbClient();
const runbooks = [...machinesOf(STATE_MACHINES).keys()];

/** The index of the result table by runbook and start. */
const INDEX = 'by-runbook';

type ListedRow = Row & Position;

/**
 * Lists executions, the newest first; of one runbook or of all, by status and time. Those that have been accepted and have
 * not recorded their start are not in it. A page may be short although `next_token` says that more follow.
 * Source: DynamoDB Query on the result table's index.
 */
export const handler = api({ body: false }, async ({ query }) => {
  const list = listQuery(query, runbooks);
  const { items, next } = await mergedPage(list.runbooks, {
    cursor: list.cursor,
    limit: list.limit,
    read: (runbook, behind) => readSome(list, runbook, behind),
  });
  return jsonAnswer(200, ExecutionPage, {
    executions: items.map(({ runbook, item }) => summaryOf(runbook, item)),
    ...(next !== undefined && { nextToken: encodeCursor(next) }),
  });
});

async function readSome(
  { from, to, status, limit }: ListQuery,
  runbook: string,
  behind: Position | undefined,
): Promise<Batch<ListedRow>> {
  const { Items = [], LastEvaluatedKey: last } = await dynamoDb.send(
    new QueryCommand({
      TableName: RESULT_TABLE,
      IndexName: INDEX,
      KeyConditionExpression: 'runbook = :runbook AND startedAt BETWEEN :from AND :to',
      ...(status !== undefined && {
        FilterExpression: '#status = :status',
        ExpressionAttributeNames: { '#status': 'status' },
      }),
      ExpressionAttributeValues: marshall({
        ...{ ':runbook': runbook, ':from': from, ':to': to },
        ...(status !== undefined && { ':status': status }),
      }),
      ExclusiveStartKey: behind && marshall({ runbook, ...behind }),
      ScanIndexForward: false,
      Limit: limit,
    }),
  );
  return { items: Items.map((item) => rowOf(item) as ListedRow), readTo: last && positionOf(unmarshall(last)) };
}

const positionOf = ({ startedAt, executionArn }: Readonly<Record<string, unknown>>): Position => ({
  startedAt: String(startedAt),
  executionArn: String(executionArn),
});

import {
  ConditionalCheckFailedException,
  GetItemCommand,
  PutItemCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { rowOf, type Row } from './rows.ts';

/** A row by its key, as it is at this moment. Source: DynamoDB GetItem with ConsistentRead. */
export async function readRow(client: DynamoDBClient, table: string, executionArn: string): Promise<Row | undefined> {
  const key = { TableName: table, Key: { executionArn: { S: executionArn } }, ConsistentRead: true };
  const { Item } = await client.send(new GetItemCommand(key));
  return Item && rowOf(Item);
}

/** What a request leaves in the row of the execution that it will start. */
export interface Claim {
  readonly executionArn: string;
  /** SHA-256 of what was asked for. */
  readonly requestHash: string;
  readonly requestId: string;
  readonly requestedBy: string;
  readonly requestedAt: string;
  /** Seconds since 1970, for the table's time to live. */
  readonly expiresAt: number;
}

/** Claims a row that nobody has claimed; the row that is there otherwise. Source: DynamoDB PutItem with a condition. */
export async function claimRow(client: DynamoDBClient, table: string, claim: Claim): Promise<Row> {
  try {
    await client.send(
      new PutItemCommand({
        TableName: table,
        Item: marshall(claim),
        ConditionExpression: 'attribute_not_exists(executionArn)',
      }),
    );
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    const row = await readRow(client, table, claim.executionArn);
    if (row !== undefined) return row;
    throw new Error('the row that was in the way is gone', { cause: error });
  }
  return { ...claim, targets: [], warnings: [] };
}

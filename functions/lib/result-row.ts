import { ConditionalCheckFailedException, UpdateItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** The row of an execution in the result table. */
export interface ResultRow {
  readonly table: string;
  readonly executionArn: string;
}

/**
 * Writes into the result row how far the run has got, and reads from it whether somebody asked it to stop: answers with why
 * it should, or undefined. A row that says that the run is over, or that there is none, is as good as asked.
 * Source: DynamoDB UpdateItem.
 */
export async function noteProgress(
  dynamoDb: DynamoDBClient,
  { table, executionArn }: ResultRow,
  summary: string,
): Promise<string | undefined> {
  try {
    const { Attributes } = await dynamoDb.send(
      new UpdateItemCommand({
        TableName: table,
        Key: { executionArn: { S: executionArn } },
        UpdateExpression: 'SET summary = :summary',
        ConditionExpression: '#status = :running',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: { ':summary': { S: summary }, ':running': { S: 'RUNNING' } },
        ReturnValues: 'ALL_NEW',
      }),
    );
    const at = Attributes?.['stopRequestedAt']?.S;
    return at === undefined ? undefined : `Somebody asked for it at ${at}.`;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return 'Its result row says that it is over.';
    throw error;
  }
}

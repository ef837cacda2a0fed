import { ConditionalCheckFailedException, UpdateItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { FleetPlan, Progress } from '../schemas/fleet-command-run.ts';
import { stopped } from './plan.ts';
import { progressText } from './progress-text.ts';

interface Row {
  readonly table: string;
  readonly executionArn: string;
}

/**
 * Writes into the result row how far the run has got, and reads from it whether somebody asked it to stop. A row that says
 * that the run is over, or that there is none, is as good as asked. Source: DynamoDB UpdateItem.
 */
export async function heeding(
  dynamoDb: DynamoDBClient,
  { table, executionArn }: Row,
  plan: FleetPlan,
  progress: Progress,
): Promise<Progress> {
  try {
    const { Attributes } = await dynamoDb.send(
      new UpdateItemCommand({
        TableName: table,
        Key: { executionArn: { S: executionArn } },
        UpdateExpression: 'SET summary = :summary',
        ConditionExpression: '#status = :running',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: { ':summary': { S: progressText(plan, progress) }, ':running': { S: 'RUNNING' } },
        ReturnValues: 'ALL_NEW',
      }),
    );
    const at = Attributes?.['stopRequestedAt']?.S;
    return at === undefined ? progress : stopped(progress, 'StopRequested', `Somebody asked for it at ${at}.`);
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException)
      return stopped(progress, 'StopRequested', 'Its result row says that it is over.');
    throw error;
  }
}

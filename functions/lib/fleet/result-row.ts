import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { noteProgress, type ResultRow } from '../result-row.ts';
import type { FleetPlan, Progress } from '../schemas/fleet-command-run.ts';
import { stopped } from './plan.ts';
import { progressText } from './progress-text.ts';

/** Writes how far the run has got, and stops it where somebody has asked for that. */
export async function heeding(
  dynamoDb: DynamoDBClient,
  row: ResultRow,
  plan: FleetPlan,
  progress: Progress,
): Promise<Progress> {
  const why = await noteProgress(dynamoDb, row, progressText(plan, progress));
  return why === undefined ? progress : stopped(progress, 'StopRequested', why);
}

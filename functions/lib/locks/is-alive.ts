import { DescribeExecutionCommand, type DescribeExecutionCommandOutput, type SFNClient } from '@aws-sdk/client-sfn';
import { PROPAGATION_SECONDS, secondsBetween } from '../polling.ts';
import type { Lock } from './lock-table.ts';

/**
 * Tells whether the holder of a lock runs; asks once for each execution. DescribeExecution is eventually consistent, so what
 * it cannot know yet counts as running: an execution that has just begun, or that was redriven since.
 * Source: Step Functions DescribeExecution.
 */
export function livenessAt(sfn: SFNClient, now: string): (lock: Lock) => Promise<boolean> {
  const asked = new Map<string, Promise<DescribeExecutionCommandOutput | undefined>>();
  return async ({ executionArn, redriveCount, acquiredAt }) => {
    const asking = asked.get(executionArn) ?? describe(sfn, executionArn);
    asked.set(executionArn, asking);
    const execution = await asking;
    if (execution === undefined) return secondsBetween(acquiredAt, now) < PROPAGATION_SECONDS;
    const { status, redriveCount: known = 0 } = execution;
    return status === 'RUNNING' || status === 'PENDING_REDRIVE' || known < redriveCount;
  };
}

/** `undefined` where there is no such execution: it has been forgotten 90 days after its end. */
async function describe(sfn: SFNClient, executionArn: string): Promise<DescribeExecutionCommandOutput | undefined> {
  return sfn.send(new DescribeExecutionCommand({ executionArn })).catch((error: unknown) => {
    if (error instanceof Error && error.name === 'ExecutionDoesNotExist') return undefined;
    throw error;
  });
}

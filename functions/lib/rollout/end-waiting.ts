import { SendTaskFailureCommand, type SFNClient } from '@aws-sdk/client-sfn';
import type { RolloutTable } from './rollout-table.ts';

interface Clients {
  readonly table: RolloutTable;
  readonly sfn: SFNClient;
}

/** What a task token answers with where its task has ended, or the whole execution. */
const OVER: readonly string[] = ['TaskTimedOut', 'TaskDoesNotExist', 'InvalidToken'];

/** Whether an error says that nobody waits for the token any more. */
export const isOver = (error: unknown): boolean => error instanceof Error && OVER.includes(error.name);

/**
 * Ends the wait of a rollout that waits for an approval or for its window; one that does not wait, or no longer, goes on.
 * Source: Step Functions SendTaskFailure.
 */
export async function endWaiting(
  { table, sfn }: Clients,
  executionArn: string,
  why: { readonly error: 'Superseded' | 'StopRequested'; readonly cause: string },
): Promise<void> {
  const waiting = await table.waitingOf(executionArn);
  if (waiting === undefined) return;
  await sfn.send(new SendTaskFailureCommand({ taskToken: waiting.token, ...why })).catch((error: unknown) => {
    if (!isOver(error)) throw error;
  });
}

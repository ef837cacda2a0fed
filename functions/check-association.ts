import type { AssociationExecution } from '@aws-sdk/client-ssm';
import * as z from './lib/zod.ts';
import { countsIn, executionsSince, targetsOf } from './lib/associations/executions.ts';
import { ssmClient } from './lib/clients.ts';
import { AssociationStateUnknown, AssociationTimedOut } from './lib/errors.ts';
import { PROPAGATION_SECONDS, secondsBetween, waitSeconds } from './lib/polling.ts';
import { Execution, Timestamp } from './lib/schemas/common.ts';
import { AssociationId, AssociationOutcome } from './lib/schemas/start-association.ts';
import { task } from './lib/task.ts';

const RUNNING = new Set(['Pending', 'InProgress']);
/** How many targets the result holds. */
const MOST_TARGETS = 100;

const ssm = ssmClient();

export const Input = z.strictObject({
  execution: Execution,
  associationId: AssociationId,
  timeoutSeconds: z.int(),
  startedAt: Timestamp,
  now: Timestamp,
});
type Input = z.infer<typeof Input>;

/** `progress` is the counts as text, empty until there are any. */
const Pending = z.strictObject({ status: z.literal('Pending'), waitSeconds: z.int(), progress: z.string() });
const Finished = z.strictObject({ status: z.literal('Finished'), outcome: AssociationOutcome });
export const Output = z.discriminatedUnion('status', [Pending, Finished]);

/**
 * Says how far the execution of an association has got: of those created since the start, the earliest. One that has ended
 * is finished, whatever it came to. Throws AssociationTimedOut at the deadline, and AssociationStateUnknown where none is to be
 * seen a minute after the start. Source: SSM DescribeAssociationExecutions, DescribeAssociationExecutionTargets.
 */
export const handler = task(
  { input: Input, output: Output, target: ({ associationId }) => associationId },
  async (input) => {
    const [execution, ...others] = await executionsSince(ssm, input);
    if (execution === undefined || RUNNING.has(execution.Status ?? '')) return pending(input, execution);
    return { status: 'Finished' as const, outcome: await outcomeOf(input, execution, others) };
  },
);

function pending(input: Input, execution: AssociationExecution | undefined): z.infer<typeof Pending> {
  const { associationId, timeoutSeconds, startedAt, now } = input;
  const elapsedSeconds = secondsBetween(startedAt, now);
  if (execution === undefined && elapsedSeconds >= PROPAGATION_SECONDS)
    throw new AssociationStateUnknown(
      `No execution of association ${associationId} created after ${startedAt} is to be seen, so whether it was started is not known. ` +
        `To look: aws ssm describe-association-executions --association-id ${associationId}`,
    );
  const wait = waitSeconds({ elapsedSeconds, deadlineSeconds: timeoutSeconds });
  if (wait === undefined)
    throw new AssociationTimedOut(
      `Association ${associationId} was not done within ${timeoutSeconds} s and goes on: nothing cancels it. To follow it: ` +
        `aws ssm describe-association-execution-targets --association-id ${associationId} --execution-id ${execution?.ExecutionId ?? 'ID'}`,
    );
  const counts = Object.entries(countsIn(execution?.ResourceCountByStatus));
  return {
    status: 'Pending',
    waitSeconds: wait,
    progress: counts.map(([status, count]) => `${status} ${count}`).join(', '),
  };
}

async function outcomeOf(
  { associationId }: Input,
  { ExecutionId: executionId = '', Status: status = '', ResourceCountByStatus: counts }: AssociationExecution,
  others: readonly AssociationExecution[],
): Promise<AssociationOutcome> {
  const targets = await targetsOf(ssm, associationId, executionId);
  const ids = others.map(({ ExecutionId }) => ExecutionId).join(', ');
  return {
    executionId,
    status,
    resourceCountByStatus: countsIn(counts),
    targetCount: targets.length,
    targets: targets.slice(0, MOST_TARGETS),
    warnings:
      others.length === 0
        ? []
        : [`ExecutionAmbiguous: somebody else started the association too (${ids}); this is the earliest execution`],
  };
}

import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { GetCommandInvocationCommand, type GetCommandInvocationCommandOutput } from '@aws-sdk/client-ssm';
import * as z from './lib/zod.ts';
import { ssmClient } from './lib/clients.ts';
import { CommandStateUnknown, CommandTimedOut } from './lib/errors.ts';
import { outcomeOf } from './lib/outcome.ts';
import { PROPAGATION_SECONDS, secondsBetween, waitSeconds } from './lib/polling.ts';
import { Execution, InstanceId, Timestamp } from './lib/schemas/common.ts';
import { CommandOutcome } from './lib/schemas/command-outcome.ts';
import { task } from './lib/task.ts';

const RUNNING = new Set(['Pending', 'InProgress', 'Delayed', 'Cancelling']);

const ssm = ssmClient();

export const Input = z.strictObject({
  execution: Execution,
  commandId: z.uuid(),
  instanceId: InstanceId,
  timeoutSeconds: z.int(),
  sentAt: Timestamp,
  now: Timestamp,
});
type Input = z.infer<typeof Input>;

const Pending = z.strictObject({ status: z.literal('Pending'), waitSeconds: z.int() });
const Finished = z.strictObject({ status: z.literal('Finished'), outcome: CommandOutcome });
export const Output = z.discriminatedUnion('status', [Pending, Finished]);

/**
 * Says how far a command has got on its instance. A command that ran has finished, whatever it came to; one that never ran
 * throws why (Undeliverable, DeliveryTimedOut, AccessDenied, InvalidPlatform, Terminated), one past its deadline throws
 * CommandTimedOut, and one that SSM does not show in time CommandStateUnknown. Source: SSM GetCommandInvocation.
 */
export const handler = task({ input: Input, output: Output, target: ({ instanceId }) => instanceId }, async (input) => {
  const invocation = await getInvocation(input);
  if (invocation === undefined || RUNNING.has(invocation.Status ?? '')) return pending(input, invocation !== undefined);
  const outcome = outcomeOf(invocation, input);
  new Metrics()
    .singleMetric()
    .addDimension('status', outcome.status)
    .addMetric('CommandsFinished', MetricUnit.Count, 1);
  return { status: 'Finished' as const, outcome };
});

/** `undefined` while SSM does not show it yet. */
async function getInvocation({ commandId, instanceId }: Input): Promise<GetCommandInvocationCommandOutput | undefined> {
  return ssm
    .send(new GetCommandInvocationCommand({ CommandId: commandId, InstanceId: instanceId }))
    .catch((error: unknown) => {
      if (error instanceof Error && error.name === 'InvocationDoesNotExist') return undefined;
      throw error;
    });
}

function pending(
  { commandId, instanceId, timeoutSeconds, sentAt, now }: Input,
  shown: boolean,
): z.infer<typeof Pending> {
  const elapsedSeconds = secondsBetween(sentAt, now);
  const wait = waitSeconds({ elapsedSeconds, deadlineSeconds: timeoutSeconds });
  if (wait === undefined)
    throw new CommandTimedOut(`Command ${commandId} on ${instanceId} was not done within ${timeoutSeconds} s`);
  if (!shown && elapsedSeconds >= PROPAGATION_SECONDS)
    throw new CommandStateUnknown(`SSM accepted command ${commandId} but shows no invocation of it on ${instanceId}`);
  return { status: 'Pending', waitSeconds: wait };
}

import { CancelCommandCommand, ListCommandsCommand, type Command } from '@aws-sdk/client-ssm';
import * as z from './lib/zod.ts';
import { ssmClient } from './lib/clients.ts';
import { findCommands } from './lib/commands.ts';
import { lookAgainSeconds, secondsBetween } from './lib/polling.ts';
import { Execution, InstanceId, Timestamp } from './lib/schemas/common.ts';
import { task } from './lib/task.ts';

const FINISHED = new Set(['Success', 'Failed', 'TimedOut']);

const ssm = ssmClient();

/**
 * Without `commandId`, the command is found by the execution that sent it. `instanceId` is as the request wrote it, which
 * may be anything; `startedAt` is a time before the command was sent, `since` the time of the first attempt to cancel.
 */
export const Input = z.strictObject({
  execution: Execution,
  commandId: z.nullable(z.uuid()),
  instanceId: z.nullable(z.string()),
  startedAt: Timestamp,
  since: Timestamp,
  now: Timestamp,
});
type Input = z.infer<typeof Input>;

const Pending = z.strictObject({ status: z.literal('Pending'), waitSeconds: z.int() });
const Cancelled = z.strictObject({ status: z.literal('Cancelled'), commandId: z.uuid() });
const AlreadyFinished = z.strictObject({
  status: z.literal('AlreadyFinished'),
  commandId: z.uuid(),
  statusDetails: z.string(),
});
const MayBeRunning = z.strictObject({ status: z.literal('MayBeRunning'), commandId: z.uuid() });
const NotFound = z.strictObject({ status: z.literal('NotFound') });
export const Output = z.discriminatedUnion('status', [Pending, Cancelled, AlreadyFinished, MayBeRunning, NotFound]);
type Output = z.infer<typeof Output>;

/**
 * Cancels the command of an execution and says what became of it; asked again it does no harm. `Pending` until the list
 * shows the command, or shows it ended; after a minute of that, `NotFound` or `MayBeRunning`: CancelCommand is no promise.
 * Source: SSM CancelCommand, ListCommands.
 */
export const handler = task(
  { input: Input, output: Output, target: ({ instanceId }) => instanceId ?? 'unknown' },
  async (input) => {
    if (neverSent(input)) return { status: 'NotFound' as const };
    const command = input.commandId === null ? await search(input) : await lookUp(input.commandId);
    if (command === undefined) return pending(input) ?? { status: 'NotFound' as const };
    const { CommandId: commandId = '', Status: status = '', StatusDetails: statusDetails = status } = command;
    if (status === 'Cancelled') return { status: 'Cancelled' as const, commandId };
    if (FINISHED.has(status)) return { status: 'AlreadyFinished' as const, commandId, statusDetails };
    if (status !== 'Cancelling') await ssm.send(new CancelCommandCommand({ CommandId: commandId }));
    return pending(input) ?? { status: 'MayBeRunning' as const, commandId };
  },
);

/** An execution whose instance id is none never got past its validation. */
function neverSent({ instanceId }: Input): boolean {
  return instanceId !== null && !InstanceId.safeParse(instanceId).success;
}

async function search({ execution, instanceId, startedAt }: Input): Promise<Command | undefined> {
  const sentBy = { executionArn: execution.arn, instanceId: instanceId ?? undefined, invokedAfter: startedAt };
  const [found] = await findCommands(ssm, sentBy);
  return found;
}

/** A command that SSM has just accepted may not be listed yet, and is cancelled all the same. */
async function lookUp(commandId: string): Promise<Command> {
  const { Commands: [command] = [] } = await ssm.send(new ListCommandsCommand({ CommandId: commandId }));
  return command ?? { CommandId: commandId };
}

function pending({ since, now }: Input): Output | undefined {
  const waitSeconds = lookAgainSeconds(secondsBetween(since, now));
  return waitSeconds === undefined ? undefined : { status: 'Pending', waitSeconds };
}

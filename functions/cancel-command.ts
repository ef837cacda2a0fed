import { CancelCommandCommand, ListCommandsCommand, type Command } from '@aws-sdk/client-ssm';
import * as z from './lib/zod.ts';
import { ssmClient } from './lib/clients.ts';
import { findCommands } from './lib/commands.ts';
import { each } from './lib/each.ts';
import { lookAgainSeconds, secondsBetween } from './lib/polling.ts';
import { Execution, InstanceId, Timestamp } from './lib/schemas/common.ts';
import { task } from './lib/task.ts';

const ENDED = new Set(['Success', 'Failed', 'TimedOut', 'Cancelled']);

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
 * Cancels the commands of an execution and says what became of them; asked again it does no harm. `Pending` until the list
 * shows them, or shows them ended; after a minute of that, `NotFound` or `MayBeRunning`: CancelCommand is no promise. Of many
 * commands, the id is that of one with this status. Source: SSM CancelCommand, ListCommands.
 */
export const handler = task(
  { input: Input, output: Output, target: ({ instanceId }) => instanceId ?? 'unknown' },
  async (input): Promise<Output> => {
    if (neverSent(input)) return { status: 'NotFound' };
    const commands = input.commandId === null ? await search(input) : [await lookUp(input.commandId)];
    const unfinished = commands.filter(({ Status = '' }) => !ENDED.has(Status));
    await each(
      unfinished.filter(({ Status }) => Status !== 'Cancelling'),
      ({ CommandId }) => ssm.send(new CancelCommandCommand({ CommandId })),
    );
    const waiting = unfinished.length > 0 || commands.length === 0 || mayBeMore(input) ? pending(input) : undefined;
    return waiting ?? outcomeOf(unfinished, commands);
  },
);

function outcomeOf([running]: readonly Command[], commands: readonly Command[]): Output {
  const [first] = commands;
  const named = ({ CommandId: commandId = '' }: Command) => ({ commandId });
  if (first === undefined) return { status: 'NotFound' };
  if (running !== undefined) return { status: 'MayBeRunning', ...named(running) };
  const cancelled = commands.find(({ Status }) => Status === 'Cancelled');
  if (cancelled !== undefined) return { status: 'Cancelled', ...named(cancelled) };
  const { Status: status = '', StatusDetails: statusDetails = status } = first;
  return { status: 'AlreadyFinished', ...named(first), statusDetails };
}

/** Whoever works on many machines may have been sending another command, which the list does not show yet. */
const mayBeMore = ({ commandId, instanceId }: Input): boolean => commandId === null && instanceId === null;

/** An execution whose instance id is none never got past its validation. */
function neverSent({ instanceId }: Input): boolean {
  return instanceId !== null && !InstanceId.safeParse(instanceId).success;
}

function search({ execution, instanceId, startedAt }: Input): Promise<Command[]> {
  const sentBy = { executionArn: execution.arn, instanceId: instanceId ?? undefined, invokedAfter: startedAt };
  return findCommands(ssm, sentBy);
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

import { SendCommandCommand, type SendCommandCommandInput } from '@aws-sdk/client-ssm';
import * as z from './lib/zod.ts';
import { ssmClient, ssmClientWithoutRetry } from './lib/clients.ts';
import { findCommands } from './lib/commands.ts';
import { optionalText, readEnv } from './lib/env.ts';
import { CommandStateUnknown } from './lib/errors.ts';
import { marker, markedComment } from './lib/marker.ts';
import { lookAgainSeconds, PROPAGATION_SECONDS, secondsBetween, waitSeconds } from './lib/polling.ts';
import { isRefusal, refusal } from './lib/refusal.ts';
import { Execution, Timestamp } from './lib/schemas/common.ts';
import { ValidatedTarget } from './lib/schemas/target.ts';
import { task } from './lib/task.ts';

/** An agent that is online fetches a command within seconds; after this SSM gives up on it. */
const DELIVERY_SECONDS = 600;
/** The runbook cancels at the deadline; the agent ends by itself what nobody is left to cancel. SSM allows 48 h. */
const BACKSTOP_SECONDS = 60;
const LONGEST_SECONDS = 48 * 3600;

const { OUTPUT_BUCKET, OUTPUT_KEY_PREFIX } = readEnv({ OUTPUT_BUCKET: optionalText, OUTPUT_KEY_PREFIX: optionalText });
const sender = ssmClientWithoutRetry();

/** `find` looks for the command that an earlier attempt may have sent, and never sends. */
export const Input = z.strictObject({
  execution: Execution,
  action: z.enum(['send', 'find']),
  target: ValidatedTarget,
  sentAt: Timestamp,
  now: Timestamp,
});
type Input = z.infer<typeof Input>;

/** `Unknown`: it may have been sent, and the list does not show it yet. `keyPrefix` is empty without an output bucket. */
const Sent = z.strictObject({
  status: z.literal('Sent'),
  commandId: z.uuid(),
  keyPrefix: z.string(),
  waitSeconds: z.int(),
});
const Unknown = z.strictObject({ status: z.literal('Unknown'), waitSeconds: z.int() });
export const Output = z.discriminatedUnion('status', [Sent, Unknown]);
type Output = z.infer<typeof Output>;

/**
 * Sends a command once. SendCommand takes no token, so it is attempted once and marked in its Comment; when the answer is
 * lost the command is looked for, never sent again. Throws CommandThrottled, CommandRefused, AccessDenied, TargetOffline
 * (nothing was sent) and CommandStateUnknown. Source: SSM SendCommand, ListCommands.
 */
export const handler = task({ input: Input, output: Output, target: ({ target }) => target.instanceId }, (input) =>
  input.action === 'send' ? send(input) : find(input),
);

async function send({ execution, target }: Input): Promise<Output> {
  try {
    const { Command } = await sender.send(new SendCommandCommand(request(execution, target)));
    return Command?.CommandId === undefined ? unknown(0) : sent(Command.CommandId, target, 0);
  } catch (error) {
    if (isRefusal(error)) throw refusal(error, target);
    return unknown(0);
  }
}

async function find({ execution, target, sentAt, now }: Input): Promise<Output> {
  const { instanceId } = target;
  const elapsed = secondsBetween(sentAt, now);
  const [command] = await findCommands(ssmClient(), { executionArn: execution.arn, instanceId, invokedAfter: sentAt });
  if (command?.CommandId !== undefined) return sent(command.CommandId, target, elapsed);
  if (elapsed < PROPAGATION_SECONDS) return unknown(elapsed);
  throw new CommandStateUnknown(
    `The answer to SendCommand was lost and no command shows up. Before running it again: aws ssm list-commands ` +
      `--instance-id ${instanceId} --query "Commands[?starts_with(Comment, '${marker(execution.arn)}')]"`,
  );
}

function request(execution: Execution, target: ValidatedTarget): SendCommandCommandInput {
  const { instanceId, ssmDocument, commands, workingDirectory, timeoutSeconds, comment } = target;
  return {
    DocumentName: ssmDocument,
    InstanceIds: [instanceId],
    Comment: markedComment(execution.arn, comment),
    TimeoutSeconds: Math.min(timeoutSeconds, DELIVERY_SECONDS),
    Parameters: {
      commands,
      executionTimeout: [String(Math.min(timeoutSeconds + BACKSTOP_SECONDS, LONGEST_SECONDS))],
      ...(workingDirectory !== '' && { workingDirectory: [workingDirectory] }),
    },
    ...(OUTPUT_BUCKET !== undefined && { OutputS3BucketName: OUTPUT_BUCKET, OutputS3KeyPrefix: OUTPUT_KEY_PREFIX }),
  };
}

function sent(commandId: string, { instanceId, timeoutSeconds }: ValidatedTarget, elapsedSeconds: number): Output {
  const path = OUTPUT_BUCKET === undefined ? [] : [OUTPUT_KEY_PREFIX, commandId, instanceId];
  const keyPrefix = path.filter((part) => part !== undefined).join('/');
  return {
    status: 'Sent',
    commandId,
    keyPrefix,
    waitSeconds: waitSeconds({ elapsedSeconds, deadlineSeconds: timeoutSeconds }) ?? 0,
  };
}

function unknown(elapsedSeconds: number): Output {
  return { status: 'Unknown', waitSeconds: lookAgainSeconds(elapsedSeconds) ?? 0 };
}

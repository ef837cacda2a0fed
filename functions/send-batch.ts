import { SendCommandCommand, type SendCommandCommandInput, type SSMServiceException } from '@aws-sdk/client-ssm';
import * as z from './lib/zod.ts';
import { dynamoDbClient, s3Client, ssmClientWithoutRetry } from './lib/clients.ts';
import { each } from './lib/each.ts';
import { optionalText, readEnv } from './lib/env.ts';
import { AccessDenied } from './lib/errors.ts';
import { batchComment } from './lib/fleet/batch-comment.ts';
import { RunStore, type Script } from './lib/fleet/run-store.ts';
import { deliverySeconds, gatedAgain, isFirst, refusedAll, refusedOne, sent, throttled } from './lib/fleet/sent.ts';
import { LockTable } from './lib/locks/lock-table.ts';
import { isRefusal, isThrottle } from './lib/refusal.ts';
import { Execution, Timestamp } from './lib/schemas/common.ts';
import { Batch, FleetPlan, Progress } from './lib/schemas/fleet-command-run.ts';
import { RedriveCount } from './lib/schemas/lock.ts';
import { task } from './lib/task.ts';

const { LOCK_INDEX, LOCK_TABLE, OUTPUT_KEY_PREFIX } = readEnv({
  LOCK_INDEX: z.string(),
  LOCK_TABLE: z.string(),
  OUTPUT_KEY_PREFIX: optionalText,
});
const [dynamoDb, s3] = [dynamoDbClient(), s3Client()];
const sender = ssmClientWithoutRetry();
const locks = new LockTable(dynamoDb, { name: LOCK_TABLE, index: LOCK_INDEX });

/** `maySend` is false where an earlier attempt may have sent the batch: then it is left to be looked for. */
export const Input = z.strictObject({
  execution: Execution,
  redriveCount: RedriveCount,
  plan: FleetPlan,
  progress: Progress,
  batch: Batch,
  maySend: z.boolean(),
  now: Timestamp,
});
type Input = z.infer<typeof Input>;

/** `Sent`: under an id that is known. `Refused`: surely not. `Unknown`: the batch stays on the books, to be looked for. */
export const Output = z.strictObject({ status: z.enum(['Sent', 'Refused', 'Unknown']), progress: Progress });
type Output = z.infer<typeof Output>;

/**
 * Sends a batch, once: SendCommand takes no token, so it is attempted once and marked in its Comment, and whatever is not
 * clear is left for check-commands to find. Throws AccessDenied where nothing can be sent to any machine.
 * Source: SSM SendCommand.
 */
export const handler = task(
  { input: Input, output: Output, target: ({ batch }) => batch.ids.join() },
  async (input): Promise<Output> => {
    const { progress, batch, maySend, plan } = input;
    const unknown = { status: 'Unknown' as const, progress };
    if (!maySend) return unknown;
    const script = await new RunStore(s3, plan).readScript();
    try {
      const { Command } = await sender.send(new SendCommandCommand(request(input, script)));
      if (Command?.CommandId === undefined) return unknown;
      return { status: 'Sent' as const, progress: sent(progress, batch, Command.CommandId) };
    } catch (error) {
      if (!isRefusal(error)) return unknown;
      const refused = await afterRefusal(input, error);
      await giveBack(input);
      return { status: 'Refused' as const, progress: refused };
    }
  },
);

function request({ execution, batch, plan }: Input, script: Script): SendCommandCommandInput {
  const { document, ids, share, maxErrors, number } = batch;
  const { lines, workingDirectory, comment } = script;
  return {
    DocumentName: document,
    InstanceIds: ids,
    Comment: batchComment(execution.arn, number, comment),
    MaxConcurrency: String(share),
    MaxErrors: String(maxErrors),
    TimeoutSeconds: deliverySeconds(batch, plan),
    Parameters: {
      commands: lines[document] ?? [],
      executionTimeout: [String(plan.timeoutSeconds)],
      ...(workingDirectory !== '' && { workingDirectory: [workingDirectory] }),
    },
    OutputS3BucketName: plan.bucket,
    OutputS3KeyPrefix: OUTPUT_KEY_PREFIX,
  };
}

/** One machine that lost its tag, or its agent, may be what a whole batch is refused for. */
async function afterRefusal({ plan, progress, batch, now }: Input, error: SSMServiceException): Promise<Progress> {
  if (isThrottle(error)) return throttled(progress, batch, now);
  const isDenied = error.name === 'AccessDeniedException';
  // What is thrown is logged and what is recorded is read, and SSM's own words may quote the script.
  const { requestId = 'unknown' } = error.$metadata;
  if (!isDenied && error.name !== 'InvalidInstanceId')
    return refusedAll(progress, batch, `SSM refused SendCommand with ${error.name} (request ${requestId}).`);
  const again = gatedAgain(progress, batch);
  if (again !== undefined) return again;
  if (isDenied && isFirst(progress, batch)) throw new AccessDenied(error.message, { cause: error });
  const reason = isDenied ? 'TargetNotAllowed' : 'TargetOffline';
  const message = isDenied
    ? 'IAM refused SendCommand to it: it may have lost its tag'
    : 'It stopped being reachable by SSM before the command was sent';
  const refusals = batch.ids.map((instanceId) => ({ instanceId, reason, message }) as const);
  await new RunStore(s3, plan).writeRefusals(batch.number, refusals);
  return refusedOne(progress, batch);
}

/** The locks of machines that nothing was sent to; the gate takes those again that it lets through again. */
async function giveBack({ execution, redriveCount, batch }: Input): Promise<void> {
  await each(batch.ids, (id) => locks.give(`instance/${id}`, { executionArn: execution.arn, redriveCount }));
}

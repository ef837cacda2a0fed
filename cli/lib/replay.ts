import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  type Message,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import * as z from 'zod';

/** A batch is invoked one after the other, and each may take as long as its function's time-out. */
const HIDDEN_SECONDS = 600;
const BATCH = 10;

export interface Clients {
  readonly sqs: SQSClient;
  readonly lambda: LambdaClient;
}

export interface ReplayOptions {
  readonly queueUrls: readonly string[];
  readonly functionName: string;
  /** Shows what there is, and hands nothing on. */
  readonly dryRun: boolean;
  readonly print: (line: string) => void;
}

export interface Replayed {
  readonly replayed: number;
  readonly failed: number;
}

/** Lambda wraps the event of an invocation that failed; EventBridge sends it as it is. */
const Failed = z.looseObject({
  requestPayload: z.record(z.string(), z.unknown()),
  requestContext: z.looseObject({ condition: z.string() }),
});
const Event = z.record(z.string(), z.unknown());

/** The event that a message holds. @throws Error where it holds none */
export function eventOf({ Body: body = '' }: Pick<Message, 'Body'>): object {
  let document: unknown;
  try {
    document = JSON.parse(body);
  } catch {
    throw new Error('it is no JSON');
  }
  const failed = Failed.safeParse(document);
  if (failed.success) return failed.data.requestPayload;
  const event = Event.safeParse(document);
  if (event.success) return event.data;
  throw new Error('it is no JSON object');
}

/**
 * Hands every event of the queues to the function again, and deletes the message of each that the function took. What fails
 * stays in its queue. Source: Lambda Developer Guide, "Invocation record"; EventBridge User Guide, "Using dead-letter queues".
 */
export async function replay(clients: Clients, options: ReplayOptions): Promise<Replayed> {
  const counts = { replayed: 0, failed: 0 };
  for (const queueUrl of options.queueUrls) {
    options.print(`queue ${queueUrl}`);
    const seen = new Set<string>();
    const kept: Message[] = [];
    for (;;) {
      const messages = await receive(clients, queueUrl);
      // A message comes back when it has been hidden for long enough: once is enough for each.
      const fresh = messages.filter(({ MessageId = '' }) => !seen.has(MessageId));
      kept.push(...messages.filter((message) => !fresh.includes(message)));
      if (fresh.length === 0) break;
      for (const message of fresh) {
        seen.add(message.MessageId ?? '');
        const outcome = await handOn(clients, options, queueUrl, message);
        counts[outcome]++;
        if (outcome === 'failed' || options.dryRun) kept.push(message);
      }
    }
    await showAgain(clients, queueUrl, kept);
  }
  return counts;
}

async function receive({ sqs }: Clients, QueueUrl: string): Promise<Message[]> {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: BATCH, VisibilityTimeout: HIDDEN_SECONDS }),
  );
  return Messages;
}

async function handOn(
  clients: Clients,
  { functionName, dryRun, print }: ReplayOptions,
  QueueUrl: string,
  message: Message,
): Promise<keyof Replayed> {
  const { MessageId: id = '', ReceiptHandle } = message;
  try {
    const event = eventOf(message);
    if (dryRun) {
      print(`  ${id}  ${JSON.stringify(event)}`);
      return 'replayed';
    }
    print(`  ${id}  ${await invoke(clients, functionName, event)}`);
    await clients.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    return 'replayed';
  } catch (error) {
    print(`  ${id}  stays: ${error instanceof Error ? error.message : String(error)}`);
    return 'failed';
  }
}

/** What the function answered. @throws Error with what it failed with */
async function invoke({ lambda }: Clients, FunctionName: string, event: object): Promise<string> {
  const { FunctionError, Payload } = await lambda.send(
    new InvokeCommand({ FunctionName, Payload: Buffer.from(JSON.stringify(event)) }),
  );
  const answer = Buffer.from(Payload ?? []).toString();
  if (FunctionError !== undefined) throw new Error(`${FunctionName} failed: ${answer}`);
  return answer;
}

async function showAgain({ sqs }: Clients, QueueUrl: string, messages: readonly Message[]): Promise<void> {
  for (const { ReceiptHandle } of messages)
    await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
}

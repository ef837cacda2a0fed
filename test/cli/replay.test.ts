import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SQSClient } from '@aws-sdk/client-sqs';
import { eventOf, replay } from '../../cli/lib/replay.ts';

const EVENT = { source: 'aws.ssm', 'detail-type': 'Parameter Store Change', detail: { name: '/ami/test' } };
const RECORD = {
  version: '1.0',
  requestContext: { condition: 'RetriesExhausted', functionArn: 'arn' },
  requestPayload: { ...EVENT, id: 'wrapped' },
  responsePayload: { errorMessage: 'x' },
};

interface Sent {
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** A queue that is empty at the second receive, and a function that fails with the events of `failing`. */
function fake(bodies: readonly string[], failing: (event: string) => boolean = () => false) {
  const sent: Sent[] = [];
  const left = bodies.map((Body, index) => ({ MessageId: `m${index}`, ReceiptHandle: `r${index}`, Body }));
  let received = 0;
  const send = async (command: object): Promise<unknown> => {
    const { input } = command as { input: Record<string, unknown> };
    const operation = command.constructor.name.replace(/Command$/, '');
    sent.push({ operation, input });
    if (operation === 'ReceiveMessage') return { Messages: received++ === 0 ? left : [] };
    if (operation !== 'Invoke') return {};
    const event = Buffer.from(input['Payload'] as Uint8Array).toString();
    return failing(event)
      ? { FunctionError: 'Unhandled', Payload: Buffer.from('{"errorType":"AccessDenied"}') }
      : { Payload: Buffer.from('{"status":"Started"}') };
  };
  for (const client of [LambdaClient, SQSClient])
    jest.spyOn(client.prototype, 'send').mockImplementation(send as never);
  return sent;
}

afterEach(() => {
  jest.restoreAllMocks();
});

async function replayed(dryRun = false) {
  const lines: string[] = [];
  const clients = {
    sqs: new SQSClient({ region: 'eu-central-1' }),
    lambda: new LambdaClient({ region: 'eu-central-1' }),
  };
  const print = (line: string) => void lines.push(line);
  const counts = await replay(clients, { queueUrls: ['https://queue'], functionName: 'start', dryRun, print });
  return { counts, lines };
}
const operations = (sent: readonly Sent[]) => sent.map(({ operation }) => operation);

describe('the event of a message', () => {
  it('is its body, or what Lambda wrapped', () => {
    expect(eventOf({ Body: JSON.stringify(EVENT) })).toEqual(EVENT);
    expect(eventOf({ Body: JSON.stringify(RECORD) })).toEqual(RECORD.requestPayload);
  });

  it.each([
    ['{', 'no JSON'],
    ['[]', 'no JSON object'],
    [undefined, 'no JSON'],
  ])('is not in %j', (Body, reason) => {
    expect(() => eventOf(Body === undefined ? {} : { Body })).toThrow(reason);
  });
});

describe('a replay', () => {
  it('hands each event on once, and deletes it when the function has taken it', async () => {
    const sent = fake([JSON.stringify(EVENT), JSON.stringify(RECORD)]);
    const { counts, lines } = await replayed();
    expect(counts).toEqual({ replayed: 2, failed: 0 });
    expect(operations(sent)).toEqual([
      ...['ReceiveMessage', 'Invoke', 'DeleteMessage', 'Invoke', 'DeleteMessage', 'ReceiveMessage'],
    ]);
    expect(sent[1]?.input).toMatchObject({ FunctionName: 'start' });
    expect(lines).toEqual(['queue https://queue', '  m0  {"status":"Started"}', '  m1  {"status":"Started"}']);
  });

  it('leaves what fails in its queue, visible at once, and goes on', async () => {
    const sent = fake(['{', JSON.stringify(EVENT), JSON.stringify(RECORD)], (event) => !event.includes('wrapped'));
    const { counts, lines } = await replayed();
    expect(counts).toEqual({ replayed: 1, failed: 2 });
    expect(sent.filter(({ operation }) => operation === 'DeleteMessage').map(({ input }) => input)).toEqual([
      { QueueUrl: 'https://queue', ReceiptHandle: 'r2' },
    ]);
    expect(sent.filter(({ operation }) => operation === 'ChangeMessageVisibility')).toHaveLength(2);
    expect(lines[1]).toBe('  m0  stays: it is no JSON');
    expect(lines[2]).toBe('  m1  stays: start failed: {"errorType":"AccessDenied"}');
  });

  it('only shows what it would do, when it is asked for that', async () => {
    const sent = fake([JSON.stringify(EVENT)]);
    const { counts, lines } = await replayed(true);
    expect(counts).toEqual({ replayed: 1, failed: 0 });
    expect(operations(sent)).toEqual(['ReceiveMessage', 'ReceiveMessage', 'ChangeMessageVisibility']);
    expect(lines[1]).toContain('Parameter Store Change');
  });
});

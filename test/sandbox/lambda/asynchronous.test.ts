import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { bench, serviceOf, type Bench } from './support.ts';
import type { TestWorld } from '../support/world.ts';

const FAILING = `let count = 0; export const handler = async (event) => { console.log('attempt', ++count, new Date().toISOString()); if (count <= event.failures) throw new Error('no'); return 'fine'; };`;
const QUEUE = 'arn:aws:sqs:eu-central-1:123456789012:letters';

let b: Bench<TestWorld>;
let sent: Record<string, unknown>[];
beforeEach(() => {
  b = bench();
  sent = [];
  b.world.dispatcher.register(
    serviceOf('sqs', 'SendMessage', (input: Record<string, unknown>) => ({ MessageId: String(sent.push(input)) })),
  );
});
afterEach(() => b.close());

/** Invokes and lets everything happen that will; gives the seconds at which the function ran. */
async function attempts(name: string, failures: number): Promise<number[]> {
  const from = b.world.clock.now();
  const { output } = await b.invoke(name, { failures }, { InvocationType: 'Event' });
  expect(output.StatusCode).toBe(202);
  await b.world.clock.runUntil(() => false);
  const lines = b.world.lines.filter(({ line }) => line.includes('attempt '));
  return lines.map(({ line }) => Math.round((Date.parse(line.slice(0, 24)) - from) / 1000));
}

const configure = (config: Record<string, unknown>) =>
  b.create('AWS::Lambda::EventInvokeConfig', { FunctionName: 'f', Qualifier: '$LATEST', ...config });

describe('asynchronous invocation', () => {
  it('retries function errors after one minute and after two', async () => {
    await b.define('f', FAILING);
    expect(await attempts('f', 9)).toEqual([0, 60, 180]);
    expect(b.world.lines.at(-1)).toMatchObject({
      group: '/aws/lambda/f',
      line: expect.stringContaining('event dropped after 3 attempts (RetriesExhausted)'),
    });
  });

  it('stops retrying at the first success', async () => {
    await b.define('f', FAILING);
    expect(await attempts('f', 1)).toEqual([0, 60]);
  });

  it('keeps to the configured attempts and age', async () => {
    await b.define('f', FAILING);
    await configure({ MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: 100 });
    expect(await attempts('f', 9)).toEqual([0, 60]);
  });

  it('tells the destination of failures, as the function', async () => {
    await b.define('f', FAILING);
    await configure({ MaximumRetryAttempts: 0, DestinationConfig: { OnFailure: { Destination: QUEUE } } });
    await attempts('f', 1);
    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatchObject({ QueueUrl: 'https://sqs.eu-central-1.amazonaws.com/123456789012/letters' });
    expect(JSON.parse(String(sent[0]?.['MessageBody']))).toMatchObject({
      version: '1.0',
      requestContext: {
        condition: 'RetriesExhausted',
        approximateInvokeCount: 1,
        functionArn: 'arn:aws:lambda:eu-central-1:123456789012:function:f:$LATEST',
      },
      requestPayload: { failures: 1 },
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      responsePayload: { errorMessage: 'no' },
    });
    expect(b.world.dispatcher.journal.at(-1)).toMatchObject({
      operation: 'SendMessage',
      caller: { roleName: 'worker' },
    });
  });

  it('sends the event to the dead-letter queue', async () => {
    await b.define('f', FAILING, { DeadLetterConfig: { TargetArn: QUEUE } });
    await attempts('f', 9);
    expect(sent).toEqual([
      expect.objectContaining({
        MessageBody: '{"failures":9}',
        MessageAttributes: expect.objectContaining({ ErrorMessage: { DataType: 'String', StringValue: 'no' } }),
      }),
    ]);
  });

  it('tells of a delivery that failed', async () => {
    await b.define('f', FAILING, { DeadLetterConfig: { TargetArn: 'arn:aws:sns:eu-central-1:123456789012:none' } });
    await attempts('f', 9);
    expect(b.world.lines.at(-1)?.line).toContain('destination delivery failed: NotImplemented');
  });

  it('tries again while it is throttled, up to the age of the event', async () => {
    await b.define('f', FAILING, { ReservedConcurrentExecutions: 0 });
    await configure({ MaximumEventAgeInSeconds: 3600, DestinationConfig: { OnFailure: { Destination: QUEUE } } });
    expect(await attempts('f', 0)).toEqual([]);
    expect(JSON.parse(String(sent[0]?.['MessageBody']))).toMatchObject({
      requestContext: { condition: 'EventAgeExceeded', approximateInvokeCount: 0 },
    });
  });
});

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { jest } from '@jest/globals';
import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EC2Client } from '@aws-sdk/client-ec2';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { Context } from 'aws-lambda';

Object.assign(process.env, {
  AWS_REGION: 'eu-central-1',
  AWS_ACCESS_KEY_ID: 'AKIATEST',
  AWS_SECRET_ACCESS_KEY: 'test',
  POWERTOOLS_LOG_LEVEL: 'SILENT',
  POWERTOOLS_METRICS_DISABLED: 'true',
  POWERTOOLS_METRICS_NAMESPACE: 'test',
  POWERTOOLS_SERVICE_NAME: 'test',
});

export const INSTANCE = 'i-0123456789abcdef0';
export const COMMAND = '6f9619ff-8b86-4d01-b42d-00cf4fc964ff';
export const START = '2026-01-05T09:00:00.000Z';
export const EXECUTION = {
  arn: 'arn:aws:states:eu-central-1:123456789012:execution:run-command:one',
  name: 'one',
  runbook: 'run-command',
};
export const CONTEXT = { functionName: 'test', awsRequestId: 'request' } as Context;

/** The time so many seconds after START. */
export const after = (seconds: number): string => new Date(Date.parse(START) + seconds * 1000).toISOString();

/** An error as the SDK throws it for a service's error code. */
export function awsError(name: string, message = name): Error {
  return Object.assign(new Error(message), { name });
}

type Answers = Readonly<Record<string, (input: Record<string, unknown>) => unknown>>;
export interface Call {
  readonly operation: string;
  readonly input: Record<string, unknown>;
}

/** Answers in place of AWS, by operation; an operation without an answer fails the test. Returns the calls made. */
export function fakeAws(answers: Answers): Call[] {
  const calls: Call[] = [];
  const send = async (command: {
    readonly constructor: { readonly name: string };
    readonly input: Record<string, unknown>;
  }): Promise<unknown> => {
    const operation = command.constructor.name.replace(/Command$/, '');
    calls.push({ operation, input: command.input });
    const answer = answers[operation];
    if (answer === undefined) throw new Error(`the test has no answer to ${operation}`);
    return answer(command.input);
  };
  for (const client of [AutoScalingClient, DynamoDBClient, EC2Client, SFNClient, SSMClient])
    jest.spyOn(client.prototype, 'send').mockImplementation(send as never);
  return calls;
}

type Answer = { readonly status: number; readonly body: object } | 'hang-up';

export interface Wire {
  /** What the next requests are answered with. */
  answer: Answer;
  /** The bodies of the requests so far. */
  bodies: unknown[];
  close(): Promise<void>;
}

/** An SSM endpoint on 127.0.0.1 that answers every request alike, or hangs up on it; AWS_ENDPOINT_URL names it. */
export async function wire(): Promise<Wire> {
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      opened.bodies.push(JSON.parse(body));
      if (opened.answer === 'hang-up') return request.socket.destroy();
      response.writeHead(opened.answer.status, { 'content-type': 'application/x-amz-json-1.1' });
      return response.end(JSON.stringify(opened.answer.body));
    });
  });
  const opened: Wire = {
    answer: 'hang-up',
    bodies: [],
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  process.env['AWS_ENDPOINT_URL'] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return opened;
}

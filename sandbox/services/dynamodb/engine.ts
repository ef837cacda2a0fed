import type { AddressInfo } from 'node:net';
import { DynamoDBClient, DynamoDBServiceException } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { AwsError } from '../../core/aws-error.ts';

/** dynalite in this process, on a free port of 127.0.0.1. */
export interface Engine {
  /** Sends a command of the SDK's client; rejects with AwsError as DynamoDB would answer. */
  send(command: unknown): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

export async function startEngine(region: string): Promise<Engine> {
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  // Idle connections are kept, or a call could meet one that is just being closed.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', () => resolve());
  });
  const client = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region,
    credentials: { accessKeyId: 'dynalite', secretAccessKey: 'dynalite' },
    maxAttempts: 1,
  });
  const sendNow = async (command: unknown): Promise<Record<string, unknown>> => {
    try {
      const output: Record<string, unknown> = { ...(await client.send(command as Parameters<typeof client.send>[0])) };
      delete output['$metadata'];
      return output;
    } catch (error) {
      throw error instanceof DynamoDBServiceException ? asAwsError(error) : error;
    }
  };
  // One at a time: answers come in the order of the calls, so that a run is the same whatever the sockets do.
  let turn: Promise<unknown> = Promise.resolve();
  return {
    send(command) {
      const answer = turn.then(() => sendNow(command));
      turn = answer.catch(() => undefined);
      return answer;
    },
    close() {
      client.destroy();
      return new Promise((resolve, reject) => {
        server.close((error: unknown) => (error instanceof Error ? reject(error) : resolve()));
        server.closeAllConnections();
      });
    },
  };
}

const OF_THE_SDK = new Set(['name', 'message', 'stack', '$fault', '$metadata', '$response', '$retryable', '__type']);

function asAwsError(error: DynamoDBServiceException): AwsError {
  const members = Object.entries(error).filter(([name, value]) => !OF_THE_SDK.has(name) && value !== undefined);
  return new AwsError(error.name, error.message, error.$metadata.httpStatusCode, Object.fromEntries(members));
}

import { DynamoDBClient, DynamoDBServiceException, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { AwsError } from '../../core/aws-error.ts';
import { InProcessHandler } from './in-process.ts';

/** dynalite in this process. */
export interface Engine {
  /** Sends a command of the SDK's client; rejects with AwsError as DynamoDB would answer. */
  send(command: unknown): Promise<Record<string, unknown>>;
  close(): void;
}

/** Nobody else can reach it. */
const UNSIGNED: NonNullable<DynamoDBClientConfig['httpAuthSchemes']>[number] = {
  schemeId: 'smithy.api#noAuth',
  identityProvider: () => () => Promise.resolve({}),
  signer: { sign: (request) => Promise.resolve(request) },
};

export function startEngine(region: string): Engine {
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  const client = new DynamoDBClient({
    endpoint: 'http://dynalite.invalid',
    region,
    credentials: { accessKeyId: 'dynalite', secretAccessKey: 'dynalite' },
    requestHandler: new InProcessHandler(server),
    httpAuthSchemeProvider: () => [{ schemeId: UNSIGNED.schemeId }],
    httpAuthSchemes: [UNSIGNED],
    maxAttempts: 1,
  });
  // It goes through all of each input and output, for a logger that is not there.
  client.middlewareStack.remove('loggerMiddleware');
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
    close: () => client.destroy(),
  };
}

const OF_THE_SDK = new Set(['name', 'message', 'stack', '$fault', '$metadata', '$response', '$retryable', '__type']);

function asAwsError(error: DynamoDBServiceException): AwsError {
  const members = Object.entries(error).filter(([name, value]) => !OF_THE_SDK.has(name) && value !== undefined);
  return new AwsError(error.name, error.message, error.$metadata.httpStatusCode, Object.fromEntries(members));
}

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AnswerLost, AwsError } from '../core/aws-error.ts';
import type { Credentials } from '../core/credentials.ts';
import type { World } from '../core/world.ts';
import { readBody } from './body.ts';
import { answerFor, asAwsError, handle } from './handler.ts';
import type { WireRequest, WireResponse } from './http.ts';

interface Options {
  readonly world: World;
  readonly credentials: Credentials;
  /** 0, or left out: a free one. */
  readonly port?: number;
  /** Told of bugs of the sandbox that clients see as InternalFailure; standard error unless told. */
  readonly report?: (error: unknown) => void;
}

export interface Wire {
  /** To be set as AWS_ENDPOINT_URL. */
  readonly endpoint: string;
  readonly port: number;
  close(): Promise<void>;
}

const ADDRESS = '127.0.0.1';

/**
 * Serves the world as an AWS endpoint on 127.0.0.1, for the AWS CLI and the SDKs. Rejects where the port is in use.
 * Services are told apart by the scope of the signature, callers by their access key.
 */
export async function startWire({ world, credentials, port = 0, report = toStandardError }: Options): Promise<Wire> {
  const server = createServer((message, response) => {
    void serve(message, response, report, (request) => handle(request, { world, credentials, report })).catch(
      (error: unknown) => {
        report(error);
        response.destroy(); // half an answer has gone out: the client must not wait for the rest
      },
    );
  });
  // Idle connections are kept: a client that reuses one just as it is closed would see its request fail.
  server.keepAliveTimeout = 0;
  await listen(server, port);
  const { port: bound } = server.address() as AddressInfo;
  return { endpoint: `http://${ADDRESS}:${bound}`, port: bound, close: () => close(server) };
}

function toStandardError(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(error.code === 'EADDRINUSE' ? inUse(port) : error));
    server.listen(port, ADDRESS, () => resolve());
  });
}

const inUse = (port: number): Error =>
  new Error(
    `Port ${port} on ${ADDRESS} is in use. Stop what listens there, or choose another with --port (0 takes a free one).`,
  );

function close(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error === undefined ? resolve() : reject(error)));
    server.closeAllConnections();
  });
}

async function serve(
  message: IncomingMessage,
  response: ServerResponse,
  report: (error: unknown) => void,
  respond: (request: WireRequest) => Promise<WireResponse>,
): Promise<void> {
  const request = requestOf(message);
  try {
    send(response, await respond({ ...request, body: await readBody(message) }));
  } catch (error) {
    if (error instanceof AnswerLost) return void message.socket.destroy();
    if (!(error instanceof AwsError)) report(error);
    const { status, code, message: text } = asAwsError(error);
    send(response, answerFor(request, status, code, text));
  }
}

function requestOf({ method = 'GET', url = '/', headers }: IncomingMessage): WireRequest {
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  const query = new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1));
  return { method, path, query, headers, body: Buffer.alloc(0) };
}

/** No Date header: SDKs would correct their clocks by it, and virtual time is not theirs. */
function send(response: ServerResponse, { status, headers, body }: WireResponse): void {
  response.sendDate = false;
  response.writeHead(status, { 'content-length': String(Buffer.byteLength(body)), ...headers });
  response.end(body);
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import { AnswerLost, AwsError } from '../core/aws-error.ts';
import type { Credentials } from '../core/credentials.ts';
import type { World } from '../core/world.ts';
import { readBody } from './body.ts';
import { answerFor, asAwsError, handle } from './handler.ts';
import { send, startHttpServer, toStandardError, type HttpServer } from './http-server.ts';
import type { WireRequest, WireResponse } from './http.ts';

interface Options {
  readonly world: World;
  readonly credentials: Credentials;
  /** 0, or left out: a free one. */
  readonly port?: number;
  /** Told of bugs of the sandbox that clients see as InternalFailure; standard error unless told. */
  readonly report?: (error: unknown) => void;
}

/** Its endpoint is to be set as AWS_ENDPOINT_URL. */
export type Wire = HttpServer;

/**
 * Serves the world as an AWS endpoint on 127.0.0.1, for the AWS CLI and the SDKs. Rejects where the port is in use.
 * Services are told apart by the scope of the signature, callers by the access key that it proves.
 */
export function startWire({ world, credentials, port = 0, report = toStandardError }: Options): Promise<Wire> {
  return startHttpServer({
    port,
    option: '--port',
    report,
    serve: (message, response) =>
      serve(message, response, report, (request) => handle(request, { world, credentials, report })),
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
    answerWith(response, await respond({ ...request, body: await readBody(message) }));
  } catch (error) {
    if (error instanceof AnswerLost) return void message.socket.destroy();
    if (!(error instanceof AwsError)) report(error);
    const { status, code, message: text } = asAwsError(error);
    answerWith(response, answerFor(request, status, code, text));
  }
}

function requestOf({ method = 'GET', url = '/', headers, rawHeaders }: IncomingMessage): WireRequest {
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  const rawQuery = mark < 0 ? '' : url.slice(mark + 1);
  const query = new URLSearchParams(rawQuery);
  return { method, path, query, rawQuery, headers, rawHeaders, body: Buffer.alloc(0) };
}

const answerWith = (response: ServerResponse, { status, headers, body }: WireResponse): void =>
  send(response, { status, headers: { 'content-length': String(Buffer.byteLength(body)), ...headers }, body });

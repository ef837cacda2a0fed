import { STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Clock } from '../../clock/clock.ts';
import { readWithin } from '../../wire/body.ts';
import { send, startHttpServer, type HttpServer } from '../../wire/http-server.ts';
import { gatewayAnswer, type ApiAnswer } from './answer.ts';
import { LARGEST_PAYLOAD, type Gateway } from './gateway.ts';
import { apiRequest } from './request.ts';

interface Options {
  readonly clock: Clock;
  readonly gateway: Gateway;
  readonly port: number;
  readonly report: (error: unknown) => void;
}

/** Beyond what API Gateway takes, so that the refusal is API Gateway's. */
const LARGEST_HEAD = 64 * 2 ** 10;

/** Serves one API on 127.0.0.1. Everything from the first byte of a request to its answer counts as in flight. */
export function listen({ clock, gateway, port, report }: Options): Promise<HttpServer> {
  return startHttpServer({
    port,
    option: '--api-port',
    report,
    maxHeaderSize: LARGEST_HEAD,
    malformed: (code) =>
      raw(
        code === 'HPE_HEADER_OVERFLOW'
          ? gatewayAnswer(431, 'Request Header Fields Too Large')
          : gatewayAnswer(400, 'Bad Request'),
      ),
    serve: (message, response) =>
      clock.during(async () => {
        const answer = await answered(message, gateway, report);
        if (answer === undefined) response.destroy();
        else send(response, answer);
      }),
  });
}

/** Undefined where the client went away before it had said all. */
async function answered(
  message: IncomingMessage,
  gateway: Gateway,
  report: (error: unknown) => void,
): Promise<ApiAnswer | undefined> {
  const { method = 'GET', url: target = '/', rawHeaders, httpVersion, socket } = message;
  const { remoteAddress: sourceIp = '127.0.0.1' } = socket;
  try {
    const body = await bodyOf(message);
    if (body === 'cut off') return undefined;
    const protocol = `HTTP/${httpVersion}`;
    return await gateway.answer(apiRequest({ method, target, rawHeaders, protocol, sourceIp, body }));
  } catch (error) {
    report(error);
    return gatewayAnswer(500, 'Internal Server Error');
  }
}

async function bodyOf(message: IncomingMessage): Promise<Buffer | undefined | 'cut off'> {
  try {
    return await readWithin(message, LARGEST_PAYLOAD);
  } catch (error) {
    if (!message.complete) return 'cut off';
    throw error;
  }
}

/** An answer to what Node could not read as a request, as bytes. */
function raw({ status, body }: ApiAnswer): string {
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'content-type: application/json',
    `content-length: ${body.length}`,
    'connection: close',
  ];
  return `${head.join('\r\n')}\r\n\r\n${body.toString()}`;
}

import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

interface Options {
  /** 0: a free one. */
  readonly port: number;
  /** Option of the command line that sets the port, for the message where it is in use. */
  readonly option: string;
  /** Answers one request; what it rejects with is reported, and the connection closed. */
  readonly serve: (message: IncomingMessage, response: ServerResponse) => Promise<void>;
  readonly report: (error: unknown) => void;
  /** Bytes of the request line and headers that reach `serve`; Node's own limit unless told. */
  readonly maxHeaderSize?: number;
  /** What goes out for a request that is no HTTP, by Node's error code; Node's own words unless told. */
  readonly malformed?: (code: string | undefined) => string;
}

export interface HttpServer {
  readonly port: number;
  /** `http://127.0.0.1:PORT` */
  readonly endpoint: string;
  close(): Promise<void>;
}

const ADDRESS = '127.0.0.1';

/** Listens on 127.0.0.1 alone. Rejects where the port is in use. */
export async function startHttpServer(options: Options): Promise<HttpServer> {
  const { port, option, serve, report, maxHeaderSize, malformed } = options;
  const server = createServer({ ...(maxHeaderSize !== undefined && { maxHeaderSize }) }, (message, response) => {
    void serve(message, response).catch((error: unknown) => {
      report(error);
      response.destroy(); // half an answer has gone out: the client must not wait for the rest
    });
  });
  // Idle connections are kept: a client that reuses one just as it is closed would see its request fail.
  server.keepAliveTimeout = 0;
  if (malformed !== undefined)
    server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
      if (socket.writable) socket.end(malformed(error.code));
      else socket.destroy();
    });
  await listen(server, port, option);
  const { port: bound } = server.address() as AddressInfo;
  return { endpoint: `http://${ADDRESS}:${bound}`, port: bound, close: () => close(server) };
}

export function toStandardError(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
}

function listen(server: Server, port: number, option: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' ? inUse(port, option) : error),
    );
    server.listen(port, ADDRESS, () => resolve());
  });
}

const inUse = (port: number, option: string): Error =>
  new Error(
    `Port ${port} on ${ADDRESS} is in use. Stop what listens there, or choose another with ${option} (0 takes a free one).`,
  );

function close(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error === undefined ? resolve() : reject(error)));
    server.closeAllConnections();
  });
}

interface Answer {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Uint8Array | string;
}

/** No Date header: SDKs would correct their clocks by it, and virtual time is not theirs. */
export function send(response: ServerResponse, { status, headers, body }: Answer): void {
  response.sendDate = false;
  response.writeHead(status, headers);
  response.end(body);
}

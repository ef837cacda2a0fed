import { EventEmitter } from 'node:events';
import type { Server } from 'node:http';
import { HttpResponse, type HttpHandler, type HttpRequest } from '@smithy/core/protocols';

/** dynalite insists on a signature and looks at its form alone. */
const SIGNED = {
  authorization: 'AWS4-HMAC-SHA256 Credential=sandbox, SignedHeaders=host, Signature=none',
  'x-amz-date': '19700101T000000Z',
};

/** As much of an answer as dynalite uses. */
class Answer {
  statusCode = 200;
  readonly #headers: Record<string, string> = {};
  readonly #done: (response: HttpResponse) => void;

  constructor(done: (response: HttpResponse) => void) {
    this.#done = done;
  }

  setHeader(name: string, value: string | number): void {
    this.#headers[name.toLowerCase()] = String(value);
  }

  end(body = ''): void {
    const { statusCode } = this;
    this.#done(new HttpResponse({ statusCode, headers: this.#headers, body: Buffer.from(body) }));
  }
}

/** The bytes alone: the class that the client has for them warns when it is read. */
const bytesOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer => Buffer.from(buffer, byteOffset, byteLength);

/** Hands the requests of an SDK's client to a server in this process, without a socket in between: it need not listen. */
export class InProcessHandler implements HttpHandler<object> {
  readonly #server: Server;
  #closed = false;

  constructor(server: Server) {
    this.#server = server;
  }

  handle({ method, path: url, headers, body }: HttpRequest): Promise<{ response: HttpResponse }> {
    if (this.#closed) return Promise.reject(new Error('DynamoDB has been closed'));
    return new Promise((resolve) => {
      const message = Object.assign(new EventEmitter(), { method, url, headers: { ...headers, ...SIGNED } });
      this.#server.emit('request', message, new Answer((response) => resolve({ response })));
      message.emit('data', bytesOf(body as Uint8Array));
      message.emit('end');
    });
  }

  destroy(): void {
    this.#closed = true;
  }

  updateHttpClientConfig(): void {
    throw new Error('there is nothing to configure');
  }

  httpHandlerConfigs(): object {
    return {};
  }
}

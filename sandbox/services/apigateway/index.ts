import type { Provisioners } from '../../core/resources.ts';
import type { World } from '../../core/world.ts';
import { toStandardError, type HttpServer } from '../../wire/http-server.ts';
import type { ApiAnswer } from './answer.ts';
import type { Authorizers } from './authorization.ts';
import type { AuthorizerProperties } from './authorizers/properties.ts';
import { notFound } from './errors.ts';
import { Gateway } from './gateway.ts';
import { HttpApi } from './http-api.ts';
import { listen } from './listener.ts';
import { apiRequest } from './request.ts';
import { apiGatewayResources } from './resources.ts';

export type { ApiAnswer } from './answer.ts';

/** A request from within the process. */
export interface InProcessRequest {
  readonly method: string;
  /** Percent-encoded, with the query: `/executions?limit=5`. */
  readonly path: string;
  /** `host` is that of the API unless given. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Uint8Array;
}

/** The HTTP APIs that the stacks made. `apiId` may be left out where there is one API alone. */
export interface HttpApis {
  /** `http://127.0.0.1:PORT` of each, by id, in the order in which they were created. */
  endpoints(): ReadonlyMap<string, string>;
  endpoint(apiId?: string): string;
  /** Goes the way of a request over HTTP, authorizer and all, but for the socket: for virtual time. */
  request(apiId: string | undefined, request: InProcessRequest): Promise<ApiAnswer>;
}

export interface ApiGateway {
  readonly apis: HttpApis;
  readonly resources: Provisioners;
  /** Checks what only a whole template tells. Awaited once after the stacks are deployed. @throws AwsError BadRequestException */
  check(): void;
  close(): Promise<void>;
}

interface Options {
  readonly authorizers: Authorizers<AuthorizerProperties>;
  /** Port of the first API, the next ones follow; 0, or left out: free ones. */
  readonly port?: number;
  /** Told of bugs of the sandbox, which clients see as 500; standard error unless told. */
  readonly report?: (error: unknown) => void;
}

interface Served {
  readonly api: HttpApi;
  readonly gateway: Gateway;
  readonly server: HttpServer;
}

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** Amazon API Gateway: HTTP APIs with Lambda proxy integrations, each on a port of its own. */
export function createApiGateway(world: World, options: Options): ApiGateway {
  const { authorizers, port: firstPort = 0, report = toStandardError } = options;
  const served = new Map<string, Served>();

  const create = async (): Promise<{ api: HttpApi; endpoint: string }> => {
    const id = Array.from({ length: 10 }, () => ALPHABET.charAt(world.random.below(ALPHABET.length))).join('');
    const api = new HttpApi(id);
    const gateway = new Gateway({ world, api, random: world.random.fork(), port: () => get(id).server.port });
    const port = firstPort === 0 ? 0 : firstPort + served.size;
    const server = await listen({ clock: world.clock, gateway, port, report });
    served.set(id, { api, gateway, server });
    return { api, endpoint: server.endpoint };
  };

  const get = (apiId: string | undefined): Served => {
    const only = served.size === 1 ? [...served.keys()][0] : undefined;
    const found = served.get(apiId ?? only ?? '');
    if (found === undefined) throw notFound(`Invalid API identifier specified ${world.account}:${apiId ?? ''}`);
    return found;
  };

  return {
    resources: apiGatewayResources({ world, authorizers, create, get: (apiId) => get(apiId).api }),
    apis: {
      endpoints: () => new Map([...served].map(([id, { server }]) => [id, server.endpoint])),
      endpoint: (apiId) => get(apiId).server.endpoint,
      request: (apiId, request) => world.clock.during(async () => inProcess(get(apiId), request)),
    },
    check: () => {
      for (const { api } of served.values()) api.check();
    },
    close: async () => {
      await Promise.all([...served.values()].map(({ server }) => server.close()));
    },
  };
}

function inProcess({ gateway, server }: Served, request: InProcessRequest): Promise<ApiAnswer> {
  const { method, path: target, headers = {}, body = '' } = request;
  if (!/^[!-~]+$/.test(target)) throw new Error(`${target} cannot stand in a request line: percent-encode it`);
  const given = Object.entries(headers).flatMap(([name, values]) => [values].flat().flatMap((value) => [name, value]));
  const hasHost = Object.keys(headers).some((name) => name.toLowerCase() === 'host');
  const rawHeaders = hasHost ? given : ['host', new URL(server.endpoint).host, ...given];
  const [protocol, sourceIp] = ['HTTP/1.1', '127.0.0.1'];
  return gateway.answer(apiRequest({ method, target, rawHeaders, protocol, sourceIp, body: Buffer.from(body) }));
}

import { AwsV4Signer } from 'aws4fetch';
import { OPERATOR } from '../../sandbox/core/credentials.ts';
import { REGION } from '../../sandbox/core/world.ts';
import type { ApiAnswer } from '../../sandbox/services/apigateway/index.ts';
import type { Lab } from './lab.ts';

export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface ApiRequest {
  readonly method: 'GET' | 'POST';
  /** Percent-encoded, with its query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON. */
  readonly body?: object | string | Uint8Array;
}

export interface Answer {
  readonly status: number;
  readonly headers: ApiAnswer['headers'];
  readonly text: string;
  /** The text as JSON. */
  json(): Record<string, unknown>;
}

const DAY = 86_400_000;

function payloadOf({ body, headers }: ApiRequest) {
  if (body === undefined) return { headers: { ...headers } };
  const raw = typeof body === 'string' || body instanceof Uint8Array;
  return {
    headers: { ...(!raw && { 'content-type': 'application/json' }), ...headers },
    body: raw ? body : JSON.stringify(body),
  };
}

interface Signed {
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

async function sign(lab: Lab, request: ApiRequest, keys: Keys): Promise<Signed> {
  const { headers, body } = payloadOf(request);
  const signer = new AwsV4Signer({
    ...{ method: request.method, headers, service: 'execute-api', region: REGION },
    url: `${lab.sandbox.apis.endpoint()}${request.path}`,
    ...(body !== undefined && { body: Buffer.from(body) }),
    accessKeyId: keys.accessKeyId,
    secretAccessKey: keys.secretAccessKey,
    datetime: new Date(lab.sandbox.clock.now()).toISOString().replaceAll(/[:-]|\.\d{3}/g, ''),
  });
  const signed = await signer.sign();
  return { headers: Object.fromEntries(signed.headers), ...(body !== undefined && { body }) };
}

/** Sends signed requests to the stacks' API at once and lets virtual time pass until all are answered. */
export async function askAll(lab: Lab, requests: readonly ApiRequest[], keys: Keys = OPERATOR): Promise<Answer[]> {
  const { clock, apis } = lab.sandbox;
  const signed = await Promise.all(requests.map((request) => sign(lab, request, keys)));
  const send = async ({ method, path }: ApiRequest, index: number): Promise<Answer> => {
    const answer = await apis.request(undefined, { method, path, ...signed[index] });
    const text = answer.body.toString();
    return {
      status: answer.status,
      headers: answer.headers,
      text,
      json: () => JSON.parse(text) as Record<string, unknown>,
    };
  };
  let settled = false;
  const all = Promise.all(requests.map(send)).finally(() => (settled = true));
  await Promise.all([all, clock.runUntil(() => settled, clock.now() + DAY)]);
  return all;
}

/** One signed request. */
export async function ask(lab: Lab, request: ApiRequest, keys?: Keys): Promise<Answer> {
  const [answer] = await askAll(lab, [request], keys);
  if (answer === undefined) throw new Error('no answer');
  return answer;
}

import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import aws4 from 'aws4';
import { AwsV4Signer } from 'aws4fetch';
import type { Session } from '../../../sandbox/core/credentials.ts';
import type { ReceivedRequest } from '../../../sandbox/wire/signature.ts';

/** What is to be signed. Path segments and query are plain; each signer encodes them in its own way. */
export interface Plain {
  readonly method: string;
  readonly host: string;
  readonly segments: readonly string[];
  readonly query: readonly (readonly [name: string, value: string])[];
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface With {
  readonly session: Session;
  readonly service: string;
  readonly region: string;
  readonly time: number;
}

export type Sign = (plain: Plain, options: With) => Promise<ReceivedRequest>;

export class Sha256 {
  readonly #hash;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash =
      secret === undefined
        ? createHash('sha256')
        : createHmac('sha256', typeof secret === 'string' ? secret : Buffer.from(secret as Uint8Array));
  }

  update(data: string | Uint8Array): void {
    this.#hash.update(data);
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(new Uint8Array(this.#hash.digest()));
  }

  reset(): void {
    throw new Error('the signer makes a new hash for each text');
  }
}

const escaped = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
const pathOf = ({ segments }: Plain): string => `/${segments.map(escaped).join('/')}`;
const queryOf = ({ query }: Plain): string => query.map((pair) => pair.map(escaped).join('=')).join('&');
const timestamp = (time: number): string => new Date(time).toISOString().replace(/[-:]|\.\d{3}/g, '');

const received = (
  { method, body }: Plain,
  path: string,
  rawQuery: string,
  headers: Readonly<Record<string, string>>,
): ReceivedRequest => ({
  method,
  path,
  rawQuery,
  rawHeaders: Object.entries(headers).flat().map(String),
  body: Buffer.from(body),
});

/** The signer of the AWS SDK for JavaScript. */
export const smithy: Sign = async (plain, { session, service, region, time }) => {
  const query: Record<string, string[]> = {};
  for (const [name, value] of plain.query) (query[name] ??= []).push(value);
  const signer = new SignatureV4({
    credentials: session,
    region,
    service,
    sha256: Sha256,
    uriEscapePath: service !== 's3',
  });
  const { method, host, headers, body } = plain;
  const unsigned = { protocol: 'http:', hostname: host, method, path: pathOf(plain), query, body };
  const request = await signer.sign({ ...unsigned, headers: { host, ...headers } }, { signingDate: new Date(time) });
  return received(plain, pathOf(plain), queryOf(plain), request.headers);
};

/** What Postman signs with. */
export const postman: Sign = async (plain, { session, service, region, time }) => {
  const { method, host, headers, body } = plain;
  const query = queryOf(plain);
  const request = aws4.sign(
    {
      ...{ method, host, service, region, body },
      path: `${pathOf(plain)}${query === '' ? '' : `?${query}`}`,
      headers: { 'x-amz-date': timestamp(time), ...headers },
    },
    session,
  );
  const [path = '', rawQuery = ''] = request.path.split('?');
  return received(plain, path, rawQuery, request.headers);
};

export const fetcher: Sign = async (plain, { session, service, region, time }) => {
  const { method, host, headers, body, query } = plain;
  const url = `http://${host}${pathOf(plain)}${query.length === 0 ? '' : `?${queryOf(plain)}`}`;
  const { accessKeyId, secretAccessKey, sessionToken } = session;
  const signer = new AwsV4Signer({
    ...{
      method,
      url,
      headers: { ...headers },
      accessKeyId,
      secretAccessKey,
      service,
      region,
      datetime: timestamp(time),
    },
    ...(body !== '' && { body }),
    ...(sessionToken !== undefined && { sessionToken }),
  });
  const request = await signer.sign();
  const sent = { host: request.url.host, ...Object.fromEntries(request.headers) };
  return received(plain, request.url.pathname, request.url.search.slice(1), sent);
};

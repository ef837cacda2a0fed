import { AwsClient } from 'aws4fetch';
import type { EmbeddedAws } from './embedded-aws.ts';

/** What API Gateway signs for; the third part of `curl --aws-sigv4`. */
const SERVICE = 'execute-api';

export interface ApiRequest {
  readonly method: 'GET' | 'POST';
  /** With its query, from the root of the API. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: object;
}

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** A client of the HTTP API that signs with AWS Signature Version 4, as IAM callers do. */
export interface ApiClient {
  /** One attempt; rejects where nothing answers, never because of a status. */
  send(request: ApiRequest): Promise<ApiAnswer>;
  /** The same request for a shell; `at` is where it goes instead, such as a sandbox of the reader's own. */
  curl(request: ApiRequest, at?: string): string;
}

const headersOf = ({ headers, body }: ApiRequest): Readonly<Record<string, string>> =>
  body === undefined ? { ...headers } : { 'content-type': 'application/json', ...headers };

/** One argument of a POSIX shell. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** A client for the API at `endpoint`, with the caller's keys and region. */
export function apiClient(
  endpoint: string,
  { region, credentials }: Pick<EmbeddedAws, 'region' | 'credentials'>,
): ApiClient {
  const aws = new AwsClient({ ...credentials, region, service: SERVICE, retries: 0 });
  return {
    async send(request) {
      const { method, path, body } = request;
      const answer = await aws.fetch(`${endpoint}${path}`, {
        method,
        headers: headersOf(request),
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      return { status: answer.status, headers: answer.headers, body: text === '' ? undefined : JSON.parse(text) };
    },
    curl(request, at = endpoint) {
      const { method, path, body } = request;
      const { accessKeyId, secretAccessKey } = credentials;
      const lines = [
        `curl -s --aws-sigv4 aws:amz:${region}:${SERVICE} --user ${quoted(`${accessKeyId}:${secretAccessKey}`)}`,
        ...Object.entries(headersOf(request)).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
        ...(body === undefined ? [] : [`-d ${quoted(JSON.stringify(body))}`]),
        `${method === 'POST' && body === undefined ? '-X POST ' : ''}${quoted(`${at}${path}`)}`,
      ];
      return lines.join(' \\\n  ');
    },
  };
}

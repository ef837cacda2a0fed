import { describe, expect, it, jest } from '@jest/globals';
import type { Context } from 'aws-lambda';
import { openApiDocument } from '../../functions/lib/openapi/document.ts';
import { CONTEXT } from './support.ts';

type Handler = (event: unknown, context: Context) => Promise<unknown>;
interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The function as a cold start makes it, with these settings. */
async function load(settings: Readonly<Record<string, string>> = {}): Promise<Handler> {
  jest.resetModules();
  delete process.env['AUTHORIZATION'];
  delete process.env['IDENTITY_HEADERS'];
  Object.assign(process.env, settings);
  const { handler } = (await import('../../functions/get-openapi.ts')) as { handler: Handler };
  return handler;
}

const event = (rawPath: string, headers: Readonly<Record<string, string>>) => ({
  version: '2.0',
  routeKey: 'GET /openapi.json',
  rawPath,
  rawQueryString: '',
  headers,
  requestContext: { requestId: 'request', timeEpoch: 1_767_603_600_000 },
  isBase64Encoded: false,
});

async function asked(handler: Handler, path: string, headers: Readonly<Record<string, string>>): Promise<Answer> {
  return (await handler(event(path, headers), CONTEXT)) as Answer;
}

const documentOf = ({ body }: Answer) => JSON.parse(body) as ReturnType<typeof openApiDocument>;

describe('a request', () => {
  it('is answered with the document, which its caller may keep for itself', async () => {
    const answer = await asked(await load(), '/openapi.json', {
      Host: 'api.example.com',
      'X-Forwarded-Proto': 'https',
    });
    expect(answer).toMatchObject({
      statusCode: 200,
      headers: { 'content-type': 'application/json', 'cache-control': 'private, max-age=300' },
    });
    expect({ ...documentOf(answer), servers: [] }).toEqual({ ...openApiDocument({ type: 'iam' }), servers: [] });
  });

  it.each([
    [
      'on AWS',
      '/openapi.json',
      'a1.execute-api.eu-central-1.amazonaws.com',
      'https',
      'https://a1.execute-api.eu-central-1.amazonaws.com',
    ],
    ['in the sandbox', '/openapi.json', '127.0.0.1:4601', 'http', 'http://127.0.0.1:4601'],
    ['behind a stage or a mapping', '/fleet/openapi.json', 'api.example.com', 'https', 'https://api.example.com/fleet'],
  ])('tells where the API is: %s', async (_, path, host, protocol, url) => {
    const answer = await asked(await load(), path, { host, 'x-forwarded-proto': protocol });
    expect(documentOf(answer).servers).toEqual([{ url }]);
  });

  it('changes nothing for the next one', async () => {
    const handler = await load();
    const [first, second] = [
      await asked(handler, '/openapi.json', { host: 'one' }),
      await asked(handler, '/openapi.json', { host: 'two' }),
    ];
    expect([first, second].map((answer) => documentOf(answer).servers[0]?.url)).toEqual(['https://one', 'https://two']);
  });
});

it('answers a direct invocation with the document itself', async () =>
  expect(await (await load())({}, CONTEXT)).toEqual(openApiDocument({ type: 'iam' })));

it.each([
  [{ AUTHORIZATION: 'iam' }, ['sigv4']],
  [{ AUTHORIZATION: 'jwt' }, ['jwt']],
  [{ AUTHORIZATION: 'lambda' }, ['header-authorization']],
  [
    { AUTHORIZATION: 'lambda', IDENTITY_HEADERS: 'authorization,x-tenant' },
    ['header-authorization', 'header-x-tenant'],
  ],
])('tells what the deployment asks its callers for: %j', async (settings, schemes) => {
  const { security } = (await (await load(settings))({}, CONTEXT)) as ReturnType<typeof openApiDocument>;
  expect(security.flatMap((each) => Object.keys(each))).toEqual(schemes);
});

it('does not start with an authorization that it does not know', async () =>
  expect(load({ AUTHORIZATION: 'none' })).rejects.toThrow(/AUTHORIZATION: /));

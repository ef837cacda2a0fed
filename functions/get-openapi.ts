import * as z from './lib/zod.ts';
import { jsonAnswer } from './lib/api/answer.ts';
import { api, type ApiRequest } from './lib/api/api.ts';
import { readEnv } from './lib/env.ts';
import { openApiDocument } from './lib/openapi/document.ts';
import type { Authorization } from './lib/openapi/security.ts';
import { OWN_ROUTES } from './lib/schemas/routes.ts';

const env = readEnv({
  /** `type` of the configuration's `api.authorization`. */
  AUTHORIZATION: z._default(z.enum(['iam', 'jwt', 'lambda']), 'iam'),
  /** Its `identityHeaders`, where a function authorizes; with commas between them. */
  IDENTITY_HEADERS: z._default(z.string().check(z.minLength(1)), 'authorization'),
});
/** Made once for each cold start; where the API is, each request says. */
const document = openApiDocument(authorizationOf(env));
const PATH = OWN_ROUTES.find(({ function: name }) => name === 'get-openapi')?.path ?? '';

/** It changes with a deployment only; callers without leave must not get it from a cache that is shared. */
const HEADERS = { 'cache-control': 'private, max-age=300' };

/** Answers with the OpenAPI 3.1 document of the API, to a request with the address that it came to. Throws nothing. */
export const handler = api({ body: false, direct: async () => document }, async (request) =>
  jsonAnswer(200, z.unknown(), { ...document, servers: [{ url: addressOf(request) }] }, HEADERS),
);

function authorizationOf({ AUTHORIZATION: type, IDENTITY_HEADERS }: typeof env): Authorization {
  return type === 'lambda' ? { type, identityHeaders: IDENTITY_HEADERS.split(',') } : { type };
}

/** With whatever stage or mapping stands before the path; API Gateway finds the API by the host, so it is a real one. */
const addressOf = ({ headers, path }: ApiRequest): string =>
  `${headers['x-forwarded-proto'] ?? 'https'}://${headers['host'] ?? ''}${path.slice(0, -PATH.length)}`;

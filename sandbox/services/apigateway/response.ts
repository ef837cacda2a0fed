import { validateHeaderName, validateHeaderValue } from 'node:http';
import * as z from 'zod';
import type { ApiAnswer } from './answer.ts';
import { define } from './request.ts';

/** The type of each member that a function may answer with; null is as if it were absent. */
const FunctionResponse = z.object({
  statusCode: z.union([z.number(), z.string().regex(/^\d+$/).transform(Number)]).pipe(z.int().min(200).max(599)),
  headers: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).nullish(),
  cookies: z.array(z.string()).nullish(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().nullish(),
});

/** Headers that say how a message travels; API Gateway sets its own. */
const OWN = new Set(['connection', 'content-length', 'date', 'keep-alive', 'transfer-encoding', 'upgrade']);

/** What a function answered does not fit; the words are those of the integration's error in the access log. */
export class MalformedResponse extends Error {
  override readonly name = 'MalformedResponse';

  constructor(field: string) {
    super(
      `The response from the Lambda function doesn't match the format that API Gateway expects. Lambda body contains the wrong type for field "${field}"`,
    );
  }
}

/**
 * Turns what a function answered into the answer of the API, by payload format 2.0: an object with a `statusCode` says
 * it all; anything else is the body of a 200 in JSON. @throws MalformedResponse
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html#http-api-develop-integrations-lambda.response
 */
export function functionAnswer(payload: string): ApiAnswer {
  const output = parsed(payload);
  if (typeof output !== 'object' || output === null || !('statusCode' in output))
    return { status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from(payload) };
  const response = FunctionResponse.safeParse(output);
  if (!response.success) throw new MalformedResponse(String(response.error.issues[0]?.path[0] ?? 'statusCode'));
  const { statusCode, headers, cookies, body, isBase64Encoded } = response.data;
  return {
    status: statusCode,
    headers: responseHeaders(headers ?? {}, cookies ?? []),
    body: Buffer.from(body ?? '', isBase64Encoded === true ? 'base64' : 'utf8'),
  };
}

function parsed(payload: string): unknown {
  try {
    return JSON.parse(payload);
  } catch {
    return undefined;
  }
}

function responseHeaders(
  given: Readonly<Record<string, string | number | boolean>>,
  cookies: readonly string[],
): ApiAnswer['headers'] {
  const headers: Record<string, string | string[]> = { 'content-type': 'text/plain; charset=utf-8' };
  for (const [name, value] of Object.entries(given)) {
    if (OWN.has(name.toLowerCase())) continue;
    check('headers', name, String(value));
    define(headers, name.toLowerCase(), String(value));
  }
  for (const cookie of cookies) check('cookies', 'set-cookie', cookie);
  const own = headers['set-cookie'];
  const all = own === undefined ? cookies : [own, cookies].flat();
  return all.length === 0 ? headers : { ...headers, 'set-cookie': [...all] };
}

/** What cannot stand in a header must not reach the socket. */
function check(field: string, name: string, value: string): void {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
  } catch {
    throw new MalformedResponse(field);
  }
}

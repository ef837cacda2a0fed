import { createHash } from 'node:crypto';
import { ApiError, invalidRequest } from '../api/errors.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** JSON with sorted keys, so that documents that say the same are the same text. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const pairs = Object.entries(value)
    .filter(([, each]) => each !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${pairs.map(([key, each]) => `${JSON.stringify(key)}:${canonical(each)}`).join(',')}}`;
}

/** SHA-256 of what a request asks for, defaults included; 64 hexadecimal digits. */
export const requestHash = (request: object): string => sha256(canonical(request));

/**
 * Who shares idempotency keys: a role, whichever session it is in, because SDKs make up a new name for each; a person who
 * comes through IAM Identity Center, whose session has their name.
 * Source: IAM User Guide, "IAM identifiers"; IAM Identity Center User Guide, "Referencing permission sets".
 */
export function keyHolder(caller: string): string {
  const [, role] = /^(arn:[\w-]+:sts::\d{12}:assumed-role\/(?!AWSReservedSSO_)[^/]+)\/[^/]+$/.exec(caller) ?? [];
  return role ?? caller;
}

/**
 * The name of the execution that a request starts: the same for the same caller, route and key. Execution names are taken
 * for 90 days (Step Functions Developer Guide, "Quotas").
 */
export const executionName = (caller: string, route: string, key: string): string =>
  `api-${sha256(canonical([keyHolder(caller), route, key])).slice(0, 32)}`;

/** No comma, which is how API Gateway joins the values of a header that was sent twice. */
const KEY = /^[!-+\--~](?:[ -+\--~]{0,253}[!-+\--~])?$/;

/** The Idempotency-Key of a request; undefined where it has none. */
export function idempotencyKey(header: string | undefined): string | undefined {
  if (header === undefined || KEY.test(header)) return header;
  throw invalidRequest([
    {
      path: 'header Idempotency-Key',
      reason: 'must be given once and have 1 to 255 printable ASCII characters and no comma, such as a UUID',
    },
  ]);
}

/** The key is taken, by a request for something else. */
export const conflict = (): ApiError =>
  new ApiError(
    'IdempotencyConflict',
    'This Idempotency-Key was used on this route for a request with another body. Send the same body again, or a new key.',
  );

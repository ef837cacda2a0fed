import { ApiError, invalidRequest } from './errors.ts';
import type { HttpEvent } from './event.ts';

/** Step Functions takes 256 KiB as the input of an execution; the rest is for defaults and for who asked. */
const MOST_BYTES = 252 * 1024;
const DEEPEST = 32;

const refused = (reason: string): ApiError => invalidRequest([{ path: 'the body', reason }]);

/** The body as text. Refuses what is too large, and bytes that are no UTF-8, before anybody parses it. */
export function bodyText({ body = '', isBase64Encoded }: Pick<HttpEvent, 'body' | 'isBase64Encoded'>): string {
  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.length > MOST_BYTES) throw refused(`has ${bytes.length} bytes, and may have ${MOST_BYTES}`);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    throw refused('is not in UTF-8');
  }
}

/** How deep a parsed document is nested, looked at no deeper than it may be. */
function tooDeep(value: unknown, left = DEEPEST): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return left === 0 || Object.values(value).some((each) => tooDeep(each, left - 1));
}

/** The parsed body as a document. */
export function documentOf(body: unknown): object {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw refused('must be a JSON object, such as {"instance_id": "i-…"}');
  if (tooDeep(body)) throw refused(`is nested deeper than ${DEEPEST} levels`);
  return body;
}

/** What the body parser's refusals are to the caller. */
export function bodyRefusal(error: unknown): ApiError | undefined {
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  if (status === 415)
    return new ApiError(
      'UnsupportedMediaType',
      'send the body as JSON, with the header content-type: application/json',
    );
  return status === 422 ? refused('is no well-formed JSON, or holds a key such as __proto__') : undefined;
}

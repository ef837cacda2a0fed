import { createHash } from 'node:crypto';

/** A request byte for byte as it came, because its signature covers it so. */
export interface ReceivedRequest {
  readonly method: string;
  /** Still percent-encoded, without the query. */
  readonly path: string;
  /** Still percent-encoded, without the question mark. */
  readonly rawQuery: string;
  /** Names and values in turn, as Node's IncomingMessage has them. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
}

export const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');

/** By byte: itself for letters, digits and -._~, else %XX. */
const ENCODED = Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  return /[A-Za-z0-9\-._~]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
});

/** UriEncode of the specification. */
function uriEncode(bytes: Buffer): string {
  let text = '';
  for (const byte of bytes) text += ENCODED[byte] ?? '';
  return text;
}

/** The bytes behind a percent-encoded text; a percent sign that begins no encoding stands for itself. */
const decoded = (text: string): Buffer =>
  Buffer.from(
    text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Without empty and dot segments, as RFC 3986 resolves them; the last slash stays. */
function normalized(path: string): string {
  const kept: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') kept.pop();
    else if (segment !== '' && segment !== '.') kept.push(segment);
  }
  return `/${kept.join('/')}${kept.length > 0 && path.endsWith('/') ? '/' : ''}`;
}

/** S3 takes a path as it is, decodes it and encodes all but slashes; the others normalize it and encode what is encoded. */
function canonicalPath(path: string, service: string): string {
  const plain = service === 's3' ? decoded(path).toString('latin1') : normalized(path);
  return plain
    .split('/')
    .map((segment) => uriEncode(Buffer.from(segment, 'latin1')))
    .join('/');
}

/** Sorted by name, then by value. A plus sign is a space, and what has no name does not count. */
function canonicalQuery(rawQuery: string): string {
  const encoded = (text: string): string => uriEncode(decoded(text.replaceAll('+', ' ')));
  return rawQuery
    .split('&')
    .map((pair) => /^([^=]*)=?(.*)$/s.exec(pair) ?? [])
    .map(([, name = '', value = '']) => [encoded(name), encoded(value)] as const)
    .filter(([name]) => name !== '' && name !== 'X-Amz-Signature')
    .sort(([a, x], [b, y]) => compare(a, b) || compare(x, y))
    .map((pair) => pair.join('='))
    .join('&');
}

/** By lower-case name, the values in the order in which they came. */
export type Headers = ReadonlyMap<string, readonly string[]>;

export function headersOf({ rawHeaders }: ReceivedRequest): Headers {
  const headers = new Map<string, readonly string[]>();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase();
    headers.set(name, [...(headers.get(name) ?? []), rawHeaders[index + 1] ?? '']);
  }
  return headers;
}

const trimmed = (value: string): string => value.replace(/[ \t]+/g, ' ').replace(/^ | $/g, '');

/**
 * The canonical request of Signature Version 4, one character for each byte. A header that is to be signed and is not there counts as empty.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function canonicalRequest(
  request: ReceivedRequest,
  headers: Headers,
  service: string,
  signedHeaders: readonly string[],
  payloadHash: string,
): string {
  return [
    request.method,
    canonicalPath(request.path, service),
    canonicalQuery(request.rawQuery),
    ...signedHeaders.map((name) => `${name}:${(headers.get(name) ?? []).map(trimmed).join(',')}`),
    '',
    signedHeaders.join(';'),
    payloadHash,
  ].join('\n');
}

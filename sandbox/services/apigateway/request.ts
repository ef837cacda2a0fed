/** One HTTP request as it came in, over a socket or from within the process. */
export interface ApiRequest {
  readonly method: string;
  /** As sent: still percent-encoded, without the query. */
  readonly path: string;
  /** As sent, without the question mark. */
  readonly query: string;
  /** In lower case, repeated ones joined by commas as SigV4 and payload format 2.0 do; cookies by semicolons. */
  readonly headers: Readonly<Record<string, string>>;
  /** Names and values in turn, as sent. */
  readonly rawHeaders: readonly string[];
  /** Bytes of the request line and the headers' values, which have a quota. */
  readonly headSize: number;
  /** Empty where it was too large to be kept. */
  readonly body: Buffer;
  readonly oversized: boolean;
  readonly sourceIp: string;
  /** `HTTP/1.1` */
  readonly protocol: string;
}

interface Received extends Pick<ApiRequest, 'method' | 'rawHeaders' | 'sourceIp' | 'protocol'> {
  /** What the request line names: path and query. */
  readonly target: string;
  /** Undefined where it was too large to be kept. */
  readonly body: Buffer | undefined;
}

export function apiRequest({ target, body, ...received }: Received): ApiRequest {
  const { method, protocol, rawHeaders } = received;
  const mark = target.indexOf('?');
  const values = rawHeaders.filter((_, index) => index % 2 === 1);
  return {
    ...received,
    path: mark < 0 ? target : target.slice(0, mark),
    query: mark < 0 ? '' : target.slice(mark + 1),
    headers: joined(rawHeaders),
    headSize: values.reduce((size, value) => size + value.length, `${method} ${target} ${protocol}`.length),
    body: body ?? Buffer.alloc(0),
    oversized: body === undefined,
  };
}

function joined(rawHeaders: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [index, value] of rawHeaders.entries()) {
    if (index % 2 === 0) continue;
    const name = (rawHeaders[index - 1] ?? '').toLowerCase();
    const before = Object.hasOwn(headers, name) ? headers[name] : undefined;
    const separator = name === 'cookie' ? '; ' : ',';
    define(headers, name, before === undefined ? value : `${before}${separator}${value}`);
  }
  return headers;
}

/** Sets even `__proto__`, which a client may send like any other name. */
export function define<T>(record: Record<string, T>, name: string, value: T): void {
  Object.defineProperty(record, name, { value, enumerable: true, writable: true, configurable: true });
}

/**
 * A path as API Gateway routes it and hands it on: decoded, `%2F` included, and cut at a decoded question mark. Dot
 * segments and empty ones stay. Undefined where the encoding is malformed; bytes that are no UTF-8 become U+FFFD.
 */
export function decodePath(path: string): string | undefined {
  if (!path.startsWith('/') || /%(?![0-9a-f]{2})/i.test(path)) return undefined;
  const bytes = path.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  const decoded = Buffer.from(bytes, 'latin1').toString('utf8');
  return decoded.split('?', 1)[0] ?? decoded;
}

import { notImplemented } from '../core/aws-error.ts';
import type { Headers } from './canonical-request.ts';

/** What is wrong with a signature; each service has its own code for it. */
export type SignatureProblem =
  | 'missing'
  | 'malformed'
  | 'unknown-key'
  | 'token'
  | 'scope'
  | 'expired'
  | 'unsigned-headers'
  | 'payload'
  | 'no-payload-hash'
  | 'mismatch';

/** A request that is not signed as it should be; the message is that of AWS. */
export class SignatureError extends Error {
  override readonly name = 'SignatureError';
  readonly problem: SignatureProblem;

  constructor(problem: SignatureProblem, message: string) {
    super(message);
    this.problem = problem;
  }
}

/** What a signature says of itself, in the Authorization header or in a presigned URL. */
export interface SignatureClaim {
  readonly accessKeyId: string;
  readonly scope: readonly string[];
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** `20260105T080000Z` */
  readonly timestamp: string;
  readonly token: string | undefined;
  /** What the client says that it signed of the body: a hash, or one of the words that stand for none. */
  readonly contentHash: string | undefined;
  /** Seconds for which a presigned URL is good. */
  readonly expires: number | undefined;
}

export const ALGORITHM = 'AWS4-HMAC-SHA256';

/** As signatures write a time: `20260105T080000Z`. */
export const basic = (time: number): string => new Date(time).toISOString().replace(/[-:]|\.\d{3}/g, '');

export const malformed = (message: string): SignatureError => new SignatureError('malformed', message);

/** @throws SignatureError, AwsError NotImplemented */
export function claimOf(rawQuery: string, headers: Headers, service: string): SignatureClaim {
  const [authorization, another] = headers.get('authorization') ?? [];
  if (another !== undefined) throw malformed('Authorization header appears more than once.');
  const query = new URLSearchParams(authorization === undefined ? rawQuery : '');
  if (service === 's3' && query.has('X-Amz-Signature'))
    return claimInQuery(query, headers.get('x-amz-content-sha256')?.join(','));
  if (authorization === undefined) throw new SignatureError('missing', 'Missing Authentication Token');
  const [algorithm, rest] = split(authorization.trim(), ' ');
  requireAlgorithm(algorithm);
  const parts = new Map(rest.split(',').map((part) => split(part.trim(), '=')));
  const timestamp = headers.get('x-amz-date')?.[0] ?? basicDate(headers.get('date')?.[0]);
  const missing = ['Credential', 'Signature', 'SignedHeaders'].filter((name) => !parts.get(name));
  if (missing.length > 0 || parts.size !== 3)
    throw malformed(
      `${missing.map((name) => `Authorization header requires '${name}' parameter. `).join('')}Authorization=${authorization}`,
    );
  if (timestamp === undefined)
    throw malformed(
      "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization=" +
        authorization,
    );
  return {
    ...credential(parts.get('Credential') ?? ''),
    signedHeaders: (parts.get('SignedHeaders') ?? '').split(';'),
    signature: parts.get('Signature') ?? '',
    timestamp,
    token: headers.get('x-amz-security-token')?.join(','),
    contentHash: headers.get('x-amz-content-sha256')?.join(','),
    expires: undefined,
  };
}

function claimInQuery(query: URLSearchParams, contentHash: string | undefined): SignatureClaim {
  const get = (name: string): string => {
    const [value, another] = query.getAll(`X-Amz-${name}`);
    if (value === undefined || another !== undefined)
      throw malformed(
        'Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.',
      );
    return value;
  };
  requireAlgorithm(get('Algorithm'));
  const expires = Number(get('Expires'));
  if (!Number.isInteger(expires) || expires < 0) throw malformed('X-Amz-Expires should be a number');
  if (expires > 604_800)
    throw malformed(
      'X-Amz-Expires must be less than a week (in seconds) that is, the given X-Amz-Expires must be less than 604800 seconds',
    );
  return {
    ...credential(get('Credential')),
    signedHeaders: get('SignedHeaders').split(';'),
    signature: get('Signature'),
    timestamp: get('Date'),
    token: query.get('X-Amz-Security-Token') ?? undefined,
    contentHash: contentHash ?? query.get('X-Amz-Content-Sha256') ?? 'UNSIGNED-PAYLOAD',
    expires,
  };
}

/** Before and after the first separator. */
function split(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function requireAlgorithm(algorithm: string): void {
  if (algorithm.startsWith('AWS4-ECDSA-')) throw notImplemented(`Signature Version 4A (${algorithm})`);
  if (algorithm !== ALGORITHM) throw malformed(`Unsupported AWS 'algorithm': '${algorithm}'.`);
}

function credential(text: string): Pick<SignatureClaim, 'accessKeyId' | 'scope'> {
  const [accessKeyId = '', ...scope] = text.split('/');
  if (scope.length !== 4)
    throw malformed(
      `Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${text}'`,
    );
  return { accessKeyId, scope };
}

/** A Date header as the timestamp of a signature. */
function basicDate(date: string | undefined): string | undefined {
  const time = Date.parse(date ?? '');
  return Number.isNaN(time) ? undefined : basic(time);
}

import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Credentials, Session } from '../core/credentials.ts';
import { canonicalRequest, headersOf, sha256, type Headers, type ReceivedRequest } from './canonical-request.ts';
import { ALGORITHM, basic, claimOf, malformed, SignatureError, type SignatureClaim } from './signature-claim.ts';

export type { ReceivedRequest } from './canonical-request.ts';
export { SignatureError } from './signature-claim.ts';

export interface Expected {
  readonly credentials: Credentials;
  readonly service: string;
  readonly region: string;
  /** Milliseconds since the epoch; undefined where the signer's clock is not ours and its time means nothing. */
  readonly now: number | undefined;
}

const MINUTE = 60_000;
/** How far a signer's clock may be off; S3 is the patient one. */
const skewMinutes = (service: string): number => (service === 's3' ? 15 : 5);

/**
 * Proves the Signature Version 4 of a request and gives the session of the key that signed it.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
 * @throws SignatureError, AwsError NotImplemented for Signature Version 4A
 */
export function verifySignature(request: ReceivedRequest, expected: Expected): Session {
  const headers = headersOf(request);
  const claim = claimOf(request.rawQuery, headers, expected.service);
  requireScope(claim, expected);
  const session = expected.credentials.find(claim.accessKeyId);
  if (session === undefined || session.sessionToken !== claim.token) {
    const problem = session === undefined ? 'unknown-key' : 'token';
    throw new SignatureError(problem, 'The security token included in the request is invalid.');
  }
  requireFresh(claim, expected);
  requireSignedHeaders(headers, claim, expected.service);
  const payload = payloadHash(request, claim, expected.service);
  const canonical = canonicalRequest(request, headers, expected.service, claim.signedHeaders, payload);
  const text = [ALGORITHM, claim.timestamp, claim.scope.join('/'), sha256(Buffer.from(canonical, 'latin1'))].join('\n');
  if (!equal(claim.signature, signature(session.secretAccessKey, claim.scope, text)))
    throw new SignatureError(
      'mismatch',
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
    );
  return session;
}

function requireScope({ scope, timestamp }: SignatureClaim, { region, service }: Expected): void {
  const [date = '', ofRegion, ofService, term] = scope;
  const wrong = (message: string): SignatureError => new SignatureError('scope', message);
  if (ofRegion !== region) throw wrong('Credential should be scoped to a valid region. ');
  if (ofService !== service) throw wrong(`Credential should be scoped to correct service: '${service}'. `);
  if (term !== 'aws4_request')
    throw wrong("Credential should be scoped with a valid terminator: 'aws4_request', not '" + String(term) + "'.");
  if (!/^\d{8}T\d{6}Z$/.test(timestamp) || Number.isNaN(timeOf(timestamp)))
    throw malformed(
      `Date must be in ISO-8601 'basic format'. Got '${timestamp}'. See http://en.wikipedia.org/wiki/ISO_8601`,
    );
  if (!timestamp.startsWith(date) || date.length !== 8)
    throw wrong(
      `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${date}' != '${timestamp.slice(0, 8)}', from '${timestamp}'.`,
    );
}

const timeOf = (timestamp: string): number =>
  Date.parse(timestamp.replace(/^(\d{4})(\d\d)(\d\dT\d\d)(\d\d)(\d\dZ)$/, '$1-$2-$3:$4:$5'));

function requireFresh({ timestamp, expires }: SignatureClaim, { now, service }: Expected): void {
  if (now === undefined) return;
  const [signed, minutes] = [timeOf(timestamp), skewMinutes(service)];
  const [earliest, latest] = [now - minutes * MINUTE, now + minutes * MINUTE];
  if (signed > latest)
    throw new SignatureError(
      'expired',
      `Signature not yet current: ${timestamp} is still later than ${basic(latest)} (${basic(now)} + ${minutes} min.)`,
    );
  if (expires !== undefined) {
    if (signed + expires * 1000 < now) throw new SignatureError('expired', 'Request has expired');
  } else if (signed < earliest)
    throw new SignatureError(
      'expired',
      `Signature expired: ${timestamp} is now earlier than ${basic(earliest)} (${basic(now)} - ${minutes} min.)`,
    );
}

/** The host must be signed everywhere, and every x-amz header that there is for S3. */
function requireSignedHeaders(headers: Headers, { signedHeaders }: SignatureClaim, service: string): void {
  if (!signedHeaders.includes('host'))
    throw malformed("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
  if (service !== 's3') return;
  const unsigned = [...headers.keys()].filter((name) => name.startsWith('x-amz-') && !signedHeaders.includes(name));
  if (unsigned.length > 0)
    throw new SignatureError('unsigned-headers', 'There were headers present in the request which were not signed');
}

/** Only S3 lets the client say what its signature covers: a hash, nothing, or chunks that are signed one by one. */
function payloadHash(request: ReceivedRequest, { contentHash: claimed }: SignatureClaim, service: string): string {
  if (service !== 's3') return sha256(request.body);
  if (claimed === undefined)
    throw new SignatureError('no-payload-hash', 'Missing required header for this request: x-amz-content-sha256');
  if (claimed === 'UNSIGNED-PAYLOAD' || claimed.startsWith('STREAMING-')) return claimed;
  if (claimed !== sha256(request.body))
    throw new SignatureError('payload', "The provided 'x-amz-content-sha256' header does not match what was computed.");
  return claimed;
}

const LARGEST = 1000;
const signingKeys = new Map<string, Buffer>();

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** Derived once for a secret, a day, a region and a service. */
function signingKey(secret: string, scope: readonly string[]): Buffer {
  const name = JSON.stringify([secret, scope]);
  const known = signingKeys.get(name);
  if (known !== undefined) return known;
  const key = scope.reduce<string | Buffer>(hmac, `AWS4${secret}`) as Buffer;
  if (signingKeys.size >= LARGEST) signingKeys.clear();
  signingKeys.set(name, key);
  return key;
}

const signature = (secret: string, scope: readonly string[], text: string): string =>
  hmac(signingKey(secret, scope), text).toString('hex');

function equal(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}

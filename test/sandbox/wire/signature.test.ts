import { describe, expect, it } from '@jest/globals';
import { SignatureV4 } from '@smithy/signature-v4';
import * as fc from 'fast-check';
import { Credentials, type Session } from '../../../sandbox/core/credentials.ts';
import { SignatureError, verifySignature, type ReceivedRequest } from '../../../sandbox/wire/signature.ts';
import { fetcher, postman, Sha256, smithy, type Plain, type Sign } from './signers.ts';

const USER: Session = {
  accessKeyId: 'AKIAEXAMPLE000000001',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  caller: { kind: 'operator', arn: 'arn:aws:iam::123456789012:user/somebody' },
};
const SESSION: Session = { ...USER, accessKeyId: 'ASIAEXAMPLE000000001', sessionToken: 'to/ken+=' };
const credentials = new Credentials();
credentials.add(USER);
credentials.add(SESSION);

const TIME = Date.UTC(2026, 0, 5, 8);
const signing = { session: USER, service: 'execute-api', region: 'eu-central-1', time: TIME };
const expected = { credentials, service: 'execute-api', region: 'eu-central-1', now: TIME };

function problem(request: ReceivedRequest, options: { service?: string; now?: number | undefined } = {}): string {
  try {
    return verifySignature(request, { ...expected, ...options }).accessKeyId;
  } catch (error) {
    if (error instanceof SignatureError) return error.problem;
    throw error;
  }
}

const text = fc.string({
  unit: fc.constantFrom(...Array.from('ab09-_.~ /+*%&=:;,@!\'()$?#"'), 'é', '日', '😀'),
  maxLength: 6,
});
const segment = text.filter((name) => !['', '.', '..'].includes(name));
const plain: fc.Arbitrary<Plain> = fc.record({
  method: fc.constantFrom('GET', 'POST', 'DELETE'),
  host: fc.constantFrom('127.0.0.1:4600', 'abc.execute-api.eu-central-1.amazonaws.com'),
  segments: fc.array(segment, { minLength: 1, maxLength: 4 }),
  query: fc.array(fc.tuple(fc.constantFrom('a', 'b c', 'é', 'A', 'x-y'), text), { maxLength: 4 }),
  headers: fc.record({ 'x-first': fc.constantFrom('a  b', 'a, b', 'c', '-') }, { requiredKeys: [] }),
  body: text,
});
const sendable = plain.map((request) => (request.method === 'GET' ? { ...request, body: '' } : request));

const signers: readonly (readonly [string, Sign])[] = [
  ['@smithy/signature-v4', smithy],
  ['aws4', postman],
  ['aws4fetch', fetcher],
];

const flipped = (value: string, at: number, bit: number): string => {
  const index = at % value.length;
  return value.slice(0, index) + String.fromCharCode(value.charCodeAt(index) ^ (1 << bit)) + value.slice(index + 1);
};

const decoded = (query: string): string[] =>
  [...new URLSearchParams(query)]
    .filter(([name]) => name !== '')
    .map((pair) => JSON.stringify(pair))
    .sort();

const header = (request: ReceivedRequest, name: string): number =>
  request.rawHeaders.findIndex((each, index) => index % 2 === 0 && each.toLowerCase() === name) + 1;

/** The request with one bit of one part turned; undefined where that part is empty or means the same as before. */
function tampered(request: ReceivedRequest, part: string, at: number, bit: number): ReceivedRequest | undefined {
  switch (part) {
    case 'method':
      return { ...request, method: flipped(request.method, at, bit) };
    case 'path':
      return { ...request, path: flipped(request.path, at, bit) };
    case 'query': {
      if (request.rawQuery === '') return undefined;
      const rawQuery = flipped(request.rawQuery, at, bit);
      return String(decoded(rawQuery)) === String(decoded(request.rawQuery)) ? undefined : { ...request, rawQuery };
    }
    case 'body': {
      if (request.body.length === 0) return undefined;
      const body = Buffer.from(request.body);
      body.writeUInt8(body.readUInt8(at % body.length) ^ (1 << bit), at % body.length);
      return { ...request, body };
    }
    default: {
      const index = header(request, part);
      if (index === 0) return undefined;
      const value = flipped(request.rawHeaders[index] ?? '', at, bit);
      return { ...request, rawHeaders: request.rawHeaders.with(index, value) };
    }
  }
}

describe.each(signers)('what %s signs', (_name, sign) => {
  it.each(['execute-api', 's3'])('is accepted for %s', async (service) => {
    await fc.assert(
      fc.asyncProperty(sendable, fc.constantFrom(USER, SESSION), async (request, session) => {
        // of equal names two of the signers sign the first alone for S3; of a slash in a segment they think differently
        const names = new Set<string>();
        const query = request.query.filter(([name]) => !names.has(name) && names.add(name));
        const segments = request.segments.map((name) => name.replaceAll('/', '-'));
        const given = service === 's3' ? { ...request, query, segments } : request;
        const signed = await sign(given, { ...signing, session, service });
        expect(problem(signed, { service })).toBe(session.accessKeyId);
      }),
      { numRuns: 150 },
    );
  });

  it('is refused with any bit turned', async () => {
    const parts = ['method', 'path', 'query', 'body', 'host', 'x-first', 'x-amz-date', 'authorization'];
    await fc.assert(
      fc.asyncProperty(
        ...([sendable, fc.constantFrom(...parts), fc.nat(500), fc.nat(6)] as const),
        async (request, part, at, bit) => {
          const other = tampered(await sign(request, signing), part, at, bit);
          if (other !== undefined) expect(problem(other)).not.toBe(USER.accessKeyId);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('is refused with another secret, key, region, service, token or time', async () => {
    const request: Plain = { method: 'GET', host: 'h', segments: ['x'], query: [], headers: {}, body: '' };
    const signed = (change: Partial<Parameters<Sign>[1]>) => sign(request, { ...signing, ...change });
    expect(problem(await signed({ session: { ...USER, secretAccessKey: 'other' } }))).toBe('mismatch');
    expect(problem(await signed({ session: { ...USER, accessKeyId: 'AKIANOBODY' } }))).toBe('unknown-key');
    expect(problem(await signed({ session: { ...SESSION, sessionToken: 'other' } }))).toBe('token');
    expect(problem(await signed({ session: { ...USER, sessionToken: 'needless' } }))).toBe('token');
    expect(problem(await signed({ region: 'eu-west-1' }))).toBe('scope');
    expect(problem(await signed({ service: 'states' }))).toBe('scope');
    const { accessKeyId } = USER;
    for (const [minutes, outcome] of [
      [-5, accessKeyId],
      [-5.1, 'expired'],
      [5, accessKeyId],
      [5.1, 'expired'],
    ] as const)
      expect(problem(await signed({ time: TIME + minutes * 60_000 }))).toBe(outcome);
    const late = await signed({ time: TIME - 86_400_000 });
    expect(problem(late, { now: undefined })).toBe(accessKeyId);
  });
});

describe('a signature', () => {
  const signed = (headers: Record<string, string> = {}) =>
    smithy({ method: 'GET', host: 'h', segments: ['x'], query: [], headers, body: '' }, signing);
  const withHeader = (request: ReceivedRequest, name: string, change: (value: string) => string) => {
    const index = header(request, name);
    return { ...request, rawHeaders: request.rawHeaders.with(index, change(request.rawHeaders[index] ?? '')) };
  };

  it('is that of the example in the IAM User Guide', () => {
    const known = new Credentials();
    known.add({ ...USER, accessKeyId: 'AKIDEXAMPLE' });
    const request: ReceivedRequest = {
      method: 'GET',
      path: '/',
      rawQuery: 'Action=ListUsers&Version=2010-05-08',
      rawHeaders: [
        ...['Host', 'iam.amazonaws.com'],
        ...['Content-Type', 'application/x-www-form-urlencoded; charset=utf-8'],
        ...['X-Amz-Date', '20150830T123600Z'],
        'Authorization',
        'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
      ],
      body: Buffer.alloc(0),
    };
    const now = Date.UTC(2015, 7, 30, 12, 36);
    expect(verifySignature(request, { credentials: known, service: 'iam', region: 'us-east-1', now })).toMatchObject({
      accessKeyId: 'AKIDEXAMPLE',
    });
  });

  it('covers each value of a repeated header, in their order', async () => {
    const request = await signed({ 'x-list': 'one,two' });
    const index = header(request, 'x-list') - 1;
    const repeated = (...values: string[]) => ({
      ...request,
      rawHeaders: request.rawHeaders.toSpliced(index, 2, ...values.flatMap((value) => ['X-List', value])),
    });
    expect(problem(repeated('one', '  two '))).toBe(USER.accessKeyId);
    expect(problem(repeated('two', 'one'))).toBe('mismatch');
    expect(problem(repeated('one'))).toBe('mismatch');
  });

  it('may tell its time in a Date header', async () => {
    const time = new Date(TIME).toUTCString();
    const scope = `${USER.accessKeyId}/20260105/eu-central-1/execute-api/aws4_request`;
    const request: ReceivedRequest = {
      ...{ method: 'GET', path: '/', rawQuery: '', body: Buffer.alloc(0) },
      rawHeaders: [
        ...['host', 'h', 'date', time],
        ...['authorization', `AWS4-HMAC-SHA256 Credential=${scope},SignedHeaders=date;host,Signature=0`],
      ],
    };
    expect(problem(request)).toBe('mismatch'); // and not: malformed
    expect(problem(withHeader(request, 'date', () => 'yesterday'))).toBe('malformed');
  });

  it('must be there, whole, and of the one algorithm', async () => {
    const request = await signed();
    expect(problem({ ...request, rawHeaders: ['host', 'h'] })).toBe('missing');
    for (const cut of ['Credential', 'SignedHeaders', 'Signature'])
      expect(problem(withHeader(request, 'authorization', (value) => value.replace(`${cut}=`, 'Else=')))).toBe(
        'malformed',
      );
    expect(problem(withHeader(request, 'authorization', () => 'Bearer eyJ'))).toBe('malformed');
    expect(problem(withHeader(request, 'authorization', (value) => value.replace('host;', '')))).toBe('malformed');
    expect(problem({ ...request, rawHeaders: [...request.rawHeaders, 'authorization', 'x'] })).toBe('malformed');
    const asymmetric = withHeader(request, 'authorization', (value) =>
      value.replace('AWS4-HMAC-SHA256', 'AWS4-ECDSA-P256-SHA256'),
    );
    expect(() => problem(asymmetric)).toThrow('Signature Version 4A (AWS4-ECDSA-P256-SHA256)');
  });

  it('says when it was too old or too young', async () => {
    const request = await signed();
    const at = (minutes: number) => () => verifySignature(request, { ...expected, now: TIME + minutes * 60_000 });
    expect(at(6)).toThrow(
      'Signature expired: 20260105T080000Z is now earlier than 20260105T080100Z (20260105T080600Z - 5 min.)',
    );
    expect(at(-6)).toThrow('Signature not yet current: 20260105T080000Z is still later than 20260105T075900Z');
  });
});

describe('a signature for S3', () => {
  const object: Plain = { method: 'GET', host: 'h', segments: ['bucket', 'a key'], query: [], headers: {}, body: '' };
  const presign = async (expiresIn: number, session = USER): Promise<ReceivedRequest> => {
    const signer = new SignatureV4({
      ...{ credentials: session, region: 'eu-central-1', service: 's3', sha256: Sha256, uriEscapePath: false },
    });
    const request = { method: 'GET', protocol: 'http:', hostname: 'h', path: '/bucket/a%20key' };
    const presigned = await signer.presign(
      { ...request, headers: { host: 'h', 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } },
      { expiresIn, signingDate: new Date(TIME) },
    );
    const rawQuery = new URLSearchParams(presigned.query as Record<string, string>).toString();
    return { method: 'GET', path: '/bucket/a%20key', rawQuery, rawHeaders: ['host', 'h'], body: Buffer.alloc(0) };
  };
  const s3 = { service: 's3' };

  it('may stand in the URL, until it expires', async () => {
    expect(problem(await presign(60), s3)).toBe(USER.accessKeyId);
    expect(problem(await presign(60, SESSION), s3)).toBe(SESSION.accessKeyId);
    expect(problem(await presign(60), { ...s3, now: TIME + 61_000 })).toBe('expired');
    const request = await presign(60);
    expect(problem({ ...request, path: '/bucket/other' }, s3)).toBe('mismatch');
    expect(problem({ ...request, rawQuery: request.rawQuery.replace('Expires=60', 'Expires=61') }, s3)).toBe(
      'mismatch',
    );
    expect(problem({ ...request, rawQuery: `${request.rawQuery}&X-Amz-Date=x` }, s3)).toBe('malformed');
    expect(problem(request)).toBe('missing'); // nowhere else
  });

  it('covers the body as the client says, and every x-amz header', async () => {
    const put = { ...object, method: 'PUT', body: 'abc' };
    const hash = (value: string) => ({ ...put, headers: { 'x-amz-content-sha256': value } });
    const signed = (request: Plain) => postman(request, { ...signing, service: 's3' });
    const other = (request: ReceivedRequest) => ({ ...request, body: Buffer.from('abd') });
    expect(problem(other(await signed(put)), s3)).toBe('payload');
    expect(problem(other(await signed(hash('UNSIGNED-PAYLOAD'))), s3)).toBe(USER.accessKeyId);
    expect(problem(await signed(hash('STREAMING-UNSIGNED-PAYLOAD-TRAILER')), s3)).toBe(USER.accessKeyId);
    const request = await signed(put);
    const position = header(request, 'x-amz-content-sha256') - 1;
    expect(problem({ ...request, rawHeaders: request.rawHeaders.toSpliced(position, 2) }, s3)).toBe('no-payload-hash');
    const more = { ...request, rawHeaders: [...request.rawHeaders, 'x-amz-acl', 'public-read'] };
    expect(problem(more, s3)).toBe('unsigned-headers');
  });
});

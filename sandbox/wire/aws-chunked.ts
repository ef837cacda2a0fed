import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { AwsError } from '../core/aws-error.ts';
import { header, type WireRequest } from './http.ts';

interface Decoded {
  readonly body: Buffer;
  /** By lower-case name: the headers, and the checksum that came behind the data. */
  readonly trailers: ReadonlyMap<string, string>;
}

const NONE: ReadonlyMap<string, string> = new Map();
const NEWLINE = '\r\n';
const incomplete = (): AwsError => new AwsError('IncompleteBody', 'The request body terminated unexpectedly');

/**
 * An S3 request without its transfer encoding: the body out of its signed or unsigned chunks, the checksum that the
 * client sent proven. https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
 */
export function decoded(request: WireRequest): WireRequest {
  const streaming = header(request, 'x-amz-content-sha256')?.startsWith('STREAMING-') ?? false;
  const encodings = (header(request, 'content-encoding') ?? '').split(',').map((encoding) => encoding.trim());
  const chunked = streaming || encodings.includes('aws-chunked');
  const { body, trailers } = chunked ? decode(request.body) : { body: request.body, trailers: NONE };
  const announced = header(request, 'x-amz-decoded-content-length');
  if (chunked && announced !== undefined && Number(announced) !== body.length) throw incomplete();
  proveChecksums(body, (name) => header(request, name) ?? trailers.get(name));
  const content = encodings.filter((encoding) => encoding !== 'aws-chunked' && encoding !== '').join(',');
  return {
    ...request,
    body,
    headers: { ...request.headers, 'content-encoding': content === '' ? undefined : content },
  };
}

function decode(encoded: Buffer): Decoded {
  const parts: Buffer[] = [];
  let offset = 0;
  for (;;) {
    const end = encoded.indexOf(NEWLINE, offset);
    const size = Number.parseInt(encoded.toString('latin1', offset, end), 16);
    if (end < 0 || !Number.isInteger(size)) throw incomplete();
    offset = end + NEWLINE.length;
    if (size === 0) return { body: Buffer.concat(parts), trailers: trailersOf(encoded.toString('latin1', offset)) };
    if (offset + size > encoded.length) throw incomplete();
    parts.push(encoded.subarray(offset, offset + size));
    offset += size + NEWLINE.length;
  }
}

function trailersOf(text: string): Map<string, string> {
  const lines = text.split(NEWLINE).filter((line) => line.includes(':'));
  return new Map(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
}

function crc32Base64(body: Buffer): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(body));
  return bytes.toString('base64');
}

const hash =
  (algorithm: string) =>
  (body: Buffer): string =>
    createHash(algorithm).update(body).digest('base64');

/** The checksums that Node can compute; CRC32C, CRC64NVME and XXHASH are not proven. */
const CHECKSUMS: Readonly<Record<string, (body: Buffer) => string>> = {
  'content-md5': hash('md5'),
  'x-amz-checksum-crc32': crc32Base64,
  'x-amz-checksum-sha1': hash('sha1'),
  'x-amz-checksum-sha256': hash('sha256'),
};

function proveChecksums(body: Buffer, claimed: (name: string) => string | undefined): void {
  for (const [name, compute] of Object.entries(CHECKSUMS)) {
    const claim = claimed(name);
    if (claim === undefined || claim === compute(body)) continue;
    if (name === 'content-md5')
      throw new AwsError('BadDigest', 'The Content-MD5 you specified did not match what we received.');
    const algorithm = name.slice('x-amz-checksum-'.length).toUpperCase();
    throw new AwsError('BadDigest', `The ${algorithm} you specified did not match the calculated checksum.`);
  }
}

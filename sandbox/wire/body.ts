import type { IncomingMessage } from 'node:http';
import { AwsError } from '../core/aws-error.ts';

/** Bytes of a request body that the sandbox takes; S3 itself takes 5 GB. */
export const LARGEST_BODY = 64 * 2 ** 20;

/** Reads a request body whole. One beyond the limit is read to its end, unkept, and refused with AwsError EntityTooLarge. */
export async function readBody(message: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of message as AsyncIterable<Buffer>) {
    size += part.length;
    if (size <= LARGEST_BODY) parts.push(part);
  }
  if (size <= LARGEST_BODY) return Buffer.concat(parts);
  throw new AwsError(
    'EntityTooLarge',
    `Your proposed upload exceeds the maximum allowed size (${LARGEST_BODY} bytes).`,
    413,
  );
}

import type { IncomingMessage } from 'node:http';
import { AwsError } from '../core/aws-error.ts';

/** Bytes of a request body that the sandbox takes; S3 itself takes 5 GB. */
export const LARGEST_BODY = 64 * 2 ** 20;

/** Reads a request body whole; undefined for one beyond the limit (bytes), which is read to its end and not kept. */
export async function readWithin(message: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of message as AsyncIterable<Buffer>) {
    size += part.length;
    if (size <= limit) parts.push(part);
  }
  return size <= limit ? Buffer.concat(parts) : undefined;
}

/** @throws AwsError EntityTooLarge */
export async function readBody(message: IncomingMessage): Promise<Buffer> {
  const body = await readWithin(message, LARGEST_BODY);
  if (body !== undefined) return body;
  throw new AwsError(
    'EntityTooLarge',
    `Your proposed upload exceeds the maximum allowed size (${LARGEST_BODY} bytes).`,
    413,
  );
}

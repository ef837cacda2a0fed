import * as z from '../zod.ts';
import { Timestamp } from './common.ts';

/** Who asked for an execution and under which id, as the API writes it into the input; a console user leaves it out. */
export const RequestMetadata = z.strictObject({
  /** The API request's id, which every log line of the execution carries as its correlation id. */
  requestId: z.string().check(z.minLength(1), z.maxLength(128)),
  /** ARN of the IAM caller, or `issuer|subject` of a token. */
  requestedBy: z.string().check(z.minLength(1), z.maxLength(2048)),
  requestedAt: Timestamp,
});
export type RequestMetadata = z.infer<typeof RequestMetadata>;

import * as z from '../zod.ts';

/** A problem document of RFC 9457. `type` is `urn:fleetwright:problem:` and the error's name, which docs/api.md lists. */
export const Problem = z.strictObject({
  type: z.string().check(z.regex(/^urn:fleetwright:problem:[A-Z][A-Za-z]+$/)),
  title: z.string(),
  status: z.int().check(z.minimum(400), z.maximum(599)),
  detail: z.optional(z.string()),
  /** The path of the request, or of the execution that failed. */
  instance: z.optional(z.string()),
  /** The id under which the logs know the request. */
  requestId: z.optional(z.string()),
  /** Every problem of a request that breaks its schema. */
  errors: z.optional(z.array(z.strictObject({ path: z.string(), reason: z.string() }))),
});
export type Problem = z.infer<typeof Problem>;

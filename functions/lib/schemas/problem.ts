import * as z from '../zod.ts';

/** A problem document of RFC 9457. `type` is `urn:fleetwright:problem:` and the error's name, which docs/api.md lists. */
export const Problem = z.strictObject({
  type: z
    .string()
    .check(
      z.regex(/^urn:fleetwright:problem:[A-Z][A-Za-z]+$/),
      z.describe('Which problem it is; programs go by this.'),
    ),
  title: z.string().check(z.describe('The same for people; alike for all problems of the type.')),
  status: z.int().check(z.minimum(400), z.maximum(599), z.describe('The HTTP status, once more.')),
  detail: z.optional(z.string().check(z.describe('What is the matter with this one, and often what to do.'))),
  instance: z.optional(z.string().check(z.describe('The path of the request, or of the execution that failed.'))),
  requestId: z.optional(z.string().check(z.describe('The id under which the logs know the request.'))),
  errors: z.optional(
    z
      .array(
        z.strictObject({
          path: z.string().check(z.describe('Where in the request, such as commands[1].')),
          reason: z.string().check(z.describe('What is wrong there.')),
        }),
      )
      .check(z.describe('Every problem of a request that breaks its schema.')),
  ),
});
export type Problem = z.infer<typeof Problem>;

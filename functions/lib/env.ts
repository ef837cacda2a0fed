import * as z from './zod.ts';

/** A setting that may be left out; empty counts as left out, because CloudFormation cannot leave one out by condition. */
export const optionalText = z.pipe(
  z.optional(z.string()),
  z.transform((text: string | undefined) => (text === '' ? undefined : text)),
);

/** Reads the function's settings, once, at load. Throws naming every variable that is missing, which fails the cold start. */
export function readEnv<S extends z.core.$ZodLooseShape>(shape: S): z.output<z.ZodMiniObject<S>> {
  // Without compiling the schema first: it is used once, and the cold start waits for it.
  const result = z.object(shape).safeParse(process.env, { jitless: true });
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new Error(`The environment of this function is not complete: ${problems.join('; ')}`);
}

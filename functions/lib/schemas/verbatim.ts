import * as z from '../zod.ts';

/** The document that SSM renders from the parameters may have 64 KB, and 4 KB are the document's own. */
const MAX_PARAMETER_BYTES = 60 * 1024;

const BRACES = "must not hold {{…}}, which SSM would substitute (to a shell, '{''{…}''}' is the same)";
const TOO_LONG = `must stay within ${MAX_PARAMETER_BYTES} bytes of JSON, which is what SSM's 64 KB leave`;

const substituted = (text: string): boolean => /\{\{[^]*?\}\}/.test(text);
const tooLong = (lines: readonly string[]): boolean => Buffer.byteLength(JSON.stringify(lines)) > MAX_PARAMETER_BYTES;

/** Text that reaches the instance as it stands: SSM substitutes nothing in it, and no shell or encoding cuts it. */
export const verbatim = (params?: z.core.$ZodStringParams) =>
  z.string(params).check(
    z.refine((text: string) => !substituted(text), { error: BRACES }),
    z.refine((text: string) => !text.includes('\0'), { error: 'must not hold a NUL character' }),
    z.refine((text: string) => text.isWellFormed(), {
      error: 'must be well-formed Unicode (it holds half a surrogate pair)',
    }),
  );

/** Lines of a script that SSM has room for. */
export const withinSsm = z.refine<string[]>((lines) => !tooLong(lines), { error: TOO_LONG });

/** Why SSM would not run lines that were made of text that is verbatim each by itself; undefined if it would. */
export function flawOf(lines: readonly string[]): string | undefined {
  if (substituted(lines.join('\n'))) return `together with their script ${BRACES}`;
  return tooLong(lines) ? `together with their script ${TOO_LONG}` : undefined;
}

import * as z from '../zod.ts';

/** An execution by what lists are ordered by; DynamoDB takes no key that is empty or no Unicode. */
const Position = z.strictObject({
  startedAt: z.iso.datetime(),
  executionArn: z.string().check(
    z.regex(/^arn:/),
    z.maxLength(400),
    z.refine((arn: string) => arn.isWellFormed()),
  ),
});
export type Position = z.infer<typeof Position>;

/** How far a list has got, by runbook: behind an execution, or null after the end; one that is missing is not begun. */
const Cursor = z.record(z.string().check(z.maxLength(80)), z.nullable(Position));
export type Cursor = z.infer<typeof Cursor>;

const MOST_CHARACTERS = 8000;

export const encodeCursor = (cursor: Cursor): string => Buffer.from(JSON.stringify(cursor)).toString('base64url');

/** What `encodeCursor` wrote; undefined for anything else. */
export function decodeCursor(token: string): Cursor | undefined {
  if (token.length > MOST_CHARACTERS || !/^[\w-]+$/.test(token)) return undefined;
  try {
    const parsed = Cursor.safeParse(JSON.parse(Buffer.from(token, 'base64url').toString()));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

import type * as z from './zod.ts';

/** Cause of a failed state may have 32,768 characters. */
const MOST_PROBLEMS = 50;
const LONGEST_PROBLEM = 300;

/** One thing that is wrong with a document. */
interface Problem {
  readonly path: string;
  readonly reason: string;
}

/** The first problems, and how many more there are. */
interface Problems {
  readonly listed: readonly Problem[];
  readonly more: number;
}

/** What breaks a schema, one by one, never the values themselves; `written` gives a path as the user wrote it. */
export function problemsIn(
  { issues }: z.core.$ZodError,
  written: (path: readonly PropertyKey[]) => readonly PropertyKey[],
): Problems {
  const problems = issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ path: [...issue.path, key], reason: 'is not a known key' }))
      : [{ path: issue.path, reason: isMissing(issue) ? 'is missing' : issue.message }],
  );
  const listed = problems.slice(0, MOST_PROBLEMS).map(({ path, reason }) => ({
    path: problemPath(written(path)).slice(0, LONGEST_PROBLEM),
    reason: reason.slice(0, LONGEST_PROBLEM),
  }));
  return { listed, more: problems.length - listed.length };
}

/** zod's own words for it speak of what a program received, and issues do not hold their inputs. */
const isMissing = ({ code, message }: z.core.$ZodIssue): boolean =>
  code === 'invalid_type' && message.endsWith('received undefined');

/** Every problem as `path: reason`, in one line. */
export function problemsOf(error: z.core.$ZodError): string {
  const { listed, more } = problemsIn(error, ownPath);
  const lines = listed.map(({ path, reason }) => `${path}: ${reason}`.slice(0, LONGEST_PROBLEM));
  return [...lines, ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}

/** The user's document arrives under `request`, beside what the state machine adds. */
function ownPath(path: readonly PropertyKey[]): readonly PropertyKey[] {
  const [first, ...rest] = path;
  return first === 'request' ? rest : path;
}

/** A path as one would write it: `commands[0]`, `targets.tags`. */
export function problemPath(path: readonly PropertyKey[]): string {
  const written = path.map((part, index) =>
    typeof part === 'number' ? `[${part}]` : `${index > 0 ? '.' : ''}${String(part)}`,
  );
  return written.join('') || 'the input';
}

import type * as z from './zod.ts';

/** Cause of a failed state may have 32,768 characters. */
const MOST_PROBLEMS = 50;
const LONGEST_PROBLEM = 300;

/** Every problem as `path: reason`, paths as the user wrote the document; never the values themselves. */
export function problemsOf({ issues }: z.core.$ZodError): string {
  const problems = issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => problem([...issue.path, key], 'is not a known key'))
      : [problem(issue.path, issue.message)],
  );
  const listed = problems.slice(0, MOST_PROBLEMS);
  if (problems.length > listed.length) listed.push(`and ${problems.length - listed.length} more`);
  return listed.join('; ');
}

function problem(path: readonly PropertyKey[], reason: string): string {
  // The user's document arrives under `request`, beside what the state machine adds.
  const [first, ...rest] = path;
  const own = first === 'request' ? rest : path;
  const written = own.map((part, index) =>
    typeof part === 'number' ? `[${part}]` : `${index > 0 ? '.' : ''}${String(part)}`,
  );
  return `${written.join('') || 'the input'}: ${reason}`.slice(0, LONGEST_PROBLEM);
}

import type * as z from 'zod';

/** One thing wrong with the configuration: where, what stands there, and how to mend it. */
export interface Problem {
  readonly path: string;
  readonly value: unknown;
  readonly remedy: string;
}

/** Every problem of one configuration, one line each. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly Problem[];

  constructor(source: string, problems: readonly Problem[]) {
    const lines = problems.map(({ path, value, remedy }) => `  ${path} is ${show(value)}: ${remedy}`);
    super([`${source} cannot be used:`, ...lines].join('\n'));
    this.problems = problems;
  }
}

const show = (value: unknown): string => (value === undefined ? 'missing' : JSON.stringify(value));

/** The problems of a failed parse; an unknown key counts for itself, with the settings there are. */
export function problemsOf(error: z.ZodError, input: unknown, settings: readonly string[]): Problem[] {
  return error.issues.flatMap((issue) => problemsOfIssue(issue, input, settings));
}

function problemsOfIssue(issue: z.core.$ZodIssue, input: unknown, settings: readonly string[]): Problem[] {
  const at = (path: readonly PropertyKey[], remedy: string): Problem => ({
    path: path.map(String).join('.') || 'the configuration',
    value: valueAt(input, path),
    remedy,
  });
  if (issue.code === 'unrecognized_keys') {
    const known = issue.path.length === 0 ? `; the settings are ${settings.join(', ')}` : '';
    return issue.keys.map((key) => at([...issue.path, key], `there is no such setting, take it out${known}`));
  }
  // The key of a record is refused by the issues of its own schema, which hold the remedy.
  if (issue.code === 'invalid_key') return [at(issue.path, issue.issues[0]?.message ?? issue.message)];
  return [at(issue.path, issue.message)];
}

const valueAt = (input: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | null | undefined)?.[key], input);

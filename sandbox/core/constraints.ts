import { AwsError } from './aws-error.ts';

/** A value as Java prints it, which is how AWS repeats it: `[a, b]`, `Target(key=tag:a, values=[1])`. */
function printed(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(printed).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const { Key: key, Values: values } = value as { readonly Key?: string; readonly Values?: readonly string[] };
  return `Target(key=${String(key)}, values=${printed(values ?? [])})`;
}

/** A breach of the API model, in the words that AWS's front end has for it. */
export const constraint = (value: unknown, member: string, rule: string): AwsError =>
  new AwsError(
    'ValidationException',
    `1 validation error detected: Value '${printed(value)}' at '${member}' failed to satisfy constraint: ${rule}`,
  );

export function range(value: number | undefined, member: string, least: number, most: number): void {
  if (value === undefined) return;
  if (value < least) throw constraint(value, member, `Member must have value greater than or equal to ${least}`);
  if (value > most) throw constraint(value, member, `Member must have value less than or equal to ${most}`);
}

export function longest(value: string | readonly unknown[] | undefined, member: string, most: number): void {
  if (value !== undefined && value.length > most)
    throw constraint(value, member, `Member must have length less than or equal to ${most}`);
}

export function pattern(value: string | undefined, member: string, expected: RegExp): void {
  if (value !== undefined && !expected.test(value))
    throw constraint(value, member, `Member must satisfy regular expression pattern: ${expected.source}`);
}

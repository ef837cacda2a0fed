import { AwsError } from '../../core/aws-error.ts';

/** The error that Amazon EC2 Auto Scaling has for most of what is wrong with a request. */
export const invalid = (message: string): AwsError => new AwsError('ValidationError', message);

/** A value that the model of the API excludes, in the words of its validation. */
export const constraint = (value: string | number, at: string, rule: string): AwsError =>
  invalid(`1 validation error detected: Value '${value}' at '${at}' failed to satisfy constraint: ${rule}`);

/** Refuses a number out of its range. A number that is not given is in range. */
export function within(value: number | undefined, at: string, least: number, most: number): void {
  if (value === undefined) return;
  if (value < least) throw constraint(value, at, `Member must have value greater than or equal to ${least}`);
  if (value > most) throw constraint(value, at, `Member must have value less than or equal to ${most}`);
}

/** Refuses a text that is not one of those that the API has. A text that is not given is. */
export function oneOf(value: string | undefined, at: string, values: readonly string[]): void {
  if (value === undefined || values.includes(value)) return;
  throw constraint(value, at, `Member must satisfy enum value set: [${values.join(', ')}]`);
}

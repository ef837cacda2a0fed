import { notImplemented } from './aws-error.ts';

/**
 * Refuses an input that sets a member which the operation does not model: ignoring it would answer something else
 * than AWS does. @throws AwsError NotImplemented
 */
export function onlyMembers<I extends object>(
  operation: string,
  input: I,
  modelled: readonly (keyof I & string)[],
): void {
  for (const [member, value] of Object.entries(input)) {
    if (value === undefined || (modelled as readonly string[]).includes(member)) continue;
    throw notImplemented(`the member ${member} of ${operation}`);
  }
}

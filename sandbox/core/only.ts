import { notImplemented } from './aws-error.ts';

/**
 * Refuses an input that sets a member which the operation's handler does not heed: ignoring it would answer something
 * else than AWS does. A member that is undefined is not set. @throws AwsError NotImplemented
 */
export function only(what: string, input: object, heeded: readonly string[]): void {
  for (const [name, value] of Object.entries(input))
    if (value !== undefined && !heeded.includes(name)) throw notImplemented(`${what} with ${name}`);
}

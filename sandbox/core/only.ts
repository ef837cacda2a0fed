import { notImplemented } from './aws-error.ts';

/** Refuses an input with a member that the operation's handler does not heed, so that nothing asked for is ignored. */
export function only(what: string, input: object, heeded: readonly string[]): void {
  for (const [name, value] of Object.entries(input))
    if (value !== undefined && !heeded.includes(name)) throw notImplemented(`${what} with ${name}`);
}

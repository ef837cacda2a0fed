import { createHash } from 'node:crypto';

/** SSM's limit on a command's Comment, in characters. */
const COMMENT_LIMIT = 100;

/**
 * What a command's Comment begins with, so that the execution which sent it can find it again: SendCommand takes no
 * token. 44 characters, of which 32 are hexadecimal digits of the SHA-256 of the execution's ARN.
 */
export function marker(executionArn: string): string {
  return `fleetwright:${createHash('sha256').update(executionArn).digest('hex').slice(0, 32)}`;
}

/** The marker and, as far as it fits in, the user's comment; never half a character. */
export function markedComment(executionArn: string, comment: string): string {
  let marked = marker(executionArn);
  for (const character of comment === '' ? '' : ` ${comment}`) {
    if (marked.length + character.length > COMMENT_LIMIT) break;
    marked += character;
  }
  return marked;
}

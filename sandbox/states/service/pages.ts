import { AwsError } from '../../core/aws-error.ts';
import { pageOf } from '../../core/pages.ts';

const DEFAULT_SIZE = 100;
const LARGEST = 1000;

interface Asked {
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
}

/** One page of a list. Throws InvalidToken for a token that no page gave. */
export function page<T>(
  items: readonly T[],
  { maxResults = 0, nextToken }: Asked,
): { readonly items: T[]; readonly nextToken?: string } {
  if (maxResults < 0 || maxResults > LARGEST) {
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: Value '${maxResults}' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to ${LARGEST}`,
    );
  }
  const size = maxResults === 0 ? DEFAULT_SIZE : maxResults;
  const refuse = (token: string): AwsError => new AwsError('InvalidToken', `Invalid Token: '${token}'`);
  const { items: some, next } = pageOf(items, { size, token: nextToken, refuse });
  return { items: some, ...(next !== undefined && { nextToken: next }) };
}

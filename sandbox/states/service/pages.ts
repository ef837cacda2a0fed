import { AwsError } from '../../core/aws-error.ts';

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
  const from =
    nextToken === undefined ? 0 : Number(/^page-(\d+)$/.exec(Buffer.from(nextToken, 'base64url').toString())?.[1]);
  if (Number.isNaN(from)) throw new AwsError('InvalidToken', `Invalid Token: '${nextToken ?? ''}'`);
  const to = from + (maxResults === 0 ? DEFAULT_SIZE : maxResults);
  return {
    items: items.slice(from, to),
    ...(to < items.length && { nextToken: Buffer.from(`page-${to}`).toString('base64url') }),
  };
}

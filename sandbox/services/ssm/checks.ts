import { AwsError } from '../../core/aws-error.ts';

/** A breach of the API model, in the words that AWS's front end has for it. */
export const constraint = (value: unknown, member: string, rule: string): AwsError =>
  new AwsError(
    'ValidationException',
    `1 validation error detected: Value '${String(value)}' at '${member}' failed to satisfy constraint: ${rule}`,
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

interface Paging {
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
}

/** One page of a list: the first without a token or with an empty one. Throws InvalidNextToken for one never given out. */
export function page<T>(all: readonly T[], { MaxResults: maximum, NextToken }: Paging, most = 50) {
  range(maximum, 'maxResults', 1, most);
  const token = NextToken === '' ? undefined : NextToken;
  const [, position] = token === undefined ? [] : (/^ssm:(\d+)$/.exec(Buffer.from(token, 'base64').toString()) ?? []);
  if (token !== undefined && position === undefined)
    throw new AwsError('InvalidNextToken', 'The specified token is not valid.');
  const start = Number(position ?? 0);
  const end = start + (maximum ?? most);
  return {
    items: all.slice(start, end),
    NextToken: end < all.length ? Buffer.from(`ssm:${end}`).toString('base64') : undefined,
  };
}

import { AwsError } from '../../core/aws-error.ts';
import { within } from './errors.ts';

interface Asked {
  readonly MaxRecords?: number | undefined;
  readonly NextToken?: string | undefined;
}

/** One page of a list: 50 unless told, 100 at most. @throws AwsError InvalidNextToken for a token that no page gave */
export function page<T>(
  all: readonly T[],
  { MaxRecords: maximum, NextToken: token }: Asked,
  usual = 50,
): { readonly items: T[]; readonly NextToken: string | undefined } {
  within(maximum, 'maxRecords', 1, 100);
  const from = token === undefined ? 0 : Number(/^page-(\d+)$/.exec(Buffer.from(token, 'base64url').toString())?.[1]);
  if (Number.isNaN(from)) throw new AwsError('InvalidNextToken', 'The token is not valid.');
  const to = from + (maximum ?? usual);
  return {
    items: all.slice(from, to),
    NextToken: to < all.length ? Buffer.from(`page-${to}`).toString('base64url') : undefined,
  };
}

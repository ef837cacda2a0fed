import { AwsError } from '../../core/aws-error.ts';
import { constraint, longest, range } from '../../core/constraints.ts';
import { pageOf } from '../../core/pages.ts';

export const INSTANCE_ID = /(^i-(\w{8}|\w{17})$)|(^mi-\w{17}$)/;

/** Checks a list of instance ids by the API model: at most 50, each of the form of an id. */
export function checkInstanceIds(ids: readonly string[] | undefined): void {
  longest(ids, 'instanceIds', 50);
  if (ids?.some((id) => !INSTANCE_ID.test(id)) === true)
    throw constraint(
      ids,
      'instanceIds',
      `Member must satisfy constraint: [Member must satisfy regular expression pattern: ${INSTANCE_ID.source}]`,
    );
  if (ids !== undefined && new Set(ids).size < ids.length) throw new AwsError('DuplicateInstanceId', '');
}

interface Paging {
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
}

/** One page of a list: the first without a token or with an empty one. Throws InvalidNextToken for one never given out. */
export function page<T>(all: readonly T[], { MaxResults: maximum, NextToken }: Paging, most = 50) {
  range(maximum, 'maxResults', 1, most);
  const token = NextToken === '' ? undefined : NextToken;
  const { items, next } = pageOf(all, { size: maximum ?? most, token, refuse: noToken });
  return { items, NextToken: next };
}

const noToken = (): AwsError => new AwsError('InvalidNextToken', 'The specified token is not valid.');

/** Each thing with its place in a list that only ever grows at its end. */
type Placed<T> = Iterable<readonly [place: string, thing: T]>;

/**
 * One page of what a list holds from a place on. The token is the place of what comes next, not a count: things that
 * come, go or begin to pass a filter between two pages shift nothing. Throws InvalidNextToken for one never given out.
 */
export function pageFrom<T>(
  list: (place: string | undefined) => Placed<T>,
  { MaxResults, NextToken }: Paging,
  most = 50,
) {
  range(MaxResults, 'maxResults', 1, most);
  const items: T[] = [];
  for (const [place, thing] of list(placeOf(NextToken))) {
    if (items.length === (MaxResults ?? most))
      return { items, NextToken: Buffer.from(`ssm:${place}`).toString('base64') };
    items.push(thing);
  }
  return { items, NextToken: undefined };
}

function placeOf(token: string | undefined): string | undefined {
  if (token === undefined || token === '') return undefined;
  const [, place] = /^ssm:(\d+(?:\.\d+)?)$/.exec(Buffer.from(token, 'base64').toString()) ?? [];
  if (place === undefined) throw noToken();
  return place;
}

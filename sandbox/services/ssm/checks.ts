import { AwsError } from '../../core/aws-error.ts';

export const INSTANCE_ID = /(^i-(\w{8}|\w{17})$)|(^mi-\w{17}$)/;

/** A value as Java prints it, which is how AWS repeats it: `[a, b]`, `Target(key=tag:a, values=[1])`. */
function printed(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(printed).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const { Key: key, Values: values } = value as { readonly Key?: string; readonly Values?: readonly string[] };
  return `Target(key=${String(key)}, values=${printed(values ?? [])})`;
}

/** A breach of the API model, in the words that AWS's front end has for it. */
export const constraint = (value: unknown, member: string, rule: string): AwsError =>
  new AwsError(
    'ValidationException',
    `1 validation error detected: Value '${printed(value)}' at '${member}' failed to satisfy constraint: ${rule}`,
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

export function pattern(value: string | undefined, member: string, expected: RegExp): void {
  if (value !== undefined && !expected.test(value))
    throw constraint(value, member, `Member must satisfy regular expression pattern: ${expected.source}`);
}

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
  if (place === undefined) throw new AwsError('InvalidNextToken', 'The specified token is not valid.');
  return place;
}

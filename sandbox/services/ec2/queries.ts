import type { Filter } from '@aws-sdk/client-ec2';
import { AwsError } from '../../core/aws-error.ts';

/** Values of a thing by filter name; a filter that is not among them is refused. */
export type FilterValues<T> = Readonly<Record<string, (thing: T) => readonly (string | undefined)[]>>;

interface Tagged {
  readonly tags: ReadonlyMap<string, string>;
}

/** `*` for any text and `?` for one character, as EC2's filters have them; a backslash takes their meaning away. */
function matcher(value: string): (text: string) => boolean {
  if (!/[*?\\]/.test(value)) return (text) => text === value;
  const source = value.replace(/\\([*?\\])|[.+^${}()|[\]\\]|\*|\?/g, (match, literal?: string) =>
    literal !== undefined ? `\\${literal}` : match === '*' ? '.*' : match === '?' ? '.' : `\\${match}`,
  );
  const pattern = new RegExp(`^${source}$`, 's');
  return (text) => pattern.test(text);
}

/** Whether a thing passes all filters: any value of each. Throws InvalidParameterValue for a filter that is not known. */
export function passing<T extends Tagged>(
  filters: readonly Filter[] | undefined,
  known: FilterValues<T>,
): (thing: T) => boolean {
  const tests = (filters ?? []).map(({ Name: name = '', Values: values = [] }) => {
    const matches = values.map(matcher);
    const valuesOf = name.startsWith('tag:')
      ? ({ tags }: T) => [tags.get(name.slice(4))]
      : name === 'tag-key'
        ? ({ tags }: T) => [...tags.keys()]
        : Object.hasOwn(known, name)
          ? known[name]
          : undefined;
    if (valuesOf === undefined) throw new AwsError('InvalidParameterValue', `The filter '${name}' is invalid`);
    return (thing: T) => valuesOf(thing).some((value) => value !== undefined && matches.some((match) => match(value)));
  });
  return (thing) => tests.every((test) => test(thing));
}

interface Paging {
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
}

/** One page of a list; tokens are opaque to callers. Throws for a token that was never given out. */
export function page<T>(all: readonly T[], { MaxResults: maximum, NextToken: token }: Paging, least = 5, most = 1000) {
  if (maximum !== undefined && maximum < least) {
    throw new AwsError(
      'InvalidParameterValue',
      `Value ( ${maximum} ) for parameter maxResults is invalid. Expecting a value greater than ${least}.`,
    );
  }
  const start = token === undefined || token === '' ? 0 : positionOf(token);
  const end = start + Math.min(maximum ?? all.length, most);
  return {
    items: all.slice(start, end),
    NextToken: end < all.length ? Buffer.from(`ec2:${end}`).toString('base64') : undefined,
  };
}

function positionOf(token: string): number {
  const [, position] = /^ec2:(\d+)$/.exec(Buffer.from(token, 'base64').toString()) ?? [];
  if (position === undefined) throw new AwsError('InvalidParameterValue', 'Unable to parse pagination token.');
  return Number(position);
}

/** Finds each id, or throws the errors that EC2 has for ids of the kind (`InvalidInstanceID.NotFound`, `.Malformed`). */
export function byId<T>(
  all: ReadonlyMap<string, T>,
  ids: readonly string[],
  kind: { readonly code: string; readonly prefix: string; readonly name: string; readonly bracketed?: boolean },
): T[] {
  const malformed = ids.find((id) => !new RegExp(`^${kind.prefix}-([0-9a-f]{8}|[0-9a-f]{17})$`).test(id));
  if (malformed !== undefined)
    throw new AwsError(`${kind.code}.Malformed`, `Invalid id: "${malformed}" (expecting "${kind.prefix}-...")`);
  const missing = ids.filter((id) => !all.has(id));
  if (missing.length > 0) {
    const plural = missing.length > 1;
    const [word, listed] = kind.bracketed === true ? ['id', `[${missing.join(', ')}]`] : ['ID', missing.join(', ')];
    throw new AwsError(
      `${kind.code}.NotFound`,
      `The ${kind.name} ${word}${plural ? 's' : ''} '${listed}' do${plural ? '' : 'es'} not exist`,
    );
  }
  return [...new Set(ids)].flatMap((id) => all.get(id) ?? []);
}

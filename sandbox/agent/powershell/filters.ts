import { asText, isItem, type Item, show, type Stream, type Value } from './format.ts';
import type { Arguments } from './cmdlets.ts';
import { PowerShellError } from './syntax.ts';
import { wildcard } from './wildcard.ts';

type Filter = (input: Stream, args: Arguments) => Stream;

/** A property of an object, whatever the case of its name; empty where it has none. */
export function propertyOf(item: Item | Value, name: string): Value {
  if (!isItem(item)) return item;
  const key = Object.keys(item).find((candidate) => candidate.toLowerCase() === name.toLowerCase());
  return key === undefined ? '' : (item[key] ?? '');
}

const names = ({ named, positional }: Arguments): readonly string[] => [
  ...(named.has('property') ? [named.get('property') ?? ''] : []),
  ...positional,
];

function pick(items: Stream['items'], properties: readonly string[]): Stream['items'] {
  if (properties.length === 0 || properties.includes('*')) return items;
  return items.map((item) => Object.fromEntries(properties.map((property) => [property, propertyOf(item, property)])));
}

function select(input: Stream, args: Arguments): Stream {
  const first = args.named.get('first');
  const expanded = args.named.get('expandproperty');
  const items = first === undefined ? input.items : input.items.slice(0, Number(first));
  if (expanded !== undefined) return { ...input, items: items.map((item) => asText(propertyOf(item, expanded))) };
  const properties = names(args);
  return { items: pick(items, properties), view: properties.length > 4 ? 'list' : input.view };
}

function sort(input: Stream, args: Arguments): Stream {
  const [property = 'Name'] = names(args);
  const compare = (a: Item | Value, b: Item | Value): number => {
    const [left, right] = [propertyOf(a, property), propertyOf(b, property)];
    if (typeof left === 'number' && typeof right === 'number') return left - right;
    return asText(left).toLowerCase() < asText(right).toLowerCase() ? -1 : 1;
  };
  const sorted = [...input.items].sort(compare);
  return { ...input, items: args.named.has('descending') ? sorted.reverse() : sorted };
}

const COMPARISONS: Readonly<Record<string, (left: Value, right: string) => boolean>> = {
  eq: (left, right) => asText(left).toLowerCase() === right.toLowerCase(),
  ne: (left, right) => asText(left).toLowerCase() !== right.toLowerCase(),
  gt: (left, right) => Number(left) > Number(right),
  ge: (left, right) => Number(left) >= Number(right),
  lt: (left, right) => Number(left) < Number(right),
  le: (left, right) => Number(left) <= Number(right),
  match: (left, right) => new RegExp(right, 'i').test(asText(left)),
  like: (left, right) => wildcard(right).test(asText(left)),
};

/** `Where-Object { $_.Status -eq 'Running' }` or `Where-Object Status -eq Running`: one comparison. */
function where(input: Stream, { named, positional }: Arguments): Stream {
  const block = /^\$_\.(\w+)\s+-(\w+)\s+(?:'([^']*)'|"([^"]*)"|(\S+))$/.exec(positional[0] ?? '');
  const [operator] = [...named.keys()];
  const property = block?.[1] ?? positional[0] ?? '';
  const name = (block?.[2] ?? operator ?? '').toLowerCase();
  const right = block === null ? (named.get(name) ?? '') : (block[3] ?? block[4] ?? block[5] ?? '');
  const compare = COMPARISONS[name];
  if (compare === undefined)
    throw new PowerShellError(
      `Where-Object : the sandbox's PowerShell knows one comparison of a property, not '${positional.join(' ')}'`,
    );
  return { ...input, items: input.items.filter((item) => compare(propertyOf(item, property), right)) };
}

/** The cmdlets that change what flows through a pipeline, by lower-case name. */
export const FILTERS: Readonly<Record<string, Filter>> = {
  'select-object': select,
  select,
  'sort-object': sort,
  sort,
  'where-object': where,
  where,
  '?': where,
  'format-table': (input, args) => ({ items: pick(input.items, names(args)), view: 'table' }),
  ft: (input, args) => ({ items: pick(input.items, names(args)), view: 'table' }),
  'format-list': (input, args) => ({ items: pick(input.items, names(args)), view: 'list' }),
  fl: (input, args) => ({ items: pick(input.items, names(args)), view: 'list' }),
  'out-string': (input) => ({ items: [show(input)], view: 'table' }),
  'out-null': () => ({ items: [], view: 'table' }),
  'convertto-json': ({ items }) => ({
    items: [JSON.stringify(items.length === 1 ? items[0] : items, undefined, 2)],
    view: 'table',
  }),
};

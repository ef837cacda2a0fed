import { contentFilter, invalidPattern, isRecord, type Filter, type Leaf } from './content-filter.ts';

/** Says whether an event, as parsed JSON, matches. */
export type Pattern = (event: unknown) => boolean;

/** `value` is what stands at the field in the branch under test, `event` the whole. */
type Test = (value: unknown, event: unknown) => boolean;

const MOST_BRANCHES = 1000;

/**
 * Compiles an event pattern. Fields are and-ed, the elements of a field's list are or-ed; a list in the event matches by any of its
 * elements, but fields of one object in a list must match together. Numbers are compared by value, because JSON
 * text is gone by then. Source: EventBridge User Guide, "Creating event patterns".
 * @throws AwsError InvalidEventPatternException
 */
export function compilePattern(pattern: unknown): Pattern {
  if (!isRecord(pattern)) return invalidPattern('Filter is not an object');
  if (branches(pattern) > MOST_BRANCHES)
    return invalidPattern(`There must be at most ${MOST_BRANCHES} $or combinations`);
  const test = fields(pattern, []);
  return (event) => test(event, event);
}

/** Reads a pattern from its text. @throws AwsError InvalidEventPatternException */
export function parsePattern(text: string): Pattern {
  let pattern: unknown;
  try {
    pattern = JSON.parse(text);
  } catch {
    return invalidPattern('Invalid JSON');
  }
  return compilePattern(pattern);
}

function fields(pattern: Record<string, unknown>, path: readonly string[]): Test {
  const entries = Object.entries(pattern);
  if (entries.length === 0) invalidPattern('Empty objects are not allowed');
  const tests = entries.map(([name, wanted]) =>
    name === '$or' ? either(wanted, path) : field(name, wanted, [...path, name]),
  );
  return (value, event) => objectsIn(value).some((object) => tests.every((test) => test(object, event)));
}

function field(name: string, wanted: unknown, path: readonly string[]): Test {
  if (isRecord(wanted)) {
    const test = fields(wanted, path);
    return (object, event) => test(own(object, name), event);
  }
  if (!Array.isArray(wanted)) return invalidPattern(`"${name}" must be an object or an array`);
  if (wanted.length === 0) return invalidPattern('Empty arrays are not allowed');
  const filters = wanted.map((element: unknown) => contentFilter(element));
  return (object, event) => {
    const leaves = leavesOf(own(object, name));
    return filters.some((filter) => passes(filter, leaves, path, event));
  };
}

/** Absence is asked of the whole event: a field that another object of the same list has is there. */
function passes(filter: Filter, leaves: readonly Leaf[], path: readonly string[], event: unknown): boolean {
  return filter.absent ? leavesAt(event, path).length === 0 : leaves.some(filter.test);
}

function either(wanted: unknown, path: readonly string[]): Test {
  if (!Array.isArray(wanted)) return invalidPattern('It must be an Array followed with $or.');
  const tests = wanted.map((branch: unknown) =>
    isRecord(branch)
      ? fields(branch, path)
      : invalidPattern('Only JSON object is allowed in array of $or relationship.'),
  );
  if (tests.length < 2) invalidPattern('There must have at least 2 Objects in $or relationship.');
  return (object, event) => tests.some((test) => test(object, event));
}

/** How many combinations the pattern's `$or` make when they are multiplied out. */
function branches(pattern: unknown): number {
  if (!isRecord(pattern)) return 1;
  return Object.entries(pattern).reduce(
    (product, [name, wanted]) =>
      product *
      (name === '$or' && Array.isArray(wanted)
        ? wanted.reduce<number>((sum, branch) => sum + branches(branch), 0)
        : branches(wanted)),
    1,
  );
}

const own = (object: unknown, name: string): unknown =>
  isRecord(object) && Object.hasOwn(object, name) ? object[name] : undefined;

/** The objects in which fields are looked for; one empty object where there are none, so that absence can match. */
function objectsIn(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) return [value];
  const objects = (value.flat(Infinity) as unknown[]).filter(isRecord);
  return objects.length === 0 ? [undefined] : objects;
}

function leavesOf(value: unknown): readonly Leaf[] {
  const values: readonly unknown[] = Array.isArray(value) ? value.flat(Infinity) : [value];
  return values.filter((one): one is Leaf => one !== undefined && (one === null || typeof one !== 'object'));
}

function leavesAt(value: unknown, [name, ...rest]: readonly string[]): readonly Leaf[] {
  if (name === undefined) return leavesOf(value);
  return objectsIn(value).flatMap((object) => leavesAt(own(object, name), rest));
}

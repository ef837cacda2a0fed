import type * as z from './zod.ts';

/** `statusDetails` -> `status_details`. */
export const snakeCase = (key: string): string => key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

type Schema = z.core.$ZodType;
type Shape = Readonly<Record<string, Schema>>;
type Document = Readonly<Record<string, unknown>>;

/** A key that is written in both spellings; `path` as the user wrote it. */
export interface TwiceWritten {
  readonly path: readonly PropertyKey[];
  readonly reason: string;
}

const isDocument = (value: unknown): value is Document =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What a schema says beneath optional, default, nullable and the like. */
function definitionOf(schema: Schema): z.core.$ZodTypes['_zod']['def'] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if ('innerType' in def) return definitionOf(def.innerType);
  return def.type === 'pipe' ? definitionOf(def.in) : def;
}

type Kind =
  | { readonly is: 'object'; readonly shapes: readonly Shape[] }
  | { readonly is: 'array'; readonly element: Schema }
  | { readonly is: 'record'; readonly value: Schema }
  | { readonly is: 'plain' };

/** What a schema is as far as keys go; a union of objects has the keys of them all. */
function kindOf(schema: Schema): Kind {
  const definition = definitionOf(schema);
  switch (definition.type) {
    case 'object':
      return { is: 'object', shapes: [definition.shape] };
    case 'array':
      return { is: 'array', element: definition.element };
    case 'record':
      return { is: 'record', value: definition.valueType };
    case 'union':
      return kindOfUnion(definition.options.map(kindOf));
    default:
      return { is: 'plain' };
  }
}

function kindOfUnion(kinds: readonly Kind[]): Kind {
  const shapes = kinds.flatMap((kind) => (kind.is === 'object' ? kind.shapes : []));
  if (shapes.length > 0) return { is: 'object', shapes };
  return kinds.find(({ is }) => is !== 'plain') ?? { is: 'plain' };
}

function memberOf(shapes: readonly Shape[], key: string): Schema | undefined {
  for (const shape of shapes) if (Object.hasOwn(shape, key)) return shape[key];
  return undefined;
}

const knownKeys = (shapes: readonly Shape[]): string[] => [...new Set(shapes.flatMap((shape) => Object.keys(shape)))];

/** Makes an object of pairs in which `__proto__` is a key like any other. */
const fromPairs = (pairs: readonly (readonly [string, unknown])[]): Document =>
  Object.fromEntries(pairs.map(([key, value]) => [key, value]));

/**
 * A request document in camelCase, along its schema: keys of objects in either spelling, keys that are data as they stand,
 * unknown keys as they stand too. `twice` are the keys that were given in both spellings.
 */
export function camelDocument(schema: Schema, value: unknown): { document: unknown; twice: TwiceWritten[] } {
  const twice: TwiceWritten[] = [];
  return { document: toCamel(schema, value, [], twice), twice };
}

function toCamel(schema: Schema, value: unknown, path: readonly PropertyKey[], twice: TwiceWritten[]): unknown {
  const kind = kindOf(schema);
  if (kind.is === 'array' && Array.isArray(value))
    return value.map((each, index) => toCamel(kind.element, each, [...path, index], twice));
  if (kind.is === 'record' && isDocument(value))
    return fromPairs(
      Object.entries(value).map(([key, each]) => [key, toCamel(kind.value, each, [...path, key], twice)]),
    );
  if (kind.is !== 'object' || !isDocument(value)) return value;
  const spelled = new Map(knownKeys(kind.shapes).map((key) => [snakeCase(key), key]));
  return fromPairs(
    Object.entries(value).flatMap(([written, each]): (readonly [string, unknown])[] => {
      const key = spelled.get(written) ?? written;
      const member = memberOf(kind.shapes, key);
      if (member === undefined) return [[written, each]];
      if (written !== key && Object.hasOwn(value, key)) {
        twice.push({ path: [...path, written], reason: `is given twice, as ${written} and as ${key}` });
        return [];
      }
      return [[key, toCamel(member, each, [...path, written], twice)]];
    }),
  );
}

/** A path into the camelCase document as the user wrote it, in snake_case where the user wrote nothing. */
export function writtenPath(schema: Schema, value: unknown, path: readonly PropertyKey[]): PropertyKey[] {
  const [key, ...rest] = path;
  if (key === undefined) return [];
  const kind = kindOf(schema);
  const within = (written: PropertyKey, member: Schema): PropertyKey[] => [
    written,
    ...writtenPath(member, (value as Readonly<Record<PropertyKey, unknown>> | null | undefined)?.[written], rest),
  ];
  if (kind.is === 'array') return within(key, kind.element);
  if (kind.is === 'record') return within(key, kind.value);
  const member = kind.is === 'object' ? memberOf(kind.shapes, String(key)) : undefined;
  if (member === undefined) return [key, ...rest];
  return within(isDocument(value) && Object.hasOwn(value, key) ? key : snakeCase(String(key)), member);
}

/** An answer in snake_case, along its schema; keys that are data stay as they are. */
export function snakeDocument(schema: Schema, value: unknown): unknown {
  const kind = kindOf(schema);
  if (kind.is === 'array' && Array.isArray(value)) return value.map((each) => snakeDocument(kind.element, each));
  if (!isDocument(value)) return value;
  if (kind.is === 'record')
    return fromPairs(Object.entries(value).map(([key, each]) => [key, snakeDocument(kind.value, each)]));
  if (kind.is !== 'object') return value;
  return fromPairs(
    Object.entries(value).map(([key, each]) => {
      const member = memberOf(kind.shapes, key);
      return member === undefined ? [key, each] : [snakeCase(key), snakeDocument(member, each)];
    }),
  );
}

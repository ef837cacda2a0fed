import type * as z from './zod.ts';

/** `statusDetails` -> `status_details`. */
export const snakeCase = (key: string): string => key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

type Schema = z.core.$ZodType;
type Document = Readonly<Record<string, unknown>>;

/** A key that is written in both spellings; `path` as the user wrote it. */
export interface TwiceWritten {
  readonly path: readonly PropertyKey[];
  readonly reason: string;
}

const isDocument = (value: unknown): value is Document =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What schemas say of what is within a value; of several forms of it, what they all say. */
interface Within {
  /** The forms as objects: their keys have two spellings. */
  readonly shapes: readonly Readonly<Record<string, Schema>>[];
  /** The forms as records: their keys are data. */
  readonly values: readonly Schema[];
  readonly elements: readonly Schema[];
}

const NOTHING: Within = { shapes: [], values: [], elements: [] };

function within(schemas: readonly Schema[]): Within {
  const all = schemas.map(withinOne);
  return {
    shapes: all.flatMap(({ shapes }) => shapes),
    values: all.flatMap(({ values }) => values),
    elements: all.flatMap(({ elements }) => elements),
  };
}

/** Looks beneath optional, default, nullable and the like. Throws for what has members that it cannot tell. */
function withinOne(schema: Schema): Within {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if ('innerType' in def) return withinOne(def.innerType);
  switch (def.type) {
    case 'object':
      return { ...NOTHING, shapes: [def.shape] };
    case 'record':
      return { ...NOTHING, values: [def.valueType] };
    case 'array':
      return { ...NOTHING, elements: [def.element] };
    case 'union':
      return within(def.options);
    case 'intersection':
      return within([def.left, def.right]);
    case 'pipe':
      // What a transform makes has keys; what it takes, nobody has described.
      return withinOne(def.in._zod.def.type === 'transform' ? def.out : def.in);
    case 'lazy':
    case 'map':
    case 'set':
    case 'tuple':
      throw new Error(`casing.ts does not know how the keys within a ${def.type} are spelled`);
    default:
      return NOTHING;
  }
}

/** What each form says of a key; none where it is no key of any. */
const memberOf = ({ shapes, values }: Within, key: string): readonly Schema[] => {
  const known = shapes.flatMap((shape) => (Object.hasOwn(shape, key) ? [shape[key] as Schema] : []));
  return known.length > 0 ? known : values;
};

/** Every key of objects by how it is written in snake_case. */
const spellings = ({ shapes }: Within): ReadonlyMap<string, string> =>
  new Map(shapes.flatMap((shape) => Object.keys(shape)).map((key) => [snakeCase(key), key]));

/**
 * A request document in camelCase, along its schema: keys of objects in either spelling, keys that are data as they stand,
 * unknown keys as they stand too. `twice` are the keys that were given in both spellings.
 */
export function camelDocument(schema: Schema, value: unknown): { document: unknown; twice: TwiceWritten[] } {
  const twice: TwiceWritten[] = [];
  return { document: toCamel([schema], value, [], twice), twice };
}

function toCamel(
  schemas: readonly Schema[],
  value: unknown,
  path: readonly PropertyKey[],
  twice: TwiceWritten[],
): unknown {
  if (schemas.length === 0) return value;
  const inside = within(schemas);
  if (Array.isArray(value)) return value.map((each, index) => toCamel(inside.elements, each, [...path, index], twice));
  if (!isDocument(value)) return value;
  const spelled = spellings(inside);
  // Not by assignment: to Object.fromEntries, __proto__ is a key like any other.
  return Object.fromEntries(
    Object.entries(value).flatMap(([written, each]): (readonly [string, unknown])[] => {
      const key = spelled.get(written) ?? written;
      if (written !== key && Object.hasOwn(value, key)) {
        twice.push({ path: [...path, written], reason: `is given twice, as ${written} and as ${key}` });
        return [];
      }
      return [[key, toCamel(memberOf(inside, key), each, [...path, written], twice)]];
    }),
  );
}

/** A path into the camelCase document as the user wrote it, in snake_case where the user wrote nothing. */
export const writtenPath = (schema: Schema, value: unknown, path: readonly PropertyKey[]): PropertyKey[] =>
  toWritten([schema], value, path);

function toWritten(schemas: readonly Schema[], value: unknown, path: readonly PropertyKey[]): PropertyKey[] {
  const [key, ...rest] = path;
  if (key === undefined) return [];
  const inside = within(schemas);
  if (typeof key === 'number')
    return [key, ...toWritten(inside.elements, Array.isArray(value) ? value[key] : undefined, rest)];
  const sent = isDocument(value) ? value : {};
  const name = String(key);
  const ofObject = inside.shapes.some((shape) => Object.hasOwn(shape, name));
  const written = ofObject && !Object.hasOwn(sent, name) ? snakeCase(name) : name;
  const each = Object.hasOwn(sent, written) ? sent[written] : undefined;
  return [written, ...toWritten(memberOf(inside, name), each, rest)];
}

/** An answer in snake_case, along its schema; keys that are data stay as they are. */
export const snakeDocument = (schema: Schema, value: unknown): unknown => toSnake([schema], value);

function toSnake(schemas: readonly Schema[], value: unknown): unknown {
  if (schemas.length === 0) return value;
  const inside = within(schemas);
  if (Array.isArray(value)) return value.map((each) => toSnake(inside.elements, each));
  if (!isDocument(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => {
      const ofObject = inside.shapes.some((shape) => Object.hasOwn(shape, key));
      return [ofObject ? snakeCase(key) : key, toSnake(memberOf(inside, key), each)];
    }),
  );
}

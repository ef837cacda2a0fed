import type { Json } from '../json.ts';

/** Stands for a result, or a part of one, that is no JSON: a function. */
export const UNSUPPORTED = Symbol('unsupported result type');
export type Unsupported = typeof UNSUPPORTED;

const isFunction = (value: object): boolean => '_jsonata_lambda' in value || '_jsonata_function' in value;

/** JSON knows neither infinities nor -0: AWS writes the former by their JavaScript names. */
function plainNumber(value: number): Json {
  if (!Number.isFinite(value)) return String(value);
  return value === 0 ? 0 : value;
}

function plainArray(values: readonly unknown[]): Json | Unsupported {
  const copy: Json[] = [];
  for (const value of values) {
    const element = plain(value);
    if (element === UNSUPPORTED) return UNSUPPORTED;
    copy.push(element ?? null);
  }
  return copy;
}

function plainObject(value: object): Json | Unsupported {
  const copy: Record<string, Json> = {};
  for (const [key, each] of Object.entries(value)) {
    const member = plain(each);
    if (member === UNSUPPORTED) return UNSUPPORTED;
    // Defined, not assigned: the data may hold a key named __proto__.
    if (member !== undefined)
      Object.defineProperty(copy, key, { value: member, enumerable: true, writable: true, configurable: true });
  }
  return copy;
}

/** What JSONata gave, as JSON of its own: no sequences, no shared parts, no functions. */
export function plain(value: unknown): Json | Unsupported | undefined {
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'undefined':
      return value;
    case 'number':
      return plainNumber(value);
    case 'object':
      if (value === null) return null;
      if (Array.isArray(value)) return plainArray(value);
      return isFunction(value) ? UNSUPPORTED : plainObject(value);
    default:
      return UNSUPPORTED;
  }
}

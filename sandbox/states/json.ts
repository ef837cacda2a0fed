import * as z from 'zod';

/** A JSON value, which is all that moves between states. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: Json;
}

/** As zod reads one; its own type is mutable, and ours is not. */
export const jsonSchema = z.json() as unknown as z.ZodType<Json>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The name that AWS gives a value's type in its causes. */
export function typeName(value: Json): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

/** The largest input, output or result of a state, in bytes of UTF-8. */
export const PAYLOAD_LIMIT = 262_144;

export function exceedsPayload(text: string): boolean {
  // A UTF-16 unit takes three bytes at most: short texts need no counting.
  return text.length * 3 > PAYLOAD_LIMIT && Buffer.byteLength(text) > PAYLOAD_LIMIT;
}

import type { ServiceId } from '../../core/service.ts';
import { isObject, type Json } from '../json.ts';

/** Services whose members begin in lower case, where tasks write all in upper camel case. */
const LOWER_CAMEL = new Set<ServiceId>(['states', 'logs']);

const lower = (key: string): string => key.charAt(0).toLowerCase() + key.slice(1);
const upper = (key: string): string => key.charAt(0).toUpperCase() + key.slice(1);

function renamed(value: unknown, rename: (key: string) => string): unknown {
  if (Array.isArray(value)) return value.map((each) => renamed(each, rename));
  if (!isObject(value)) return value;
  // The keys of a map, as tags are in CloudWatch Logs, are the caller's own.
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [
      rename(key),
      /^tags$/i.test(key) && isObject(each) ? each : renamed(each, rename),
    ]),
  );
}

/** A task's arguments as the SDK types the input of the operation. */
export function toInput(service: ServiceId, value: Json): unknown {
  return LOWER_CAMEL.has(service) ? renamed(value, lower) : value;
}

function plainMember(value: unknown): Json | undefined {
  if (value === undefined || typeof value === 'function') return undefined;
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  if (value instanceof Set) return [...value].map((each) => plainMember(each) ?? null);
  if (Array.isArray(value)) return value.map((each) => plainMember(each) ?? null);
  if (typeof value !== 'object' || value === null) return value as Json;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, each]) => {
      const member = plainMember(each);
      return member === undefined ? [] : [[key, member]];
    }),
  );
}

/** An operation's output as a task's result: dates as ISO 8601, blobs as text, without the metadata of the SDK. */
export function toResult(service: ServiceId, output: unknown): Json {
  const members = Object.fromEntries(Object.entries(output ?? {}).filter(([key]) => key !== '$metadata'));
  const cased = plainMember(members) ?? {};
  return (LOWER_CAMEL.has(service) ? renamed(cased, upper) : cased) as Json;
}

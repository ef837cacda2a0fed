import * as z from 'zod';
import { isObject, jsonSchema, type Json } from '../json.ts';

/** An execution recorded on AWS, and what is held to it. */
const Recorded = z.strictObject({
  id: z.string(),
  definition: jsonSchema,
  input: jsonSchema,
  expect: z.strictObject({
    status: z.string(),
    output: jsonSchema.optional(),
    error: z.string().optional(),
    cause: z.string().optional(),
  }),
  eventTypes: z.array(z.string()),
});

export type Recorded = z.infer<typeof Recorded>;

/** What came of an execution here. */
export interface Outcome {
  readonly status: string;
  readonly output?: Json | undefined;
  readonly error?: string | undefined;
  readonly cause?: string | undefined;
  readonly eventTypes: readonly string[];
}

/** Reads a file of recorded executions. Throws with the place of what is wrong. */
export function readRecorded(text: string): Recorded[] {
  const result = z.array(Recorded).min(1).safeParse(JSON.parse(text));
  if (result.success) return result.data;
  throw new Error(z.prettifyError(result.error));
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map(sorted);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, each]) => [key, sorted(each)]),
  );
}

const shown = (value: Json | undefined): string => (value === undefined ? 'none' : JSON.stringify(sorted(value)));

/** A message of the JVM, which no other engine can word alike. */
const isJavaMessage = (cause: string): boolean =>
  /\b(java|com\.(amazon|fasterxml)|software\.amazon)\.|Exception\b|@[0-9a-f]{6,}\b/.test(cause);

function counted(types: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const type of types) counts.set(type, (counts.get(type) ?? 0) + 1);
  return counts;
}

function eventDifferences(expected: readonly string[], got: readonly string[]): string[] {
  const [wanted, had] = [counted(expected), counted(got)];
  return [...new Set([...wanted.keys(), ...had.keys()])]
    .filter((type) => wanted.get(type) !== had.get(type))
    .map((type) => `event ${type}: expected ${wanted.get(type) ?? 0}, got ${had.get(type) ?? 0}`);
}

/** Where an outcome differs from what was recorded; empty when it matches. */
export function differences({ expect, eventTypes }: Recorded, got: Outcome): string[] {
  const compared: [string, string, string][] = [
    ['status', expect.status, got.status],
    ['output', shown(expect.output), shown(got.output)],
    ['error', shown(expect.error), shown(got.error)],
  ];
  if (expect.cause !== undefined && !isJavaMessage(expect.cause))
    compared.push(['cause', shown(expect.cause), shown(got.cause)]);
  const unlike = compared.filter(([, wanted, had]) => wanted !== had);
  return [
    ...unlike.map(([what, wanted, had]) => `${what}: expected ${wanted}, got ${had}`),
    ...eventDifferences(eventTypes, got.eventTypes),
  ];
}

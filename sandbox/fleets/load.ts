import { readFileSync } from 'node:fs';
import type * as z from 'zod';
import { Fleet } from './schema.ts';

/** A mistake in a fleet file: every problem with its place, its value and what would do. */
export class FleetError extends Error {
  override readonly name = 'FleetError';
}

/** Reads a fleet file. Throws FleetError, before anything is started, naming each problem in the file. */
export function loadFleet(path: string): Fleet {
  return parseFleet(document(path), path);
}

export function parseFleet(value: unknown, path: string): Fleet {
  const result = Fleet.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  throw new FleetError(`${path} is not a fleet file:\n${result.error.issues.flatMap(lines).join('\n')}`);
}

function document(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new FleetError(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new FleetError(`${path} is not JSON: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

/** `instances[3].tags`, as one would write it in code. */
const place = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : `${text}${text === '' ? '' : '.'}${String(part)}`),
    '',
  ) || '(the file)';

function lines(issue: z.core.$ZodIssue): string[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => `  ${place([...issue.path, key])}: unknown key; remove it or correct its spelling`);
  const given = JSON.stringify(issue.input) as string | undefined;
  const shown = given === undefined ? 'missing' : `${given.length > 80 ? `${given.slice(0, 77)}...` : given} given`;
  return [`  ${place(issue.path)}: ${issue.message} (${shown})`];
}

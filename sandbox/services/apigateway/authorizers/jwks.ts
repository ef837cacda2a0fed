import { readFileSync } from 'node:fs';
import type { JSONWebKeySet } from 'jose';
import * as z from 'zod';

/** Keys of token issuers, by issuer. */
export type Jwks = Readonly<Record<string, JSONWebKeySet>>;

const KeySet = z.looseObject({ keys: z.array(z.looseObject({ kty: z.string() })) });

/** Reads a JSON Web Key Set, as an issuer serves it at its jwks_uri. @throws Error naming the file and what is wrong */
export function readJwks(path: string): JSONWebKeySet {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new Error(`${path} is no JSON Web Key Set: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  const { success, data } = KeySet.safeParse(value);
  if (success) return data;
  throw new Error(`${path} is no JSON Web Key Set: it wants {"keys": [{"kty": …}, …]}`);
}

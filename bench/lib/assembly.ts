import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { synthesize as synthesizeInto } from '../../scripts/synthesize.ts';

const root = resolve(import.meta.dirname, '../..');

/** Where what is measured is built. */
export const WORKSHOP = join(root, 'dist', 'bench');

/** Synthesizes what `cdk deploy` would deploy, and returns the folder. Throws when the app does not synthesize. */
export function synthesize(): string {
  const folder = join(WORKSHOP, 'assembly');
  synthesizeInto(folder);
  return folder;
}

interface Template {
  readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Properties?: FunctionProperties }>>;
}
interface FunctionProperties {
  readonly Environment?: { readonly Variables?: Readonly<Record<string, unknown>> };
}

/**
 * The environment variables of each function, by its name in functions/. What only a deployment knows, such as the name
 * of a bucket, is `placeholder`.
 */
export function functionEnvironments(assembly: string): ReadonlyMap<string, Readonly<Record<string, string>>> {
  const environments = new Map<string, Record<string, string>>();
  for (const file of globSync(join(assembly, '*.template.json')).sort()) {
    const { Resources } = JSON.parse(readFileSync(file, 'utf8')) as Template;
    for (const { Type, Properties } of Object.values(Resources)) {
      const variables = Object.entries(Properties?.Environment?.Variables ?? {});
      const plain = variables.map(([key, value]) => [key, typeof value === 'string' ? value : 'placeholder'] as const);
      const { POWERTOOLS_SERVICE_NAME: name, ...others } = Object.fromEntries(plain);
      if (Type === 'AWS::Lambda::Function' && name !== undefined)
        environments.set(name, { POWERTOOLS_SERVICE_NAME: name, ...others });
    }
  }
  return environments;
}

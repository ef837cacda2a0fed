import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { Bundles } from '../../infra/constructs/bundle.ts';
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
  readonly Code?: { readonly S3Key?: string };
  readonly Environment?: { readonly Variables?: Readonly<Record<string, unknown>> };
}

/** The name of the bundle that an asset of the assembly is a copy of. */
function bundleNameOf(assembly: string, key: string | undefined, bundles: Bundles): string | undefined {
  const code = join(assembly, `asset.${basename(key ?? '', '.zip')}`, 'index.mjs');
  if (!existsSync(code)) return undefined;
  const bytes = readFileSync(code);
  return [...bundles].find(([, { path }]) => readFileSync(join(path, 'index.mjs')).equals(bytes))?.[0];
}

/**
 * The environment variables of each function, by its name in functions/; of a file that is deployed several times those of
 * the first. What only a deployment knows, such as the name of a bucket, is `placeholder`.
 */
export function functionEnvironments(
  assembly: string,
  bundles: Bundles,
): ReadonlyMap<string, Readonly<Record<string, string>>> {
  const environments = new Map<string, Record<string, string>>();
  for (const file of globSync(join(assembly, '*.template.json')).sort()) {
    const { Resources } = JSON.parse(readFileSync(file, 'utf8')) as Template;
    for (const { Type, Properties } of Object.values(Resources)) {
      if (Type !== 'AWS::Lambda::Function') continue;
      const name = bundleNameOf(assembly, Properties?.Code?.S3Key, bundles);
      if (name === undefined || environments.has(name)) continue;
      const variables = Object.entries(Properties?.Environment?.Variables ?? {});
      const plain = variables.map(([key, value]) => [key, typeof value === 'string' ? value : 'placeholder'] as const);
      environments.set(name, Object.fromEntries(plain));
    }
  }
  return environments;
}

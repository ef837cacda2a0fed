import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';
import { RuntimeError } from './errors.ts';

export type Handler = (
  event: unknown,
  context: object,
  callback?: (error: unknown, result?: unknown) => void,
) => unknown;

/** A `.js` file without a package.json of its own is CommonJS on AWS, whatever stands above the folder here. */
function keepToTaskRoot(taskRoot: string): void {
  if (existsSync(join(taskRoot, 'package.json'))) return;
  const inside = pathToFileURL(`${taskRoot}/`).href;
  registerHooks({
    load: (url, context, next) =>
      url.startsWith(inside) && url.endsWith('.js')
        ? next(url, { ...context, format: 'commonjs' })
        : next(url, context),
  });
}

/**
 * Loads `path/module.export.nested` from the folder, as the Handler property names it.
 * Throws what the runtime reports: Runtime.ImportModuleError, Runtime.HandlerNotFound, or what the module throws.
 */
export async function loadHandler(taskRoot: string, name: string): Promise<Handler> {
  const [, path = '', exported = ''] = /^((?:.*\/)?[^./]+)\.(.+)$/.exec(name) ?? [];
  const file = ['.js', '.mjs', '.cjs']
    .map((extension) => join(taskRoot, path + extension))
    .find((at) => existsSync(at));
  if (file === undefined) throw new RuntimeError('Runtime.ImportModuleError', `Error: Cannot find module '${path}'`);
  keepToTaskRoot(taskRoot);
  const module = (await import(pathToFileURL(file).href)) as { default?: unknown };
  const find = (root: unknown): unknown =>
    exported.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], root);
  const handler = find(module) ?? find(module.default);
  if (handler === undefined) throw new RuntimeError('Runtime.HandlerNotFound', `${name} is undefined or not exported`);
  if (typeof handler !== 'function') throw new RuntimeError('Runtime.HandlerNotFound', `${name} is not a function`);
  return handler as Handler;
}

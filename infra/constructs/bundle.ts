import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { buildSync } from 'esbuild';
import { functionNames, FUNCTIONS } from './function-names.ts';

const root = resolve(import.meta.dirname, '../..');

/** One function's code, as Lambda gets it. `path` is a folder; `bytes` is the size of its one file. */
interface Bundle {
  readonly path: string;
  readonly bytes: number;
}
/** By the name of the function's file in functions/, such as `send-command`. */
export type Bundles = ReadonlyMap<string, Bundle>;

/**
 * Bundles every file of functions/ into DESTINATION/NAME/index.mjs, in one call of esbuild because one call per function
 * takes that many times as long. The same sources give the same bytes, so that a deployment changes only what changed.
 */
export function bundleFunctions(sources = FUNCTIONS, destination = join(root, 'dist', 'functions')): Bundles {
  const { outputFiles } = buildSync({
    absWorkingDir: root,
    entryPoints: functionNames(sources).map((name) => ({ in: join(sources, `${name}.ts`), out: join(name, 'index') })),
    outdir: destination,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    minify: true,
    legalComments: 'none',
    // No source map: reading it costs more start-up time than the bundle itself, and errors carry names of their own.
    sourcemap: false,
  });
  for (const { path, contents } of outputFiles) writeIfChanged(path, contents);
  return new Map(
    outputFiles.map(({ path, contents }) => [
      relative(destination, dirname(path)),
      { path: dirname(path), bytes: contents.byteLength },
    ]),
  );
}

/** By renaming, because several synths may run at once and none may read a file half written. */
function writeIfChanged(path: string, contents: Uint8Array): void {
  if (existsSync(path) && readFileSync(path).equals(contents)) return;
  mkdirSync(dirname(path), { recursive: true });
  const partial = `${dirname(path)}.${process.pid}.partial`;
  writeFileSync(partial, contents);
  renameSync(partial, path);
}

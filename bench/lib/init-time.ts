import { spawnSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';

/** Milliseconds that a fresh Node process takes to import a module: a cold start without Lambda's own part. */
export function initMilliseconds(file: string, env: Readonly<Record<string, string>>): number {
  const program = `const started = performance.now();
await import(${JSON.stringify(pathToFileURL(file).href)});
process.stdout.write(String(performance.now() - started));
process.exit(0);`;
  const run = spawnSync(process.execPath, ['--input-type=module', '--eval', program], { env, encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`importing ${file} failed: ${run.stderr}`);
  return Number(run.stdout);
}

import { spawnSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { median } from './measure.ts';

export type Environment = Readonly<Record<string, string>>;

/** Milliseconds that a fresh Node process takes to import a module: a cold start without Lambda's own part. */
function initMilliseconds(file: string, env: Environment): number {
  const program = `const started = performance.now();
await import(${JSON.stringify(pathToFileURL(file).href)});
process.stdout.write(String(performance.now() - started));
process.exit(0);`;
  const run = spawnSync(process.execPath, ['--input-type=module', '--eval', program], { env, encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`Importing ${file} failed: ${run.stderr}`);
  return Number(run.stdout);
}

/**
 * Medians of the time that two modules take to load, started by turns so that whatever else the machine does meets both
 * alike; each round the other one is first.
 */
export function alternatingInit(
  [one, other]: readonly [string, string],
  env: Environment,
  rounds: number,
): readonly [number, number] {
  const times = { one: [] as number[], other: [] as number[] };
  const starts = [
    () => times.one.push(initMilliseconds(one, env)),
    () => times.other.push(initMilliseconds(other, env)),
  ];
  for (let round = 0; round < rounds; round++) {
    for (const start of round % 2 === 0 ? starts : starts.toReversed()) start();
  }
  return [median(times.one), median(times.other)];
}

import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');

/** Runs the CDK app without its command line, which is slower and says more; replaces what is in `folder`. */
export function synthesize(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  const run = spawnSync(process.execPath, ['--no-warnings', join(root, 'infra/app.ts')], {
    cwd: root,
    env: { ...process.env, NODE_OPTIONS: '', CDK_OUTDIR: resolve(folder) },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (run.status !== 0) throw new Error('The CDK app did not synthesize; its message stands above.');
}

if (import.meta.main) synthesize(process.argv[2] ?? 'cdk.out');

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, renameSync, rmSync } from 'node:fs';

const SOURCES = ['infra/**/*.ts', 'functions/**/*.ts', 'statemachines/*.json', 'package-lock.json', 'cdk.json'];

/** Same sources, same assembly: it is made once, and again when one of them changes. */
function fingerprint() {
  const hash = createHash('sha256');
  for (const file of globSync(SOURCES).sort()) hash.update(file).update(readFileSync(file));
  return hash.digest('hex').slice(0, 16);
}

function synthesizeInto(folder) {
  const unfinished = `${folder}-${process.pid}`;
  const run = spawnSync(process.execPath, ['--no-warnings', 'infra/app.ts'], {
    env: { ...process.env, NODE_OPTIONS: '', CDK_OUTDIR: unfinished },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (run.status !== 0) throw new Error('the CDK app did not synthesize; its message stands above');
  if (existsSync(folder)) rmSync(unfinished, { recursive: true });
  else renameSync(unfinished, folder);
}

/** Jest's global set-up: synthesizes what all scenarios deploy, and tells them where it is (test/support/assembly.ts). */
export default function synthesize() {
  const folder = `dist/test-assembly/${fingerprint()}`;
  if (!existsSync(folder)) synthesizeInto(folder);
  process.env.TEST_ASSEMBLY = folder;
}

import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { synthesize } from '../../scripts/synthesize.ts';

const SOURCES = ['infra/**/*.ts', 'functions/**/*.ts', 'statemachines/*.json', 'package-lock.json', 'cdk.json'];

/** Same sources, same assembly: it is made once, and again when one of them changes. */
function fingerprint() {
  const hash = createHash('sha256');
  for (const file of globSync(SOURCES).sort()) hash.update(file).update(readFileSync(file));
  return hash.digest('hex').slice(0, 16);
}

/** By way of another folder, because two runs of the tests may begin at once. */
function fill(folder) {
  const unfinished = `${folder}-${process.pid}`;
  synthesize(unfinished);
  if (existsSync(folder)) rmSync(unfinished, { recursive: true });
  else renameSync(unfinished, folder);
}

/** Jest's global set-up: synthesizes what all scenarios deploy, and tells them where it is (test/support/assembly.ts). */
export default function setUp() {
  const folder = `dist/test-assembly/${fingerprint()}`;
  if (!existsSync(folder)) fill(folder);
  process.env.TEST_ASSEMBLY = folder;
}

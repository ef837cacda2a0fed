// Plain Node, no dependency: installs what the lock file names when the folder does not hold just that.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** The packages of a lock file as text, without the root entry and what differs between the two files by design. */
function packagesOf(path) {
  const { packages = {} } = JSON.parse(readFileSync(path, 'utf8'));
  return new Map(
    Object.entries(packages)
      .filter(([name, entry]) => name !== '' && !entry.optional)
      .map(([name, entry]) => [name, entry.version]),
  );
}

function installed() {
  if (!existsSync('node_modules/.package-lock.json')) return false;
  const present = packagesOf('node_modules/.package-lock.json');
  return [...packagesOf('package-lock.json')].every(([name, version]) => present.get(name) === version);
}

if (!installed()) {
  console.error('Installing dependencies (once; about a minute) …');
  const run = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (run.status !== 0) {
    console.error('npm ci failed; its message stands above. Mend it and run the command again.');
    process.exit(run.status ?? 1);
  }
}

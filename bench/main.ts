import { apiSuite } from './api.ts';
import { commandSuite } from './command.ts';
import { fleetSuite } from './fleet.ts';
import { functionsSuite } from './functions.ts';
import { rolloutSuite } from './rollout.ts';
import { synthesize } from './lib/assembly.ts';
import { bench } from './lib/cli.ts';

process.exitCode = await bench(
  process.argv.slice(2),
  [functionsSuite, commandSuite, apiSuite, fleetSuite, rolloutSuite],
  {
    out: (text) => void process.stdout.write(`${text}\n`),
    err: (text) => void process.stderr.write(`${text}\n`),
    assembly: synthesize,
  },
);

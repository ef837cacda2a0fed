import { conformance } from './states/conformance/cli.ts';

process.exitCode = await conformance(process.argv.slice(2), {
  out: (text) => void process.stdout.write(`${text}\n`),
  err: (text) => void process.stderr.write(`${text}\n`),
});

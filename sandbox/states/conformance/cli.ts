import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { differences, readRecorded, type Recorded } from './recorded.ts';
import { replay } from './replay.ts';

/** Where the command writes. */
interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

const USAGE = `Usage: npm run conformance -- [--json] FILE

Runs executions that were recorded on AWS through the interpreter and says where it differs: in status, output or
error, cause (where it is no Java message) or the events of the history: how many there are of each type, not their
order or their details.

  FILE     JSON: [{id, definition, input, expect: {status, output | error, cause}, eventTypes}]
  --json   prints one JSON document: {total, matching, results: [{id, differences}]}
  --help   prints this

Exits with 0 when all match, 1 when one does not, 2 when the file cannot be read.
`;

interface Result {
  readonly id: string;
  readonly differences: readonly string[];
}

class UsageError extends Error {}

function options(args: readonly string[]): { readonly json: boolean; readonly help: boolean; readonly file: string } {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { json: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } },
      allowPositionals: true,
    });
    const [file = '', ...others] = positionals;
    if (!values.help && (file === '' || others.length > 0)) throw new UsageError('Exactly one FILE is needed.');
    return { ...values, file };
  } catch (error) {
    throw error instanceof UsageError ? error : new UsageError((error as Error).message);
  }
}

function read(file: string): Recorded[] {
  try {
    return readRecorded(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UsageError(`${file}: ${(error as Error).message}`);
  }
}

function report(results: readonly Result[], matching: number, json: boolean, out: Terminal['out']): void {
  if (json) {
    out(JSON.stringify({ total: results.length, matching, results }, null, 2));
    return;
  }
  results.forEach(({ id, differences: found }, index) => {
    if (found.length > 0) out(`#${index + 1} ${id}\n${found.map((difference) => `    ${difference}`).join('\n')}`);
  });
  out(`${matching} of ${results.length} match`);
}

async function run(args: readonly string[], { out }: Terminal): Promise<number> {
  const { json, help, file } = options(args);
  if (help) {
    out(USAGE);
    return 0;
  }
  const results: Result[] = [];
  for (const recorded of read(file)) {
    results.push({ id: recorded.id, differences: differences(recorded, await replay(recorded)) });
  }
  const matching = results.filter(({ differences: found }) => found.length === 0).length;
  report(results, matching, json, out);
  return matching === results.length ? 0 : 1;
}

/** `npm run conformance`: returns the exit code that the usage text promises. */
export async function conformance(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    return await run(args, terminal);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    terminal.err(`${error.message}\n\n${USAGE}`);
    return 2;
  }
}

import { Argument, Command, CommanderError } from 'commander';
import { availableParallelism, cpus } from 'node:os';
import type { Row, Suite } from './suite.ts';
import { table } from './table.ts';

/** Where the command writes, and what its suites measure. */
export interface Surroundings {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Builds the assembly and returns its folder; asked for once. */
  readonly assembly: () => string;
}

interface Options {
  readonly json: boolean;
}

const machine = (): string =>
  `Node ${process.versions.node}, ${process.platform} ${process.arch}, ${availableParallelism()} × ${cpus()[0]?.model ?? 'unknown CPU'}`;

async function measure(
  suites: readonly Suite[],
  { json }: Options,
  { out, err, assembly }: Surroundings,
): Promise<void> {
  const folder = assembly();
  const results: Record<string, readonly Row[]> = {};
  if (!json) out(`${machine()}\n`);
  for (const suite of suites) {
    if (json) err(`measuring ${suite.name} …`);
    else out(`${suite.name}\n\n${suite.method}\n`);
    const rows = await suite.run(folder, (what) => err(`measuring ${suite.name}: ${what} …`));
    results[suite.name] = rows;
    if (!json) out(`${table(rows)}\n\n${suite.verdict(rows)}\n`);
  }
  if (json) out(JSON.stringify(results, null, 2));
}

function command(suites: readonly Suite[], surroundings: Surroundings): Command {
  const names = suites.map(({ name }) => name);
  return new Command('npm run bench --')
    .description('Measures Fleetwright and prints a table per suite, with how it was measured.')
    .addArgument(new Argument('[suite...]', 'what to measure (all unless told)').choices(names))
    .option('--json', 'print one JSON document, {suite: [rows]}, and nothing else on stdout', false)
    .addHelpText('after', '\nnpm prints a banner of its own on stdout: npm run --silent bench -- --json | jq .')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => surroundings.out(text.trimEnd()),
      writeErr: (text) => surroundings.err(text.trimEnd()),
    })
    .action((wanted: readonly string[], options: Options) =>
      measure(
        suites.filter(({ name }) => wanted.length === 0 || wanted.includes(name)),
        options,
        surroundings,
      ),
    );
}

/** `npm run bench`: returns the exit code, 0 unless the arguments are wrong. Rejects when a measurement fails. */
export async function bench(
  args: readonly string[],
  suites: readonly Suite[],
  surroundings: Surroundings,
): Promise<number> {
  try {
    await command(suites, surroundings).parseAsync([...args], { from: 'user' });
    return 0;
  } catch (error) {
    // Commander has told what is wrong, or given its help.
    if (error instanceof CommanderError) return error.exitCode;
    throw error;
  }
}

import type { ExecResult, ResolvedCommandContext } from 'just-bash';
import type { Machine } from '../machine.ts';
import type { Kill } from './kill.ts';

/** The script that a command is part of. */
export interface Running {
  readonly machine: Machine;
  readonly killed: AbortSignal;
  readonly kill: Kill;
  /** Those of the `timeout` commands that are under way, outermost first. */
  readonly timeouts: AbortSignal[];
  /** How many commands have run since time last passed. */
  work: number;
}

export type Execute = (args: readonly string[], context: ResolvedCommandContext) => Promise<ExecResult>;

/** A command of ours: what it prints is the answer; it fails by throwing CommandFailed. */
export type Command = (
  running: Running,
) => (args: readonly string[], context: ResolvedCommandContext) => string | Promise<string>;

/** Ends a command with a message on stderr, and with what it had printed so far. */
export class CommandFailed extends Error {
  readonly exitCode: number;
  readonly stdout: string;

  constructor(message: string, exitCode = 1, stdout = '') {
    super(message);
    this.exitCode = exitCode;
    this.stdout = stdout;
  }
}

/** Makes a command what just-bash calls. */
export function executable(command: Command, running: Running): Execute {
  const run = command(running);
  return async (args, context) => {
    try {
      return { stdout: await run(args, context), stderr: '', exitCode: 0 };
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error;
      const stderr = error.message === '' ? '' : `${error.message}\n`;
      return { stdout: error.stdout, stderr, exitCode: error.exitCode };
    }
  };
}

/** Splits arguments into single-letter and long flags and the rest; an unknown one is refused as getopt words it. */
export function flags(name: string, args: readonly string[], known: string, long: readonly string[] = []) {
  const given = new Set<string>();
  const rest: string[] = [];
  const refuse = (text: string) => new CommandFailed(`${name}: ${text}\nTry '${name} --help' for more information.`);
  for (const arg of args) {
    if (arg.startsWith('--')) {
      if (!long.includes(arg.slice(2))) throw refuse(`unrecognized option '${arg}'`);
      given.add(arg.slice(2));
    } else if (arg.startsWith('-') && arg.length > 1) {
      for (const letter of arg.slice(1)) {
        if (!known.includes(letter)) throw refuse(`invalid option -- '${letter}'`);
        given.add(letter);
      }
    } else {
      rest.push(arg);
    }
  }
  return { given, rest };
}

/** Rows in columns, padded to the widest, as most Linux tools print them; `right` names the right-aligned columns. */
export function table(rows: readonly (readonly string[])[], right: readonly number[] = [], gap = ' '): string {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, index) => (widths[index] = Math.max(widths[index] ?? 0, cell.length)));
  const line = (row: readonly string[]) =>
    row.map((cell, index) =>
      right.includes(index) ? cell.padStart(widths[index] ?? 0) : cell.padEnd(widths[index] ?? 0),
    );
  return rows.map((row) => `${line(row).join(gap).trimEnd()}\n`).join('');
}

import { Bash } from 'just-bash';
import { BUILT_IN } from './commands/table.ts';

let loaded: Promise<unknown> | undefined;

/**
 * Loads the module of every built-in command. just-bash does so at a command's first use, and what some modules draw from
 * Math.random while they load would shift the chance of the script that happened to come first.
 */
export function preload(): Promise<unknown> {
  const help = BUILT_IN.map((name) => `${name} --help`).join('\n');
  loaded ??= new Bash({ commands: BUILT_IN, defenseInDepth: false }).exec(help);
  return loaded;
}

import type { Machine } from '../machine.ts';
import { type Command, CommandFailed } from './command.ts';

interface Rules {
  readonly keep: number;
  readonly missingOk: boolean;
  readonly ifEmpty: boolean;
}

const DEFAULTS: Rules = { keep: 0, missingOk: false, ifEmpty: true };
/** Have no say when a rotation is forced, or say what happens here anyway. */
const WITHOUT_EFFECT = /^(?:hourly|daily|weekly|monthly|yearly|create(?: .*)?|copytruncate|nocompress|nodateext)$/;

const refuse = (what: string): CommandFailed => new CommandFailed(`error: ${what}`);

/** Command `logrotate --force CONFIGURATION`, with the directives that `directive` knows; another one is refused. */
export const logrotate: Command =
  ({ machine }) =>
  async (args) => {
    const [configuration, ...more] = args.filter((arg) => arg !== '-f' && arg !== '--force');
    if (configuration === undefined || more.length > 0 || args.length !== 2)
      throw refuse(`the sandbox does not model 'logrotate ${args.join(' ')}'`);
    await read(machine, configuration, { ...DEFAULTS });
    return '';
  };

async function read(machine: Machine, file: string, outer: Rules): Promise<void> {
  const text = await machine.fs.readFile(file).catch(() => {
    throw refuse(`cannot stat ${file}: No such file or directory`);
  });
  let global = outer;
  let block: { readonly logs: readonly string[]; rules: Rules } | undefined;
  for (const line of text
    .split('\n')
    .map((each) => each.replace(/#.*$/, '').trim())
    .filter((each) => each !== '')) {
    if (line.endsWith('{')) block = { logs: line.slice(0, -1).trim().split(/\s+/), rules: global };
    else if (line === '}') {
      for (const log of block?.logs ?? []) await rotate(machine, log, block?.rules ?? global);
      block = undefined;
    } else if (line.startsWith('include ')) await include(machine, line.slice(8).trim(), global);
    else if (block !== undefined) block.rules = directive(line, block.rules);
    else global = directive(line, global);
  }
}

async function include(machine: Machine, path: string, rules: Rules): Promise<void> {
  const { isDirectory } = await machine.fs.stat(path);
  for (const file of isDirectory ? await machine.fs.readdir(path) : []) await read(machine, `${path}/${file}`, rules);
  if (!isDirectory) await read(machine, path, rules);
}

function directive(line: string, rules: Rules): Rules {
  if (WITHOUT_EFFECT.test(line)) return rules;
  if (/^rotate \d+$/.test(line)) return { ...rules, keep: Number(line.slice(7)) };
  switch (line) {
    case 'missingok':
      return { ...rules, missingOk: true };
    case 'notifempty':
      return { ...rules, ifEmpty: false };
    case 'ifempty':
      return { ...rules, ifEmpty: true };
    default:
      throw refuse(`the sandbox does not model the directive '${line}'`);
  }
}

async function rotate(machine: Machine, log: string, { keep, missingOk, ifEmpty }: Rules): Promise<void> {
  const { fs } = machine;
  if (/[*?[]/.test(log)) throw refuse(`the sandbox does not model patterns such as '${log}'`);
  if (!(await fs.exists(log))) {
    if (missingOk) return;
    throw refuse(`stat of ${log} failed: No such file or directory`);
  }
  const { size, mode } = await fs.stat(log);
  if (size === 0 && !ifEmpty) return;
  await fs.rm(`${log}.${keep}`, { force: true });
  for (let number = keep - 1; number >= 1; number--)
    if (await fs.exists(`${log}.${number}`)) await fs.mv(`${log}.${number}`, `${log}.${number + 1}`);
  if (keep > 0) await fs.cp(log, `${log}.1`);
  // Made anew or emptied: to a machine without open files it is the same.
  await fs.writeFile(log, '');
  await fs.chmod(log, mode);
}

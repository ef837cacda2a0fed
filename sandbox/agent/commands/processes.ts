import type { Unit } from '../hardware.ts';
import type { Machine } from '../machine.ts';
import { resolvePath } from '../paths.ts';
import { type Command, CommandFailed, type Execute, flags, type Running, table } from './command.ts';
import { isKill, withoutKill } from './kill.ts';
import { mainPid } from './services.ts';

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** A duration as sleep and timeout take it, in milliseconds. */
function duration(command: string, text: string): number {
  const [, number, unit = 's'] = /^(\d+(?:\.\d*)?|\.\d+)([smhd]?)$/.exec(text) ?? [];
  if (number === undefined) throw new CommandFailed(`${command}: invalid time interval '${text}'`);
  return Number(number) * (UNIT_SECONDS[unit || 's'] ?? 1) * 1000;
}

/** Waits in the machine's time. Ends the script when it is killed, or what a `timeout` around the wait runs. */
async function wait(running: Running, milliseconds: number): Promise<void> {
  running.work = 0;
  try {
    await running.machine.clock.sleep(milliseconds, AbortSignal.any([running.killed, ...running.timeouts]));
  } catch {
    running.kill();
  }
}

/** Command `sleep` (GNU coreutils). */
export const sleep: Command = (running) => async (args) => {
  if (args.length === 0) throw new CommandFailed('sleep: missing operand');
  const milliseconds = args.reduce((sum, arg) => sum + duration('sleep', arg), 0);
  await wait(running, milliseconds);
  return '';
};

/** Command `timeout DURATION COMMAND…` (GNU coreutils); signals are all alike here. */
export const timeout =
  (running: Running): Execute =>
  async (args, context) => {
    const rest = args.filter(
      (arg, index) => !arg.startsWith('-') || args.slice(0, index).some((before) => !before.startsWith('-')),
    );
    const [limit = '', name = '', ...operands] = rest;
    const { exec } = context;
    if (exec === undefined) throw new Error('just-bash gave no exec');
    const { clock } = running.machine;
    const expired = new AbortController();
    const cancel = clock.schedule(clock.now() + duration('timeout', limit), () => expired.abort());
    const quoted = `'${name.replaceAll("'", "'\\''")}'`;
    running.timeouts.push(expired.signal);
    const result = await exec(quoted, { cwd: context.cwd, args: [...operands] }).finally(() => {
      cancel();
      running.timeouts.pop();
    });
    return isKill(result) && !running.killed.aborted
      ? { stdout: result.stdout, stderr: withoutKill(result.stderr), exitCode: 124 }
      : result;
  };

const processes = (machine: Machine): readonly Unit[] =>
  [...machine.units.values()].filter(({ state }) => state === 'active');

/** Command `ps` (procps): the machine's units and the script itself. */
export const ps: Command =
  ({ machine }) =>
  (args) => {
    const wide = args.some((arg) => /^-?\w*(aux|ef|e|A)/.test(arg));
    if (!wide)
      return table(
        [
          ['PID', 'TTY', 'TIME', 'CMD'],
          ['1001', '?', '00:00:00', 'sh'],
          ['1002', '?', '00:00:00', 'ps'],
        ],
        [0],
      );
    const rows = processes(machine).map((unit) => [
      'root',
      String(mainPid(machine, unit)),
      '0.0',
      '0.5',
      '00:00:01',
      unit.command,
    ]);
    const init = ['root', '1', '0.0', '0.3', '00:00:02', '/usr/lib/systemd/systemd --switched-root --system'];
    return table([['USER', 'PID', '%CPU', '%MEM', 'TIME', 'COMMAND'], init, ...rows], [1, 2, 3]);
  };

/** Command `pgrep [-f] PATTERN` (procps). */
export const pgrep: Command =
  ({ machine }) =>
  (args) => {
    const { rest } = flags('pgrep', args, 'flx');
    const pattern = new RegExp(rest[0] ?? '');
    const found = processes(machine).filter(({ command, name }) => pattern.test(command) || pattern.test(name));
    if (found.length === 0) throw new CommandFailed('', 1);
    return found.map((unit) => `${mainPid(machine, unit)}\n`).join('');
  };

/** Command `mktemp` (GNU coreutils), its names seeded. */
export const mktemp: Command =
  ({ machine }) =>
  async (args, context) => {
    const { given, rest } = flags('mktemp', args, 'dqtu');
    const template = rest[0] ?? '/tmp/tmp.XXXXXXXXXX';
    const [places] = /X{3,}$/.exec(template) ?? [];
    if (places === undefined) throw new CommandFailed(`mktemp: too few X's in template '${template}'`);
    const path = `${template.slice(0, -places.length)}${machine.random.alphanumeric(places.length)}`;
    const absolute = given.has('t') ? resolvePath('/tmp', path) : resolvePath(context.cwd, path);
    if (!given.has('u')) await (given.has('d') ? machine.fs.mkdir(absolute) : machine.fs.writeFile(absolute, ''));
    return `${given.has('t') ? absolute : path}\n`;
  };

/** Commands that would take the machine down: EC2 does that here, by RebootInstances and StopInstances. */
export const refused =
  (name: string): Command =>
  () =>
  () => {
    throw new CommandFailed(
      `${name}: the sandbox does not model a shutdown from within; use RebootInstances or StopInstances`,
    );
  };

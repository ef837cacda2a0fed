import type { Machine } from '../machine.ts';
import { type Command, CommandFailed } from './command.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const HOUR = 3_600_000;
const UNITS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: HOUR,
  d: 24 * HOUR,
  weeks: 168 * HOUR,
};

const directory = ({ hardware }: Machine): string =>
  `/var/log/journal/${hardware.instanceId.slice(2).padStart(32, '0')}`;

/**
 * Command `journalctl` (systemd). The journal is text here, one entry a line that begins with its time (`Jan  5 08:00:00`), in
 * system.journal and the archives beside it.
 */
export const journalctl: Command =
  ({ machine }) =>
  async (args) => {
    const options = args.filter((arg) => arg !== '--no-pager');
    const [option = '', value = ''] = options;
    const vacuum = /^--vacuum-time=(\d+)(s|m|min|h|d|weeks)$/.exec(option);
    if (options.length === 0) return entries(machine, 0);
    if (option === '--rotate' && options.length === 1) return rotate(machine);
    if (vacuum !== null && options.length === 1)
      return drop(machine, Number(vacuum[1]) * (UNITS[vacuum[2] ?? ''] ?? 0));
    const hours = /^(\d+) hours ago$/.exec(value)?.[1];
    if (option === '--since' && hours !== undefined && options.length === 2)
      return entries(machine, machine.clock.now() - Number(hours) * HOUR);
    throw new CommandFailed(`journalctl: the sandbox does not model 'journalctl ${args.join(' ')}'`);
  };

const files = (machine: Machine): Promise<string[]> => machine.fs.readdir(directory(machine)).catch(() => []);

async function entries(machine: Machine, since: number): Promise<string> {
  const texts: string[] = [];
  // Archives (`system@…`) sort behind `system.journal` and are older.
  const names = await files(machine);
  for (const name of [...names.filter((each) => each.includes('@')), ...names.filter((each) => !each.includes('@'))])
    texts.push(await machine.fs.readFile(`${directory(machine)}/${name}`));
  const year = new Date(machine.clock.now()).getUTCFullYear();
  const kept = texts
    .join('')
    .split('\n')
    .filter((line) => line !== '' && timeOf(line, year) >= since);
  return kept.length === 0 ? '-- No entries --\n' : kept.map((line) => `${line}\n`).join('');
}

function timeOf(line: string, year: number): number {
  const [, month = '', day, hour, minute, second] = /^(\w{3}) +(\d+) (\d\d):(\d\d):(\d\d) /.exec(line) ?? [];
  if (second === undefined) throw new CommandFailed(`journalctl: no time at the begin of '${line}'`);
  return Date.UTC(year, MONTHS.indexOf(month), Number(day), Number(hour), Number(minute), Number(second));
}

async function rotate(machine: Machine): Promise<string> {
  const active = `${directory(machine)}/system.journal`;
  if (!(await machine.fs.exists(active))) return '';
  const archive = `${directory(machine)}/system@${machine.clock.now().toString(16).padStart(16, '0')}.journal`;
  const { mtime } = await machine.fs.stat(active);
  await machine.fs.mv(active, archive);
  await machine.fs.utimes(archive, mtime, mtime);
  await machine.fs.writeFile(active, '');
  return '';
}

async function drop(machine: Machine, age: number): Promise<string> {
  let freed = 0;
  for (const name of await files(machine)) {
    const path = `${directory(machine)}/${name}`;
    const { mtime, size } = await machine.fs.stat(path);
    if (!name.includes('@') || mtime.getTime() >= machine.clock.now() - age) continue;
    await machine.fs.rm(path);
    freed += size;
  }
  return `Vacuuming done, freed ${freed}B of archived journals from ${directory(machine)}.\n`;
}

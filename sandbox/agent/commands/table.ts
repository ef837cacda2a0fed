import { type CommandName, getCommandNames } from 'just-bash';
import { aws } from './aws.ts';
import { cloudInit } from './cloud-init.ts';
import { type Command, executable, type Execute, type Running } from './command.ts';
import { find, FIND_WITHIN } from './find.ts';
import { journalctl } from './journal.ts';
import { logrotate } from './logrotate.ts';
import { ip, netstat, ss } from './network.ts';
import { mktemp, pgrep, ps, refused, sleep, timeout } from './processes.ts';
import { docker, service, systemctl } from './services.ts';
import { df, findmnt, lsblk, mount, umount } from './storage.ts';
import { arch, free, hostname, id, lscpu, nproc, top, uname, uptime, whoami } from './system.ts';
import { systemdRun } from './systemd-run.ts';

const COMMANDS: Readonly<Record<string, Command>> = {
  arch,
  aws,
  'cloud-init': cloudInit,
  df,
  docker,
  findmnt,
  free,
  halt: refused('halt'),
  hostname,
  id,
  ip,
  journalctl,
  logrotate,
  lsblk,
  lscpu,
  mktemp,
  mount,
  netstat,
  nproc,
  pgrep,
  poweroff: refused('poweroff'),
  ps,
  reboot: refused('reboot'),
  service,
  shutdown: refused('shutdown'),
  sleep,
  ss,
  systemctl,
  top,
  umount,
  uname,
  uptime,
  whoami,
};

/** just-bash's own that need what a machine here does not have: workers with a clock of their own, a network, QuickJS. */
const LEFT_OUT = new Set(['sqlite3', 'python', 'python3', 'js-exec', 'curl', 'html-to-markdown', 'help', 'clear']);
const OURS = new Set([...Object.keys(COMMANDS), FIND_WITHIN, 'systemd-run', 'timeout']);

/** just-bash's commands that machines have as they are. */
export const BUILT_IN = getCommandNames().filter((name) => !LEFT_OUT.has(name) && !OURS.has(name)) as CommandName[];

/** Every command that a script finds in /usr/bin. */
export const COMMAND_NAMES: readonly string[] = [...BUILT_IN, ...OURS];

/** The commands that a Linux machine has beside just-bash's own, by name. */
export function commandTable(running: Running): Readonly<Record<string, Execute>> {
  const ours = Object.entries(COMMANDS).map(([name, command]) => [name, executable(command, running)] as const);
  const more = { [FIND_WITHIN]: find(running), 'systemd-run': systemdRun(running), timeout: timeout(running) };
  return { ...Object.fromEntries(ours), ...more };
}

import { cpuModel } from '../proc.ts';
import { type Command, CommandFailed, flags, table } from './command.ts';

/** Command `uname` (GNU coreutils). */
export const uname: Command =
  ({ machine }) =>
  (args) => {
    const { given } = flags('uname', args, 'asnrvmpio', ['all', 'kernel-release']);
    const { hardware } = machine;
    const has = (letter: string) => given.has(letter) || given.has('a') || given.has('all');
    const parts = [
      has('s') || given.size === 0 ? 'Linux' : '',
      has('n') ? hardware.hostname : '',
      has('r') || given.has('kernel-release') ? hardware.software.kernel : '',
      has('v') ? '#1 SMP PREEMPT_DYNAMIC' : '',
      has('m') ? hardware.architecture : '',
      has('p') ? hardware.architecture : '',
      has('i') ? hardware.architecture : '',
      has('o') ? 'GNU/Linux' : '',
    ];
    return `${parts.filter((part) => part !== '').join(' ')}\n`;
  };

export const arch: Command =
  ({ machine }) =>
  () =>
    `${machine.hardware.architecture}\n`;

/** Command `id`: scripts of the SSM Agent run as root. */
export const id: Command = () => (args) => {
  const { given, rest } = flags('id', args, 'ugGnr');
  const [user] = rest;
  if (user !== undefined && user !== 'root') throw new CommandFailed(`id: '${user}': no such user`);
  if (given.size === 0) return 'uid=0(root) gid=0(root) groups=0(root)\n';
  return given.has('n') ? 'root\n' : '0\n';
};

export const whoami: Command = () => () => 'root\n';

/** Command `hostname`; setting a name is refused. */
export const hostname: Command =
  ({ machine }) =>
  (args) => {
    const { given, rest } = flags('hostname', args, 'fsiIA');
    if (rest.length > 0) throw new CommandFailed('hostname: the sandbox does not model changing the host name');
    const { hardware } = machine;
    if (given.has('I') || given.has('i')) return `${hardware.privateIp} \n`;
    return `${given.has('s') ? (hardware.hostname.split('.')[0] ?? '') : hardware.hostname}\n`;
  };

const pad = (value: number): string => String(value).padStart(2, '0');
const load = (values: readonly number[]): string => values.map((value) => value.toFixed(2)).join(', ');

function upFor(milliseconds: number): string {
  const minutes = Math.floor(milliseconds / 60_000);
  const days = Math.floor(minutes / 1440);
  const hours = Math.floor(minutes / 60) % 24;
  const prefix = days === 0 ? '' : `${days} ${days === 1 ? 'day' : 'days'}, `;
  return hours === 0 ? `${prefix}${minutes % 60} min` : `${prefix}${String(hours).padStart(2)}:${pad(minutes % 60)}`;
}

function uptimeLine(now: number, bootedAt: number, loads: readonly number[]): string {
  const time = new Date(now).toISOString().slice(11, 19);
  return ` ${time} up ${upFor(now - bootedAt)},  0 users,  load average: ${load(loads)}\n`;
}

/** Command `uptime` (procps). */
export const uptime: Command =
  ({ machine }) =>
  (args) => {
    const { given } = flags('uptime', args, 'ps', ['pretty', 'since']);
    const { bootedAt, software } = machine.hardware;
    const now = machine.clock.now();
    if (given.has('s') || given.has('since'))
      return `${new Date(bootedAt).toISOString().slice(0, 19).replace('T', ' ')}\n`;
    if (given.has('p') || given.has('pretty')) return `up ${Math.floor((now - bootedAt) / 60_000)} minutes\n`;
    return uptimeLine(now, bootedAt, software.load);
  };

export const nproc: Command =
  ({ machine }) =>
  (args) => {
    flags('nproc', args, '', ['all']);
    return `${machine.hardware.vcpus}\n`;
  };

/** Command `lscpu` (util-linux), the lines that diagnostics look at. */
export const lscpu: Command =
  ({ machine }) =>
  () => {
    const { architecture, vcpus } = machine.hardware;
    return table(
      [
        ['Architecture:', architecture],
        ['CPU(s):', String(vcpus)],
        ['On-line CPU(s) list:', vcpus === 1 ? '0' : `0-${vcpus - 1}`],
        ['Model name:', cpuModel(architecture)],
      ],
      [],
      '  ',
    );
  };

const UNITS: Readonly<Record<string, number>> = { b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** Bytes as `free -h` and `df -h` write them. */
export function human(bytes: number, suffixes: readonly string[]): string {
  let value = bytes;
  let index = 0;
  while (value >= 1024 && index < suffixes.length - 1) {
    value /= 1024;
    index++;
  }
  const text = value < 10 && index > 0 ? (Math.ceil(value * 10) / 10).toFixed(1) : String(Math.ceil(value));
  return `${text}${suffixes[index] ?? ''}`;
}

/** Command `free` (procps). */
export const free: Command =
  ({ machine }) =>
  (args) => {
    const { given } = flags('free', args, 'bkmght', ['mega', 'human']);
    const { memoryMiB, software } = machine.hardware;
    const total = memoryMiB * 1024 ** 2;
    const used = Math.round(total * software.memoryUsed);
    const [unit] = [...given].filter((flag) => flag in UNITS);
    const show = (bytes: number): string =>
      given.has('h') || given.has('human')
        ? human(bytes, ['B', 'Ki', 'Mi', 'Gi', 'Ti'])
        : String(Math.floor(bytes / (given.has('mega') ? 1e6 : (UNITS[unit ?? 'k'] ?? 1024))));
    const cells = (...values: number[]) => values.map((value) => show(value).padStart(12)).join('');
    const head = ['total', 'used', 'free', 'shared', 'buff/cache', 'available']
      .map((name) => name.padStart(12))
      .join('');
    const cache = Math.round((total - used) * 0.4);
    return `       ${head}\nMem:   ${cells(total, used, total - used - cache, 0, cache, total - used)}\nSwap:  ${cells(0, 0, 0)}\n`;
  };

/** Command `top -b -n 1` (procps); the interactive form needs a terminal. */
export const top: Command =
  ({ machine }) =>
  (args) => {
    if (!args.some((arg) => /^-\w*b/.test(arg))) throw new CommandFailed('top: failed tty get');
    const { hardware, clock, units } = machine;
    const total = hardware.memoryMiB;
    const used = total * hardware.software.memoryUsed;
    const running = [...units.values()].filter(({ state }) => state === 'active');
    const rows = running.map(({ command }, index) => {
      const [path = ''] = command.split(' ');
      return `${String(700 + index).padStart(7)} root      20   0  100000  20000  10000 S   0.0   0.5   0:01.00 ${path.split('/').at(-1) ?? ''}\n`;
    });
    return [
      `top -${uptimeLine(clock.now(), hardware.bootedAt, hardware.software.load)}`,
      `Tasks: ${100 + running.length} total,   1 running, ${99 + running.length} sleeping,   0 stopped,   0 zombie\n`,
      `%Cpu(s):  ${Math.min(100, (hardware.software.load[0] / hardware.vcpus) * 100).toFixed(1)} us,  0.5 sy,  0.0 ni\n`,
      `MiB Mem : ${total.toFixed(1)} total, ${(total - used).toFixed(1)} free, ${used.toFixed(1)} used\n\n`,
      '    PID USER      PR  NI    VIRT    RES    SHR S  %CPU  %MEM     TIME+ COMMAND\n',
      ...rows,
    ].join('');
  };

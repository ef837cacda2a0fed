import { findDevice, fstabEntries } from '../fstab.ts';
import type { BlockDevice } from '../hardware.ts';
import type { Machine } from '../machine.ts';
import { resolvePath } from '../paths.ts';
import { type Command, CommandFailed, flags, table } from './command.ts';
import { human } from './system.ts';

const GIB = 1024 ** 3;
/** What an operating system takes of its root volume; images here hold but the files that matter. */
const SYSTEM_BYTES = 1.6 * GIB;

interface Mounted {
  readonly point: string;
  readonly source: string;
  readonly device: BlockDevice | undefined;
}

const partition = (device: BlockDevice, index: number): string => `/dev/${device.kernelName}${index === 0 ? 'p1' : ''}`;

/** What is mounted where, in the order of mounting; /proc has no device. */
function mounted(machine: Machine): readonly Mounted[] {
  const { devices } = machine.hardware;
  return [...machine.fs.mounts].map(([point, disk]) => {
    const index = devices.findIndex((device) => device.disk === disk);
    const device = devices[index];
    return { point, device, source: device === undefined ? point.slice(1) : partition(device, index) };
  });
}

function usage({ device, point }: Mounted): { readonly size: number; readonly used: number } {
  if (device === undefined) return { size: 0, used: 0 };
  const used = device.disk.usedBytes + (point === '/' ? SYSTEM_BYTES : 0);
  return { size: device.sizeGiB * GIB, used: Math.min(used, device.sizeGiB * GIB) };
}

/** Command `df` (GNU coreutils) of the disks; `-i`, `-x` and others are refused. */
export const df: Command =
  ({ machine }) =>
  (args, context) => {
    const { given, rest } = flags('df', args, 'hHkmPTal', ['human-readable', 'local', 'print-type']);
    const all = mounted(machine).filter(({ device }) => device !== undefined);
    const chosen = rest.length === 0 ? all : rest.map((path) => holding(all, resolvePath(context.cwd, path)));
    const readable = given.has('h') || given.has('H') || given.has('human-readable');
    const unit = given.has('m') ? 1024 ** 2 : 1024;
    const show = (bytes: number) =>
      readable ? human(bytes, ['', 'K', 'M', 'G', 'T']) : String(Math.ceil(bytes / unit));
    const withType = given.has('T') || given.has('print-type');
    const head = [
      'Filesystem',
      ...(withType ? ['Type'] : []),
      readable ? 'Size' : given.has('m') ? '1M-blocks' : '1K-blocks',
    ];
    const rows = chosen.map((mount) => {
      const { size, used } = usage(mount);
      const percent = `${Math.ceil((used / size) * 100)}%`;
      return [
        mount.source,
        ...(withType ? ['xfs'] : []),
        show(size),
        show(used),
        show(size - used),
        percent,
        mount.point,
      ];
    });
    const first = withType ? 2 : 1;
    const available = readable ? 'Avail' : 'Available';
    return table(
      [[...head, 'Used', available, 'Use%', 'Mounted on'], ...rows],
      [first, first + 1, first + 2, first + 3],
    );
  };

function holding(all: readonly Mounted[], path: string): Mounted {
  const candidates = all.filter(({ point }) => point === '/' || path === point || path.startsWith(`${point}/`));
  const found = candidates.reduce<Mounted | undefined>(
    (best, next) => (best === undefined || next.point.length >= best.point.length ? next : best),
    undefined,
  );
  if (found === undefined) throw new CommandFailed(`df: ${path}: No such file or directory`);
  return found;
}

const optionsOf = ({ device }: Mounted): string =>
  device === undefined ? 'rw,nosuid,nodev,noexec,relatime' : 'rw,relatime';
const typeOf = ({ device, point }: Mounted): string => (device === undefined ? point.slice(1) : 'xfs');

/** Command `mount` (util-linux): lists, or mounts a device or what fstab says of a mount point. */
export const mount: Command =
  ({ machine }) =>
  async (args, context) => {
    const rest = withoutOptions(args);
    if (args.length === 0) {
      return mounted(machine)
        .map((each) => `${each.source} on ${each.point} type ${typeOf(each)} (${optionsOf(each)})\n`)
        .join('');
    }
    const entries = fstabEntries(await machine.fs.readFile('/etc/fstab').catch(() => ''));
    if (args.includes('-a')) {
      for (const entry of entries)
        if (entry.point !== '/' && !machine.fs.mounts.has(entry.point)) mountOn(machine, entry.source, entry.point);
      return '';
    }
    const [first = '', second] = rest;
    const point = second ?? first;
    const entry =
      second === undefined ? entries.find((each) => each.point === first || each.source === first) : undefined;
    if (second === undefined && entry === undefined)
      throw new CommandFailed(`mount: ${first}: can't find in /etc/fstab.`, 1);
    mountOn(machine, entry?.source ?? first, entry?.point ?? resolvePath(context.cwd, point));
    return '';
  };

/** Leaves out `-t TYPE`, `-o OPTIONS` and `-a`: every file system here is alike. */
function withoutOptions(args: readonly string[]): string[] {
  return args.filter(
    (arg, index) => !['-t', '-o', '-a'].includes(arg) && !['-t', '-o'].includes(args[index - 1] ?? ''),
  );
}

function mountOn(machine: Machine, source: string, point: string): void {
  const device = findDevice(machine.hardware, source);
  if (device === undefined) throw new CommandFailed(`mount: ${point}: special device ${source} does not exist.`, 32);
  if ([...machine.fs.mounts.values()].includes(device.disk))
    throw new CommandFailed(`mount: ${point}: ${source} already mounted.`, 32);
  try {
    machine.fs.mount(point, device.disk);
  } catch (error) {
    const { code } = error as { code?: unknown };
    throw new CommandFailed(
      code === 'EBUSY' ? `mount: ${point}: already mounted.` : `mount: ${point}: mount point does not exist.`,
      32,
    );
  }
}

/** Command `umount` (util-linux), by mount point or device. */
export const umount: Command =
  ({ machine }) =>
  (args, context) => {
    for (const target of flags('umount', args, 'lf').rest) {
      const path = resolvePath(context.cwd, target);
      const found = mounted(machine).find(({ point, source }) => point === path || source === target);
      if (found === undefined) throw new CommandFailed(`umount: ${target}: not mounted.`, 32);
      if (found.point === '/') throw new CommandFailed('umount: /: target is busy.', 32);
      machine.fs.unmount(found.point);
    }
    return '';
  };

/** Command `findmnt` (util-linux) as a list; `-n` leaves the header out, a path filters. */
export const findmnt: Command =
  ({ machine }) =>
  (args) => {
    const { given, rest } = flags('findmnt', args, 'nlrA', ['noheadings', 'list', 'real']);
    const all = mounted(machine).filter(({ point, source, device }) =>
      rest.length > 0 ? rest.includes(point) || rest.includes(source) : !given.has('real') || device !== undefined,
    );
    if (all.length === 0) throw new CommandFailed('', 1);
    const rows = all.map((each) => [each.point, each.source, typeOf(each), optionsOf(each)]);
    const head = given.has('n') || given.has('noheadings') ? [] : [['TARGET', 'SOURCE', 'FSTYPE', 'OPTIONS']];
    return table([...head, ...rows]);
  };

/** Command `lsblk` (util-linux), its default columns, or `-f` for file systems. */
export const lsblk: Command =
  ({ machine }) =>
  (args) => {
    const { given } = flags('lsblk', args, 'fpn', ['fs', 'noheadings']);
    const { devices } = machine.hardware;
    const points = new Map([...machine.fs.mounts].map(([point, disk]) => [disk, point]));
    const withFs = given.has('f') || given.has('fs');
    const rows = devices.flatMap(({ kernelName, sizeGiB, disk }, index) => {
      const point = points.get(disk) ?? '';
      const row = (name: string, type: string, target: string) =>
        withFs
          ? [name, type === 'disk' && index === 0 ? '' : 'xfs', disk.label, disk.uuid, target]
          : [name, `259:${index}`, '0', `${sizeGiB}G`, '0', type, target];
      return index === 0
        ? [row(kernelName, 'disk', ''), row(`└─${kernelName}p1`, 'part', point)]
        : [row(kernelName, 'disk', point)];
    });
    const head = withFs
      ? ['NAME', 'FSTYPE', 'LABEL', 'UUID', 'MOUNTPOINTS']
      : ['NAME', 'MAJ:MIN', 'RM', 'SIZE', 'RO', 'TYPE', 'MOUNTPOINTS'];
    return table(given.has('n') || given.has('noheadings') ? rows : [head, ...rows], withFs ? [] : [3]);
  };

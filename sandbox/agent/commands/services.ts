import type { Container, Unit } from '../hardware.ts';
import type { Machine } from '../machine.ts';
import { type Command, CommandFailed, table } from './command.ts';

const fullName = (name: string): string =>
  /\.(service|socket|timer|mount|target)$/.test(name) ? name : `${name}.service`;
const subState = ({ state }: Unit): string => ({ active: 'running', inactive: 'dead', failed: 'failed' })[state];

function find(machine: Machine, name: string): Unit | undefined {
  return machine.units.get(fullName(name).replace(/\.service$/, '')) ?? machine.units.get(name);
}

/** Command `systemctl` (systemd): the verbs that look at units, and start, stop, restart, reload, enable-less. */
export const systemctl: Command =
  ({ machine }) =>
  (args) => {
    const options = args.filter((arg) => arg.startsWith('-'));
    const [verb = 'list-units', ...names] = args.filter((arg) => !arg.startsWith('-'));
    switch (verb) {
      case 'is-active':
        return states(machine, names, options, ({ state }) => state, 3);
      case 'is-failed':
        return states(machine, names, options, ({ state }) => state, 1, 'failed');
      case 'is-enabled':
        return states(machine, names, options, ({ enabled }) => (enabled ? 'enabled' : 'disabled'), 1, 'enabled');
      case 'is-system-running':
        return isSystemRunning(machine);
      case 'status':
        return names.map((name) => status(machine, name)).join('\n');
      case 'start':
      case 'restart':
      case 'reload':
      case 'try-restart':
        for (const name of names) start(machine, name, verb);
        return '';
      case 'stop':
        for (const name of names) machine.setUnit(known(machine, name, verb).name, 'inactive');
        return '';
      case 'list-units':
        return listUnits(machine, options, names);
      case 'cat':
        return names.map((name) => cat(machine, name)).join('\n');
      case 'daemon-reload':
        return '';
      default:
        throw new CommandFailed(`Unknown command verb ${verb}.`);
    }
  };

function states(
  machine: Machine,
  names: readonly string[],
  options: readonly string[],
  show: (unit: Unit) => string,
  otherwise: number,
  wanted = 'active',
): string {
  const shown = names.map((name) => {
    const unit = find(machine, name);
    return unit === undefined ? 'inactive' : show(unit);
  });
  const text = options.includes('-q') || options.includes('--quiet') ? '' : shown.map((state) => `${state}\n`).join('');
  if (shown.includes(wanted)) return text;
  throw new CommandFailed('', otherwise, text);
}

function isSystemRunning(machine: Machine): string {
  const degraded = [...machine.units.values()].some(({ state }) => state === 'failed');
  if (degraded) throw new CommandFailed('', 1, 'degraded\n');
  return 'running\n';
}

function known(machine: Machine, name: string, verb: string): Unit {
  const unit = find(machine, name);
  if (unit !== undefined) return unit;
  throw new CommandFailed(`Failed to ${verb} ${fullName(name)}: Unit ${fullName(name)} not found.`, 5);
}

function start(machine: Machine, name: string, verb: string): void {
  const unit = known(machine, name, verb);
  machine.setUnit(unit.name, unit.startsAs);
  if (unit.startsAs === 'active') return;
  const unitName = fullName(name);
  throw new CommandFailed(
    `Job for ${unitName} failed because the control process exited with error code.\nSee "systemctl status ${unitName}" and "journalctl -xeu ${unitName}" for details.`,
  );
}

function since(machine: Machine, { name }: Unit): string {
  const at = new Date(machine.unitChangedAt(name));
  const day = at.toUTCString().slice(0, 3);
  return `${day} ${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

function status(machine: Machine, name: string): string {
  const unit = find(machine, name);
  if (unit === undefined) throw new CommandFailed(`Unit ${fullName(name)} could not be found.`, 4);
  const { state, enabled, description, command } = unit;
  const dot = { active: '●', inactive: '○', failed: '×' }[state];
  const detail = state === 'failed' ? `failed (Result: exit-code)` : `${state} (${subState(unit)})`;
  const lines = [
    `${dot} ${fullName(unit.name)} - ${description}`,
    `     Loaded: loaded (/usr/lib/systemd/system/${fullName(unit.name)}; ${enabled ? 'enabled' : 'disabled'}; preset: disabled)`,
    `     Active: ${detail} since ${since(machine, unit)}`,
    ...(state === 'active'
      ? [`   Main PID: ${mainPid(machine, unit)} (${command.split(' ')[0]?.split('/').at(-1) ?? ''})`]
      : []),
    ...(state === 'failed' ? [`    Running: ExecStart=${command} (code=exited, status=1/FAILURE)`] : []),
  ];
  const text = lines.map((line) => `${line}\n`).join('');
  if (state === 'active') return text;
  throw new CommandFailed('', 3, text);
}

/** Process id of a unit's main process: stable, by its place in the list. */
export const mainPid = (machine: Machine, { name }: Unit): number => 700 + [...machine.units.keys()].indexOf(name);

function cat(machine: Machine, name: string): string {
  const unit = find(machine, name);
  if (unit === undefined) throw new CommandFailed(`No files found for ${fullName(name)}.`);
  const { description, command } = unit;
  return `# /usr/lib/systemd/system/${fullName(unit.name)}\n[Unit]\nDescription=${description}\n\n[Service]\nExecStart=${command}\n`;
}

function listUnits(machine: Machine, options: readonly string[], names: readonly string[]): string {
  const wanted = options.flatMap((option) => (option.startsWith('--state=') ? option.slice(8).split(',') : []));
  if (options.includes('--failed')) wanted.push('failed');
  const matches = (unit: Unit) =>
    (wanted.length === 0
      ? options.includes('--all') || options.includes('-a') || unit.state !== 'inactive'
      : wanted.includes(unit.state) || wanted.includes(subState(unit))) &&
    (names.length === 0 || names.some((name) => fullName(name) === fullName(unit.name)));
  const units = [...machine.units.values()].filter(matches);
  const rows = units.map((unit) => [
    unit.state === 'failed' ? '●' : ' ',
    fullName(unit.name),
    'loaded',
    unit.state,
    subState(unit),
    unit.description,
  ]);
  const body = table([
    ...(options.includes('--no-legend') ? [] : [[' ', 'UNIT', 'LOAD', 'ACTIVE', 'SUB', 'DESCRIPTION']]),
    ...rows,
  ]);
  return options.includes('--no-legend') ? body : `${body}\n${units.length} loaded units listed.\n`;
}

/** Command `service NAME VERB`, which hands on to systemctl. */
export const service: Command = (running) => (args, context) => {
  const [name = '', verb = 'status'] = args;
  return systemctl(running)([verb, name], context);
};

/** Command `docker` (Docker CLI): ps, logs, start, stop, restart, and inspect for a container's status. */
export const docker: Command =
  ({ machine }) =>
  (args) => {
    const [verb = '', ...rest] = args;
    if (find(machine, 'docker') === undefined) throw new CommandFailed('bash: docker: command not found', 127);
    if (find(machine, 'docker')?.state !== 'active') {
      throw new CommandFailed(
        'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
      );
    }
    const names = rest.filter((arg) => !arg.startsWith('-'));
    switch (verb) {
      case 'ps':
        return ps(machine, rest);
      case 'logs':
        return logs(machine, rest);
      case 'inspect':
        return inspect(machine, rest);
      case 'start':
      case 'stop':
      case 'restart':
        for (const name of names)
          machine.setContainer(container(machine, name).name, verb === 'stop' ? 'exited' : 'running');
        return names.map((name) => `${name}\n`).join('');
      default:
        throw new CommandFailed(`docker: '${verb}' is not a docker command that the sandbox models.`);
    }
  };

const idOf = ({ name, image }: Container): string => {
  let hash = 0x811c9dc5;
  for (const char of name + image) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193) >>> 0;
  return (hash.toString(16).padStart(8, '0') + hash.toString(16)).slice(0, 12);
};

function container(machine: Machine, name: string): Container {
  const found =
    machine.containers.get(name) ?? [...machine.containers.values()].find((each) => idOf(each).startsWith(name));
  if (found === undefined) throw new CommandFailed(`Error response from daemon: No such container: ${name}`);
  return found;
}

function ps(machine: Machine, args: readonly string[]): string {
  const all = args.some((arg) => arg === '-a' || arg === '--all' || /^-\w*a/.test(arg));
  const quiet = args.some((arg) => arg === '-q' || arg === '--quiet' || /^-\w*q/.test(arg));
  const format = args.find((arg) => arg.startsWith('--format'));
  const shown = [...machine.containers.values()].filter(({ state }) => all || state === 'running');
  if (quiet) return shown.map((each) => `${idOf(each)}\n`).join('');
  if (format !== undefined)
    return formatted(machine, shown, format.includes('=') ? format.slice(9) : (args[args.indexOf(format) + 1] ?? ''));
  const rows = shown.map((each) => [
    idOf(each),
    each.image,
    `"${each.command}"`,
    created(machine),
    statusOf(machine, each),
    each.ports,
    each.name,
  ]);
  return table([['CONTAINER ID', 'IMAGE', 'COMMAND', 'CREATED', 'STATUS', 'PORTS', 'NAMES'], ...rows], [], '   ');
}

const statusOf = (machine: Machine, each: Container): string =>
  each.state === 'running' ? `Up ${ago(machine, each)}` : `Exited (${each.exitCode}) ${ago(machine, each)} ago`;

function formatted(machine: Machine, shown: readonly Container[], format: string): string {
  const template = format.replace(/^table /, '').replaceAll('\\t', '\t');
  return shown
    .map((each) => {
      const fields: Readonly<Record<string, string>> = {
        ID: idOf(each),
        Names: each.name,
        Image: each.image,
        Status: statusOf(machine, each),
        State: each.state,
        Ports: each.ports,
        Command: `"${each.command}"`,
      };
      return `${template.replace(/\{\{\s*\.(\w+)\s*\}\}/g, (_, name: string) => fields[name] ?? `<no value>`)}\n`;
    })
    .join('');
}

const created = (machine: Machine): string => `${spoken(machine.clock.now() - machine.hardware.bootedAt)} ago`;
const ago = (machine: Machine, { name }: Container): string =>
  spoken(machine.clock.now() - machine.unitChangedAt(`container ${name}`));

function spoken(milliseconds: number): string {
  const minutes = Math.floor(milliseconds / 60_000);
  if (minutes < 1) return `${Math.floor(milliseconds / 1000)} seconds`;
  if (minutes < 120) return `${minutes} minutes`;
  return minutes < 2880 ? `${Math.floor(minutes / 60)} hours` : `${Math.floor(minutes / 1440)} days`;
}

function inspect(machine: Machine, args: readonly string[]): string {
  const [option, format, ...names] = args;
  if (option !== '--format' || format !== '{{.State.Status}}')
    throw new CommandFailed(`docker inspect: the sandbox models --format '{{.State.Status}}' alone.`);
  return names.map((name) => `${container(machine, name).state}\n`).join('');
}

const AGES: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

/** A time of `docker logs --since`, in epoch milliseconds. */
function sinceOf(machine: Machine, text: string): number {
  const [, count, unit = ''] = /^(\d+)([smh])$/.exec(text) ?? [];
  const at = count === undefined ? Date.parse(text) : machine.clock.now() - Number(count) * (AGES[unit] ?? 0);
  if (Number.isNaN(at)) throw new CommandFailed(`invalid value for "since": ${text}`);
  return at;
}

/** All lines of a container are as old as its latest start. */
function logs(machine: Machine, args: readonly string[]): string {
  let tail = Number.POSITIVE_INFINITY;
  let since = Number.NEGATIVE_INFINITY;
  let name = '';
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? '';
    if (arg === '--tail' || arg === '-n') tail = Number(args[++index]);
    else if (arg.startsWith('--tail=')) tail = Number(arg.slice(7));
    else if (arg === '--since') since = sinceOf(machine, args[++index] ?? '');
    else if (!arg.startsWith('-')) name = arg;
    else throw new CommandFailed(`unknown flag: ${arg}`, 125);
  }
  const found = container(machine, name);
  const lines = machine.unitChangedAt(`container ${found.name}`) < since ? [] : found.logs;
  return lines
    .slice(tail < lines.length ? lines.length - tail : 0)
    .map((line) => `${line}\n`)
    .join('');
}

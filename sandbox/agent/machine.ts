import type { Clock } from '../clock/clock.ts';
import type { Random } from '../core/random.ts';
import type { ServiceId } from '../core/service.ts';
import { buildTree, Disk } from './disk.ts';
import { findDevice, fstabEntries } from './fstab.ts';
import type { Container, Hardware, Unit } from './hardware.ts';
import { MachineFs } from './machine-fs.ts';
import { runPowerShell } from './powershell/interpreter.ts';
import { procFiles } from './proc.ts';
import { runBash } from './shell.ts';

/** What the agent asks the machine to run. */
export interface Script {
  readonly text: string;
  /** Where the agent puts the script on the machine. */
  readonly path: string;
  readonly workingDirectory: string;
  /** Kills the script; what it has written by then is kept. */
  readonly signal: AbortSignal;
}

export interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Calls AWS as the role of the instance profile; rejects with AwsError as the dispatcher does. */
export type CallAws = (service: ServiceId, operation: string, input: object) => Promise<unknown>;

export interface Surroundings {
  readonly clock: Clock;
  readonly random: Random;
  /** None for a machine that finds no credentials. */
  readonly callAws?: CallAws | undefined;
}

/** What changes on a machine while it runs: gone with the next boot, unlike its disks. */
interface Session {
  readonly bootedAt: number;
  readonly fs: MachineFs;
  readonly units: Map<string, Unit>;
  readonly containers: Map<string, Container>;
  /** When each unit was started or failed, epoch milliseconds; those missing changed at boot. */
  readonly changedAt: Map<string, number>;
}

const atBoot = (unit: Unit): Unit => ({ ...unit, state: unit.enabled ? unit.startsAs : 'inactive' });

/**
 * One computer: runs scripts for real on the disks it has at the moment. Costs nothing until it runs its first. A restart
 * (`bootedAt` changed) mounts what /etc/fstab says and starts the enabled units.
 */
export class Machine {
  readonly clock: Clock;
  readonly random: Random;
  readonly callAws: CallAws | undefined;
  readonly #describe: () => Hardware;
  #session: Session | undefined;
  #processes = 1000;
  #power = new AbortController();

  constructor({ clock, random, callAws }: Surroundings, describe: () => Hardware) {
    this.clock = clock;
    this.random = random;
    this.callAws = callAws;
    this.#describe = describe;
  }

  get hardware(): Hardware {
    return this.#describe();
  }

  get fs(): MachineFs {
    return this.#running().fs;
  }

  get units(): ReadonlyMap<string, Unit> {
    return this.#running().units;
  }

  get containers(): ReadonlyMap<string, Container> {
    return this.#running().containers;
  }

  /** When a unit last changed its state, epoch milliseconds. */
  unitChangedAt(name: string): number {
    const { changedAt, bootedAt } = this.#running();
    return changedAt.get(name) ?? bootedAt;
  }

  setUnit(name: string, state: Unit['state']): void {
    const { units, changedAt } = this.#running();
    const unit = units.get(name);
    if (unit === undefined) throw new Error(`no unit ${name}`);
    units.set(name, { ...unit, state });
    changedAt.set(name, this.clock.now());
  }

  setContainer(name: string, state: Container['state']): void {
    const { containers, changedAt } = this.#running();
    const container = containers.get(name);
    if (container === undefined) throw new Error(`no container ${name}`);
    containers.set(name, { ...container, state, exitCode: 0 });
    changedAt.set(`container ${name}`, this.clock.now());
  }

  nextProcessId(): number {
    return ++this.#processes;
  }

  /** Runs a script to its end, or until it is killed; never rejects for what a script does. */
  async run(script: Script): Promise<Outcome> {
    const signal = AbortSignal.any([script.signal, this.#power.signal]);
    if (this.hardware.software.platform === 'Windows') return runPowerShell(this, { ...script, signal });
    this.#refreshProc();
    return runBash(this, { ...script, signal });
  }

  /** Ends whatever runs, as when the machine is switched off. */
  halt(): void {
    this.#power.abort(new Error('the machine was switched off'));
    this.#power = new AbortController();
  }

  #running(): Session {
    const hardware = this.hardware;
    if (this.#session?.bootedAt !== hardware.bootedAt)
      this.#session = this.#boot(hardware, this.#session === undefined);
    return this.#session;
  }

  #boot(hardware: Hardware, first: boolean): Session {
    const { software, devices, bootedAt } = hardware;
    const [root] = devices;
    if (root === undefined) throw new Error(`${hardware.instanceId} has no root device`);
    const fs = new MachineFs(root.disk, () => this.clock.now());
    return {
      bootedAt,
      fs: software.platform === 'Linux' ? mountAll(fs, hardware, bootedAt) : fs,
      units: new Map(software.units.map((unit) => [unit.name, first ? unit : atBoot(unit)])),
      containers: new Map(software.containers.map((container) => [container.name, container])),
      changedAt: new Map(),
    };
  }

  /** /proc as it is now: a disk of its own, built anew for each script. */
  #refreshProc(): void {
    const { fs } = this;
    if (fs.mounts.has('/proc')) fs.unmount('/proc');
    fs.mount('/proc', new Disk(buildTree(procFiles(this), this.clock.now()), 'proc'));
  }
}

function mountAll(fs: MachineFs, hardware: Hardware, bootedAt: number): MachineFs {
  const [root] = hardware.devices;
  const etc = root?.disk.root.children.get('etc');
  const fstab = etc?.kind === 'directory' ? etc.children.get('fstab') : undefined;
  const text = fstab?.kind === 'file' ? new TextDecoder().decode(fstab.content) : '';
  for (const { source, point } of fstabEntries(text)) {
    const device = findDevice(hardware, source);
    if (point !== '/' && device !== undefined && device !== root) fs.mount(point, device.disk);
  }
  if (root !== undefined) writeIdentity(root.disk, hardware, bootedAt);
  return fs;
}

/** What cloud-init writes at first boot. */
function writeIdentity(disk: Disk, { hostname, instanceId }: Hardware, mtime: number): void {
  const etc = disk.own(['etc']);
  const content = (text: string) => new TextEncoder().encode(text);
  etc.children.set('hostname', { kind: 'file', owner: disk, content: content(`${hostname}\n`), mode: 0o644, mtime });
  etc.children.set('machine-id', {
    kind: 'file',
    owner: disk,
    content: content(`${instanceId.slice(2).padStart(32, '0')}\n`),
    mode: 0o444,
    mtime,
  });
}

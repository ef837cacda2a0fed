import type { Disk } from './disk.ts';

/** A service of the machine, as systemd or the Windows service manager knows it. */
export interface Unit {
  readonly name: string;
  readonly description: string;
  readonly state: 'active' | 'inactive' | 'failed';
  /** Whether it starts at boot. */
  readonly enabled: boolean;
  /** What a start leads to; `failed` is a unit that cannot run until somebody repairs it. */
  readonly startsAs: 'active' | 'failed';
  /** Command line of its main process. */
  readonly command: string;
}

/** A Docker container of the machine. */
export interface Container {
  readonly name: string;
  readonly image: string;
  readonly command: string;
  readonly state: 'running' | 'exited';
  readonly exitCode: number;
  /** As `docker ps` shows them (`0.0.0.0:80->8080/tcp`). */
  readonly ports: string;
  readonly logs: readonly string[];
}

/** A socket that something listens on. */
interface Listener {
  readonly port: number;
  readonly process: string;
  readonly protocol: 'tcp' | 'udp';
}

/** What runs on a machine and how loaded it is; the same object serves any number of machines. */
export interface Software {
  readonly platform: 'Linux' | 'Windows';
  /** Name and version as SSM reports them (`Amazon Linux`, `2023`). */
  readonly platformName: string;
  readonly platformVersion: string;
  readonly kernel: string;
  readonly units: readonly Unit[];
  readonly containers: readonly Container[];
  readonly listeners: readonly Listener[];
  /** Share of memory in use, 0 to 1. */
  readonly memoryUsed: number;
  /** Load averages over 1, 5 and 15 minutes. */
  readonly load: readonly [number, number, number];
}

/** A disk as the machine has it: NVMe name inside, device name outside. */
export interface BlockDevice {
  readonly kernelName: string;
  readonly deviceName: string;
  readonly volumeId: string;
  readonly sizeGiB: number;
  readonly disk: Disk;
}

/** What EC2 gives a machine. Asked anew for each command, because volumes come and go and machines restart. */
export interface Hardware {
  readonly instanceId: string;
  readonly region: string;
  readonly hostname: string;
  readonly privateIp: string;
  readonly architecture: 'x86_64' | 'aarch64';
  readonly vcpus: number;
  readonly memoryMiB: number;
  /** Epoch milliseconds; another value means that the machine was restarted. */
  readonly bootedAt: number;
  readonly running: boolean;
  /** The root disk first. */
  readonly devices: readonly BlockDevice[];
  readonly software: Software;
}

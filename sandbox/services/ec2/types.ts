import type { DirectoryNode, Disk, Software } from '../../agent/index.ts';

/** How the SSM Agent of an instance behaves; a test may change it at any time. */
export type AgentMode =
  /** Answers. */
  | 'online'
  /** Runs, but SSM has lost the connection: commands wait for it, and so do the answers of those that it runs. */
  | 'offline'
  /** Has ended: offline, and what it was running is lost. */
  | 'dead'
  /** Takes a command, dies with it and reports nothing more: it stays InProgress until it expires. */
  | 'dies-at-command'
  /** Runs commands, ignores CancelCommand. */
  | 'hangs'
  /** The service cannot hand commands over: Undeliverable. */
  | 'unreachable'
  /** The service finds the caller without access to this instance: AccessDenied. */
  | 'access-denied'
  /** Not installed: SSM does not know the instance. */
  | 'none';

export interface Image {
  readonly imageId: string;
  readonly name: string;
  readonly architecture: 'x86_64' | 'arm64';
  readonly creationDate: number;
  readonly rootSizeGiB: number;
  readonly files: DirectoryNode;
  readonly software: Software;
  readonly agentVersion: string;
  readonly tags: Map<string, string>;
}

export interface Volume {
  readonly volumeId: string;
  readonly sizeGiB: number;
  readonly availabilityZone: string;
  readonly createTime: number;
  readonly disk: Disk;
  readonly tags: Map<string, string>;
  attachment:
    | {
        readonly instanceId: string;
        readonly device: string;
        readonly attachTime: number;
        readonly deleteOnTermination: boolean;
      }
    | undefined;
}

export type StateName = 'pending' | 'running' | 'stopping' | 'stopped' | 'shutting-down' | 'terminated';

export interface Instance {
  readonly instanceId: string;
  readonly imageId: string;
  readonly instanceType: string;
  readonly availabilityZone: string;
  readonly privateIp: string;
  /** Name of the instance profile, if it has one. */
  readonly instanceProfile: string | undefined;
  readonly reservationId: string;
  readonly tags: Map<string, string>;
  /** What runs on it; another object than the image's where a fleet file says so. */
  readonly software: Software;
  state: StateName;
  stateReason: string;
  /** When it last began to run: AWS's LaunchTime. Epoch milliseconds. */
  launchTime: number;
  /** When it last booted: a reboot changes this one alone. */
  bootedAt: number;
  agent: AgentMode;
}

/** What a new instance is to be; what is left out EC2 chooses. */
export interface LaunchRequest {
  readonly imageId: string;
  readonly instanceType: string;
  readonly instanceId?: string;
  readonly availabilityZone?: string;
  readonly privateIp?: string;
  readonly instanceProfile?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly software?: Software;
  readonly agent?: AgentMode;
  /** `stopped` is an instance that has run before. */
  readonly state?: 'running' | 'stopped';
  /** For how long it has been running, seconds. */
  readonly uptimeSeconds?: number;
}

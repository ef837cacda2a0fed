import type { Disk, Software } from '../../agent/index.ts';

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
  /** Not installed, or not registered yet: SSM does not know the instance. */
  | 'none';

export interface Volume {
  readonly volumeId: string;
  readonly sizeGiB: number;
  readonly availabilityZone: string;
  readonly createTime: number;
  readonly disk: Disk;
  readonly tags: Map<string, string>;
  readonly snapshotId?: string | undefined;
  readonly volumeType?: string | undefined;
  readonly iops?: number | undefined;
  readonly throughput?: number | undefined;
  /** ARN of its KMS key; not encrypted without one. */
  readonly kmsKeyId?: string | undefined;
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

/** What EC2 keeps of a launch and nothing in the sandbox acts upon. */
export interface LaunchDetails {
  readonly keyName?: string | undefined;
  readonly userData?: string | undefined;
  readonly ebsOptimized?: boolean | undefined;
  readonly monitoring?: boolean | undefined;
  readonly httpTokens?: 'optional' | 'required' | undefined;
  readonly httpPutResponseHopLimit?: number | undefined;
  readonly httpEndpoint?: 'disabled' | 'enabled' | undefined;
}

export interface Instance {
  readonly instanceId: string;
  readonly imageId: string;
  readonly instanceType: string;
  readonly availabilityZone: string;
  readonly subnetId: string;
  readonly securityGroupIds: readonly string[];
  readonly privateIp: string;
  /** Name of the instance profile, if it has one. */
  readonly instanceProfile: string | undefined;
  readonly reservationId: string;
  readonly clientToken: string;
  /** Its place among the instances of one RunInstances: AWS's AmiLaunchIndex. */
  readonly launchIndex: number;
  readonly tags: Map<string, string>;
  /** What runs on it; another object than the image's where a fleet file says so. */
  readonly software: Software;
  readonly details: LaunchDetails;
  /** Whether TerminateInstances is refused. */
  readonly disableApiTermination: boolean;
  state: StateName;
  stateReason: string;
  /** When it last began to run: AWS's LaunchTime. Epoch milliseconds. */
  launchTime: number;
  /** When it last booted: a reboot changes this one alone. */
  bootedAt: number;
  /** From when its instance status check fails; undefined while all is well. */
  impairedFrom: number | undefined;
  agent: AgentMode;
}

/** A volume that a new instance gets, as the AMI's block device mapping and the request's make it together. */
export interface LaunchVolume {
  readonly deviceName: string;
  readonly sizeGiB: number;
  readonly volumeType: string;
  readonly deleteOnTermination: boolean;
  readonly snapshotId?: string | undefined;
  readonly iops?: number | undefined;
  readonly throughput?: number | undefined;
  readonly kmsKeyId?: string | undefined;
}

type Tags = Readonly<Record<string, string>>;

/** What a new instance is to be; what is left out EC2 chooses. */
export interface LaunchRequest {
  readonly imageId: string;
  readonly instanceType: string;
  readonly instanceId?: string | undefined;
  readonly availabilityZone?: string | undefined;
  readonly subnetId?: string | undefined;
  readonly securityGroupIds?: readonly string[] | undefined;
  readonly privateIp?: string | undefined;
  readonly instanceProfile?: string | undefined;
  readonly tags?: Tags | undefined;
  readonly volumeTags?: Tags | undefined;
  /** The root volume first; those of the AMI unless told. */
  readonly volumes?: readonly LaunchVolume[] | undefined;
  readonly software?: Software | undefined;
  readonly agent?: AgentMode | undefined;
  /** The launch template that it comes from: its tags `aws:ec2launchtemplate:id` and `:version`. */
  readonly launchTemplate?: { readonly id: string; readonly version: number } | undefined;
  readonly details?: LaunchDetails | undefined;
  readonly disableApiTermination?: boolean | undefined;
  readonly reservationId?: string | undefined;
  readonly clientToken?: string | undefined;
  readonly launchIndex?: number | undefined;
}

/** A machine that is there already when the sandbox starts. */
export interface StandingRequest extends LaunchRequest {
  /** `stopped` is an instance that has run before. */
  readonly state?: 'running' | 'stopped';
  /** For how long it has been running, seconds. */
  readonly uptimeSeconds?: number;
}

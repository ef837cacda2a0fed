import type { LaunchTemplateSpecification } from '@aws-sdk/client-auto-scaling';
import type { Permission } from '../../core/service.ts';

/** What EC2 says of a machine: its state, and for a running one its status checks. */
export type MachineState = 'pending' | 'initializing' | 'ok' | 'impaired' | 'stopped' | 'shutting-down' | 'terminated';

/** A version of a launch template by its number. */
interface TemplateVersion {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  /** As the template has it: an AMI id, `resolve:ssm:…`, or nothing. */
  readonly imageId: string | undefined;
  readonly instanceType: string | undefined;
}

export interface MachineRequest {
  readonly template: TemplateVersion;
  /** Instead of what the template says. */
  readonly instanceType: string | undefined;
  readonly imageId: string | undefined;
  readonly availabilityZone: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** One way in which a configuration launches: a template, with what an override changes of it. */
export interface LaunchOption {
  readonly specification: LaunchTemplateSpecification;
  readonly instanceType: string | undefined;
  readonly imageId: string | undefined;
}

/** A machine that has been there for long: from a template, or as a launch configuration has made it. */
export interface StandingMachine extends Omit<MachineRequest, 'template'> {
  readonly template: TemplateVersion | undefined;
  readonly instanceProfile?: string | undefined;
  readonly uptimeSeconds: number;
}

/** What the groups need of EC2, and nothing more. */
export interface Machines {
  /** The subnets of the account's VPC, each with its Availability Zone. */
  readonly subnets: ReadonlyMap<string, string>;
  /** Throws AwsError as EC2 answers for a template or version that there is not. */
  template(specification: LaunchTemplateSpecification): TemplateVersion;
  /** Starts a machine and gives its id. Throws AwsError as RunInstances answers. */
  launch(request: MachineRequest): string;
  /** Puts a machine there that has been running for a while, and gives its id. */
  stand(machine: StandingMachine): string;
  /** Nothing happens to a machine that is on its way out already. */
  terminate(instanceId: string): void;
  state(instanceId: string): MachineState;
  /** When the status checks that are under way come to a result. */
  checksEndAt(instanceId: string): number | undefined;
  imageOf(instanceId: string): string | undefined;
  /** Tells of each machine whose state or status check has changed. */
  watch(listener: (instanceId: string) => void): void;
  /**
   * What a caller must be allowed who has machines launched like this. @throws AwsError as a dry run of RunInstances answers
   */
  launchPermissions(option: LaunchOption): readonly Permission[];
}

/** The state of a CloudWatch alarm by name; undefined where there is none of the name. */
export type AlarmState = (name: string) => 'OK' | 'ALARM' | 'INSUFFICIENT_DATA' | undefined;

import type { LoggingConfiguration, Tag } from '@aws-sdk/client-sfn';
import type { MachineRevision } from '../engine/execution.ts';

export interface MachineVersion {
  readonly arn: string;
  readonly number: number;
  readonly description: string | undefined;
  readonly creationDate: Date;
  readonly revision: MachineRevision;
}

/** A state machine as it stands now. */
export interface Machine {
  readonly arn: string;
  readonly name: string;
  readonly creationDate: Date;
  readonly tags: Map<string, string>;
  readonly versions: MachineVersion[];
  revision: MachineRevision;
}

/** A name for a version, of those that CloudFormation and the SDK create. */
export interface MachineAlias {
  readonly arn: string;
  readonly name: string;
  readonly description: string | undefined;
  readonly creationDate: Date;
  readonly versionArn: string;
}

export const tagList = (tags: ReadonlyMap<string, string>): Tag[] => [...tags].map(([key, value]) => ({ key, value }));
export const tagMap = (tags: readonly Tag[] = []): Map<string, string> =>
  new Map(tags.map(({ key = '', value = '' }) => [key, value]));

/** What AWS fills in where no logging is configured. */
export const NO_LOGGING: LoggingConfiguration = { level: 'OFF', includeExecutionData: false };

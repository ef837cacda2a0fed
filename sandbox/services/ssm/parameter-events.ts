import type { World } from '../../core/world.ts';
import { IMAGE, type ParameterVersion } from './parameter-model.ts';

export interface ParameterChange {
  readonly name: string;
  readonly arn: string;
  readonly operation: 'Create' | 'Update' | 'Delete';
  readonly version: ParameterVersion;
  /** Why the version was not kept after all. */
  readonly exception?: string;
}

/**
 * Tells of a change, without value and version. Source: Systems Manager User Guide, "Setting up notifications or trigger
 * actions based on Parameter Store events" and "How AMI format validation works".
 */
export function parameterChanged(world: Pick<World, 'emit'>, change: ParameterChange): void {
  const { name, arn, operation, exception, version } = change;
  const { type, description } = version;
  const detail =
    exception === undefined
      ? { operation, name, type, ...(description !== undefined && description !== '' && { description }) }
      : { exception, dataType: IMAGE, name, type, operation };
  world.emit({ source: 'aws.ssm', 'detail-type': 'Parameter Store Change', resources: [arn], detail });
}

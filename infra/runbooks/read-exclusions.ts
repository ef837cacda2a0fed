import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Config } from '../config.ts';
import type { FoundationStack } from '../foundation-stack.ts';

/** What a function is given and may do to know what must not be touched. */
export function readExclusions(
  { excludedAsgs, excludedInstances }: Config,
  { exclusions }: FoundationStack,
): { readonly environment: Readonly<Record<string, string>>; readonly statement: PolicyStatement } {
  return {
    environment: {
      EXCLUDED_ASGS: excludedAsgs.join(','),
      EXCLUDED_INSTANCES: excludedInstances.join(','),
      EXCLUSIONS_PARAMETER: exclusions.parameterName,
    },
    statement: new PolicyStatement({ actions: ['ssm:GetParameter'], resources: [exclusions.parameterArn] }),
  };
}

import { GetParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { readEnv } from './env.ts';
import { parseExclusions, unreadable, type Exclusions } from './exclusions.ts';
import * as z from './zod.ts';

const { EXCLUDED_ASGS, EXCLUDED_INSTANCES, EXCLUSIONS_PARAMETER } = readEnv({
  /** Both with commas between the names. */
  EXCLUDED_ASGS: z.string(),
  EXCLUDED_INSTANCES: z.string(),
  EXCLUSIONS_PARAMETER: z.string().check(z.minLength(1)),
});

const configured: Exclusions = {
  source: 'the configuration',
  instances: new Set(EXCLUDED_INSTANCES.split(',')),
  autoScalingGroups: new Set(EXCLUDED_ASGS.split(',')),
};

/**
 * What must not be touched as of now: by the configuration, and by the parameter, which is read anew each time. Throws
 * ExclusionsUnreadable where the parameter is missing or malformed. Source: SSM GetParameter.
 */
export async function readExclusions(ssm: SSMClient): Promise<readonly Exclusions[]> {
  const { Parameter } = await ssm
    .send(new GetParameterCommand({ Name: EXCLUSIONS_PARAMETER }))
    .catch((error: unknown) => {
      if (error instanceof Error && error.name === 'ParameterNotFound')
        throw unreadable(EXCLUSIONS_PARAMETER, 'does not exist');
      throw error;
    });
  return [configured, parseExclusions(EXCLUSIONS_PARAMETER, Parameter?.Value ?? '')];
}

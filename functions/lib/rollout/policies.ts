import { GetParameterCommand, paginateGetParametersByPath, type SSMClient } from '@aws-sdk/client-ssm';
import { readEnv } from '../env.ts';
import { InvalidRequest } from '../errors.ts';
import { problemsOf } from '../problems.ts';
import { RolloutPolicy } from '../schemas/rollout-policy.ts';
import * as z from '../zod.ts';

const { POLICY_PREFIX } = readEnv({ POLICY_PREFIX: z.string().check(z.minLength(1)) });

/** Policies that no deployment has written are none of ours to read: IAM refuses them. */
const UNKNOWN: readonly string[] = ['ParameterNotFound', 'AccessDeniedException'];

/**
 * The policy of a parameter that is followed, as it is deployed now. Throws InvalidRequest, which names those that are
 * followed, where this one is not. Source: SSM GetParameter.
 */
export async function readPolicy(ssm: SSMClient, parameter: string): Promise<RolloutPolicy> {
  const Name = `${POLICY_PREFIX}${parameter}`;
  const { Parameter } = await ssm.send(new GetParameterCommand({ Name })).catch(async (error: unknown) => {
    if (!(error instanceof Error && UNKNOWN.includes(error.name))) throw error;
    const followed = (await listPolicies(ssm)).map((policy) => policy.parameter);
    if (followed.includes(parameter)) throw error;
    const which = followed.length === 0 ? 'none is' : `these are: ${followed.join(', ')}`;
    throw new InvalidRequest(`parameter: ${parameter} is not followed; ${which}`, { cause: error });
  });
  return policyOf(Name, Parameter?.Value);
}

/** The policies of all parameters that are followed, sorted by their names. Source: SSM GetParametersByPath. */
export async function listPolicies(ssm: SSMClient): Promise<readonly RolloutPolicy[]> {
  const found: RolloutPolicy[] = [];
  const pages = paginateGetParametersByPath({ client: ssm }, { Path: POLICY_PREFIX, Recursive: true });
  for await (const { Parameters = [] } of pages)
    found.push(...Parameters.map(({ Name = '', Value }) => policyOf(Name, Value)));
  return found.sort((a, b) => (a.parameter < b.parameter ? -1 : 1));
}

/** A deployment writes them whole, so that one which cannot be read was changed by hand. */
function policyOf(name: string, text = ''): RolloutPolicy {
  const parsed = RolloutPolicy.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  throw new InvalidRequest(`${name} holds no rollout policy; deploy it again: ${problemsOf(parsed.error)}`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

import {
  GetParameterCommand,
  ParameterNotFound as NoSuchParameter,
  paginateGetParameterHistory,
  type Parameter,
  type ParameterHistory,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import { AmiNotUsable, ParameterNotFound } from '../errors.ts';
import type { ParameterState } from '../schemas/ami-rollout.ts';
import { ImageId } from '../schemas/refresh-asg.ts';

/** A parameter as it is now. */
export interface FoundParameter {
  readonly state: ParameterState;
  readonly value: string;
}

/** Reads a parameter. Throws ParameterNotFound. Source: SSM GetParameter. */
export async function readParameter(ssm: SSMClient, parameter: string): Promise<FoundParameter> {
  try {
    const { Parameter: found } = await ssm.send(new GetParameterCommand({ Name: parameter }));
    return { state: stateOf(parameter, found), value: found?.Value?.trim() ?? '' };
  } catch (error) {
    if (!(error instanceof NoSuchParameter)) throw error;
    throw new ParameterNotFound(`There is no parameter ${parameter}: it was deleted, or never made.`);
  }
}

const stateOf = (parameter: string, { Version, LastModifiedDate }: Parameter = {}): ParameterState => ({
  parameter,
  version: Version ?? 0,
  lastModified: LastModifiedDate?.toISOString() ?? '',
});

/** The AMI that a parameter names. Throws AmiNotUsable for a value that is no AMI id. */
export function imageIdIn({ state, value }: FoundParameter): string {
  const imageId = ImageId.safeParse(value);
  if (imageId.success) return imageId.data;
  throw new AmiNotUsable(
    `Version ${state.version} of ${state.parameter} is ${JSON.stringify(value.slice(0, 100))}, which is no AMI id.`,
  );
}

/** The versions of a parameter, the latest first. Public parameters are AWS's, and have no history to be read. */
export async function historyOf(ssm: SSMClient, Name: string): Promise<ParameterHistory[]> {
  if (Name.startsWith('/aws/')) return [];
  const found: ParameterHistory[] = [];
  for await (const { Parameters = [] } of paginateGetParameterHistory({ client: ssm, pageSize: 50 }, { Name }))
    found.push(...Parameters);
  return found.sort((a, b) => (b.Version ?? 0) - (a.Version ?? 0));
}

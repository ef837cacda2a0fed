import {
  paginateDescribeInstanceTypes,
  type EC2Client,
  type InstanceTypeInfo,
  type _InstanceType,
} from '@aws-sdk/client-ec2';
import { each } from '../each.ts';

/** DescribeInstanceTypes takes so many types. */
const MOST_TYPES = 100;

/** What an instance type can launch. */
export interface TypeFacts {
  readonly architectures: readonly string[];
  readonly virtualizationTypes: readonly string[];
  readonly bootModes: readonly string[];
  readonly rootDeviceTypes: readonly string[];
}

/** What instance types can launch, by type; a type that EC2 does not know is left out. Source: EC2 DescribeInstanceTypes. */
export async function readInstanceTypes(ec2: EC2Client, types: Iterable<string>): Promise<Map<string, TypeFacts>> {
  const wanted = [...new Set(types)] as _InstanceType[];
  const found = new Map<string, TypeFacts>();
  for (let from = 0; from < wanted.length; from += MOST_TYPES)
    for (const type of await describe(ec2, wanted.slice(from, from + MOST_TYPES)))
      found.set(type.InstanceType ?? '', {
        architectures: type.ProcessorInfo?.SupportedArchitectures ?? [],
        virtualizationTypes: type.SupportedVirtualizationTypes ?? [],
        bootModes: type.SupportedBootModes ?? [],
        rootDeviceTypes: type.SupportedRootDeviceTypes ?? [],
      });
  return found;
}

async function describe(ec2: EC2Client, types: _InstanceType[]): Promise<InstanceTypeInfo[]> {
  const found: InstanceTypeInfo[] = [];
  try {
    for await (const page of paginateDescribeInstanceTypes({ client: ec2 }, { InstanceTypes: types }))
      found.push(...(page.InstanceTypes ?? []));
    return found;
  } catch (error) {
    if (!(error instanceof Error && error.name === 'InvalidInstanceType')) throw error;
    // One type that is unknown hides the others.
    return types.length === 1 ? [] : (await each(types, (type) => describe(ec2, [type]))).flat();
  }
}

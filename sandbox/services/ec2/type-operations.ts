import type * as ec2 from '@aws-sdk/client-ec2';
import { AwsError } from '../../core/aws-error.ts';
import { only } from '../../core/only.ts';
import { type Operation, operation } from '../../core/service.ts';
import { anywhere, LISTING } from './describe.ts';
import { refuseDryRun } from './dry-run.ts';
import { INSTANCE_TYPES, type InstanceType } from './instance-types.ts';
import { type FilterValues, page, passing } from './queries.ts';

interface Row extends InstanceType {
  readonly name: string;
  readonly tags: ReadonlyMap<string, string>;
}

const NO_TAGS = new Map<string, string>();

const FILTERS: FilterValues<Row> = {
  'current-generation': () => ['true'],
  hypervisor: () => ['nitro'],
  'instance-type': ({ name }) => [name],
  'memory-info.size-in-mib': ({ memoryMiB }) => [String(memoryMiB)],
  'processor-info.supported-architecture': ({ architecture }) => [architecture],
  'supported-boot-mode': ({ bootModes }) => bootModes,
  'supported-root-device-type': () => ['ebs'],
  'supported-virtualization-type': () => ['hvm'],
  'vcpu-info.default-vcpus': ({ vcpus }) => [String(vcpus)],
};

const shape = ({ name, architecture, bootModes, vcpus, memoryMiB }: Row): ec2.InstanceTypeInfo => ({
  InstanceType: name as ec2._InstanceType,
  BareMetal: false,
  BurstablePerformanceSupported: name.startsWith('t'),
  CurrentGeneration: true,
  Hypervisor: 'nitro',
  InstanceStorageSupported: false,
  MemoryInfo: { SizeInMiB: memoryMiB },
  ProcessorInfo: { SupportedArchitectures: [architecture] },
  SupportedBootModes: [...bootModes],
  SupportedRootDeviceTypes: ['ebs'],
  SupportedUsageClasses: ['on-demand', 'spot'],
  SupportedVirtualizationTypes: ['hvm'],
  VCpuInfo: { DefaultVCpus: vcpus },
});

/** DescribeInstanceTypes (API reference, version 2016-11-15). */
export const typeOperations: Readonly<Record<string, Operation>> = {
  DescribeInstanceTypes: operation<ec2.DescribeInstanceTypesCommandInput, ec2.DescribeInstanceTypesCommandOutput>(
    anywhere('DescribeInstanceTypes'),
    (input) => {
      only('ec2:DescribeInstanceTypes', input, ['InstanceTypes', 'Filters', ...LISTING]);
      refuseDryRun(input);
      const rows = [...INSTANCE_TYPES].map(([name, type]): Row => ({ ...type, name, tags: NO_TAGS }));
      const wanted: readonly string[] = input.InstanceTypes ?? [];
      const unknown = wanted.filter((name) => !INSTANCE_TYPES.has(name));
      if (unknown.length > 0)
        throw new AwsError(
          'InvalidInstanceType',
          `The following supplied instance types do not exist: [${unknown.join(', ')}]`,
        );
      const chosen = rows.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
      const { items, NextToken } = page(chosen.filter(passing(input.Filters, FILTERS)), input);
      return { InstanceTypes: items.map(shape), NextToken };
    },
  ),
};

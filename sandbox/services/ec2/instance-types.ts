import { AwsError } from '../../core/aws-error.ts';

export interface InstanceType {
  readonly vcpus: number;
  readonly memoryMiB: number;
  readonly architecture: 'x86_64' | 'arm64';
  readonly bootModes: readonly ('legacy-bios' | 'uefi')[];
}

const x86 = (vcpus: number, memoryMiB: number): InstanceType => ({
  vcpus,
  memoryMiB,
  architecture: 'x86_64',
  bootModes: ['legacy-bios', 'uefi'],
});
const arm = (vcpus: number, memoryMiB: number): InstanceType => ({
  vcpus,
  memoryMiB,
  architecture: 'arm64',
  bootModes: ['uefi'],
});

/** The instance types that the sandbox knows; any other is InvalidInstanceType. */
export const INSTANCE_TYPES: ReadonlyMap<string, InstanceType> = new Map([
  ['t3.micro', x86(2, 1024)],
  ['t3.small', x86(2, 2048)],
  ['t3.medium', x86(2, 4096)],
  ['t3.large', x86(2, 8192)],
  ['t4g.micro', arm(2, 1024)],
  ['t4g.small', arm(2, 2048)],
  ['t4g.medium', arm(2, 4096)],
  ['m6i.large', x86(2, 8192)],
  ['m6i.xlarge', x86(4, 16_384)],
  ['m7g.large', arm(2, 8192)],
  ['r6i.large', x86(2, 16_384)],
  ['c6i.large', x86(2, 4096)],
]);

export function instanceType(name: string): InstanceType {
  const found = INSTANCE_TYPES.get(name);
  if (found === undefined)
    throw new AwsError('InvalidInstanceType', `The following supplied instance types do not exist: [${name}]`);
  return found;
}

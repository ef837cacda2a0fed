import * as z from 'zod';
import { buildTree, linuxFiles, type Software } from '../agent/index.ts';
import type { World } from '../core/world.ts';
import type { Image } from '../services/ec2/index.ts';
import { noOutput, outputOf, type Outputs } from './outputs.ts';
import { device, files, listener, output, tags, unit } from './parts.ts';

/** An AMI of a fleet file. */
export const FleetImage = z.strictObject({
  id: z.string().regex(/^ami-[0-9a-f]{17}$/, 'an AMI id is ami- and 17 hexadecimal digits'),
  architecture: z.enum(['x86_64', 'arm64']).default('x86_64'),
  platform: z.enum(['Linux', 'Windows']),
  platformName: z.string().min(1),
  platformVersion: z.string().min(1),
  kernel: z.string().default(''),
  rootSizeGiB: z.int().min(1).default(8),
  agentVersion: z.string().default('3.3.2299.0'),
  files: files.default({}),
  units: z.array(unit).default([]),
  listeners: z.array(listener).default([]),
  tags: tags.default({}),
  state: z.enum(['pending', 'available', 'failed', 'disabled']).default('available'),
  /** Pending until so many seconds after the start of the sandbox. */
  availableAfterSeconds: z.int().min(0).optional(),
  /** The account that owns it; the sandbox's unless told. */
  owner: z
    .string()
    .regex(/^\d{12}$/, 'an account is 12 digits')
    .optional(),
  /** Whether an AMI of another account is shared with the sandbox's, or with all. */
  shared: z.union([z.boolean(), z.literal('public')]).default(false),
  virtualization: z.enum(['hvm', 'paravirtual']).default('hvm'),
  rootDeviceType: z.enum(['ebs', 'instance-store']).default('ebs'),
  bootMode: z.enum(['legacy-bios', 'uefi', 'uefi-preferred']).optional(),
  extraVolumes: z.array(z.strictObject({ device, sizeGiB: z.int().min(1) })).default([]),
  /** The KMS key of its snapshots: an id, an ARN, or the output that holds one; not encrypted without it. */
  kmsKey: z.union([z.string().min(1), output]).optional(),
  productCodes: z.array(z.string().min(1)).default([]),
  /** Seconds from the start of the sandbox until it is deprecated. */
  deprecatedAfterSeconds: z.int().min(0).optional(),
  defect: z.enum(['fails-health-checks', 'never-reaches-ssm', 'crashes']).optional(),
  /** How long its machines run until they crash. */
  defectAfterSeconds: z.int().min(0).default(600),
});
type FleetImage = z.output<typeof FleetImage>;

/** The output that an image's key is named by and the stacks do not have. */
export const imageProblems = ({ kmsKey }: FleetImage, at: string, outputs: Outputs): string[] =>
  typeof kmsKey === 'object' && outputOf(kmsKey, outputs) === undefined
    ? [noOutput(`${at}.kmsKey.output`, kmsKey, outputs)]
    : [];

const YEAR = 365 * 86_400_000;

interface Surroundings {
  readonly world: World;
  readonly outputs: Outputs;
}

export function imageOf(name: string, image: FleetImage, on: Surroundings): Image {
  const { account, clock } = on.world;
  const now = clock.now();
  const base = image.platform === 'Linux' ? linuxFiles(image.platformName, image.platformVersion) : { '/var/log/': '' };
  const creationDate = now - YEAR;
  const { defect, defectAfterSeconds, availableAfterSeconds: pendingFor, deprecatedAfterSeconds: lasts } = image;
  return {
    imageId: image.id,
    name,
    architecture: image.architecture,
    creationDate,
    volumes: volumesOf(image, on),
    files: buildTree({ ...base, ...image.files }, creationDate),
    software: softwareOf(image, {
      units: [],
      containers: [],
      listeners: [],
      memoryUsed: 0.3,
      load: [0.05, 0.04, 0.01],
    }),
    agentVersion: image.agentVersion,
    tags: new Map(Object.entries(image.tags)),
    owner: image.owner ?? account,
    public: image.shared === 'public',
    sharedWith: new Set(image.shared === true ? [account] : []),
    virtualization: image.virtualization,
    rootDeviceType: image.rootDeviceType,
    bootMode: image.bootMode,
    productCodes: image.productCodes,
    deprecationTime: lasts === undefined ? undefined : now + lasts * 1000,
    state: pendingFor === undefined ? image.state : 'pending',
    availableAt: pendingFor === undefined ? undefined : now + pendingFor * 1000,
    defect: defect === undefined ? undefined : { kind: defect, afterSeconds: defectAfterSeconds },
  };
}

/** Its root volume, whose snapshot has the digits of the image, and the extra ones. */
function volumesOf(image: FleetImage, { world, outputs }: Surroundings): Image['volumes'] {
  const { account, region } = world;
  const digits = image.id.slice('ami-'.length).replace(/^(.{8})(.*)$/, '$2$1');
  const key = image.kmsKey === undefined ? undefined : outputOf(image.kmsKey, outputs);
  const kmsKeyId =
    key === undefined || key.startsWith('arn:') ? key : `arn:aws:kms:${region}:${image.owner ?? account}:key/${key}`;
  const volume = (deviceName: string, sizeGiB: number, snapshot: string) => ({
    deviceName,
    sizeGiB,
    kmsKeyId,
    volumeType: 'gp3',
    deleteOnTermination: true,
    snapshotId: `snap-${snapshot}`,
  });
  const root = volume(image.platform === 'Windows' ? '/dev/sda1' : '/dev/xvda', image.rootSizeGiB, digits);
  return [root, ...image.extraVolumes.map(({ device: name, sizeGiB }) => volume(name, sizeGiB, world.random.hex(17)))];
}

type Extra = Pick<Software, 'units' | 'containers' | 'listeners' | 'memoryUsed' | 'load'>;

/** What runs on machines of an image, with what they have of their own. */
export function softwareOf(image: FleetImage, { units, containers, listeners, memoryUsed, load }: Extra): Software {
  const { platform, platformName, platformVersion, kernel } = image;
  return {
    platform,
    platformName,
    platformVersion,
    kernel,
    units: [...image.units, ...units],
    containers,
    listeners: [...image.listeners, ...listeners],
    memoryUsed,
    load,
  };
}

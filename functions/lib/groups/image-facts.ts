import { paginateDescribeImages, type EC2Client, type Image } from '@aws-sdk/client-ec2';

/** EC2's limit on the values of one filter. */
const MOST_VALUES = 200;

/** What has to be known of an AMI to say where it can be launched. */
export interface ImageFacts {
  readonly imageId: string;
  readonly state: string;
  /** `x86_64`, `arm64`, … */
  readonly architecture: string;
  /** `hvm` or `paravirtual`. */
  readonly virtualizationType: string;
  /** `legacy-bios`, `uefi` or `uefi-preferred`; undefined: what the instance type boots by itself. */
  readonly bootMode: string | undefined;
  readonly platform: 'linux' | 'windows';
  /** `ebs` or `instance-store`. */
  readonly rootDeviceType: string;
  readonly rootDeviceName: string;
  /** By device name, the sizes of the volumes that are made from snapshots. */
  readonly deviceSizesGiB: Readonly<Record<string, number>>;
}

export function imageFacts(image: Image): ImageFacts {
  const { BlockDeviceMappings = [] } = image;
  const sizes = BlockDeviceMappings.flatMap(({ DeviceName = '', Ebs }) =>
    Ebs?.VolumeSize === undefined ? [] : [[DeviceName, Ebs.VolumeSize] as const],
  );
  return {
    imageId: image.ImageId ?? '',
    state: image.State ?? '',
    architecture: image.Architecture ?? '',
    virtualizationType: image.VirtualizationType ?? '',
    bootMode: image.BootMode,
    // EC2 names the platform of Windows alone.
    platform: image.Platform?.toLowerCase() === 'windows' ? 'windows' : 'linux',
    rootDeviceType: image.RootDeviceType ?? '',
    rootDeviceName: image.RootDeviceName ?? '',
    deviceSizesGiB: Object.fromEntries(sizes),
  };
}

/** The AMIs that there are of these, by id; by a filter, because one that is gone would fail a call by ids. Source: EC2 DescribeImages. */
export async function readImages(ec2: EC2Client, ids: Iterable<string>): Promise<Map<string, ImageFacts>> {
  const wanted = [...new Set(ids)];
  const found = new Map<string, ImageFacts>();
  for (let from = 0; from < wanted.length; from += MOST_VALUES) {
    const Filters = [{ Name: 'image-id', Values: wanted.slice(from, from + MOST_VALUES) }];
    for await (const { Images = [] } of paginateDescribeImages({ client: ec2 }, { Filters, IncludeDeprecated: true }))
      for (const image of Images) found.set(image.ImageId ?? '', imageFacts(image));
  }
  return found;
}

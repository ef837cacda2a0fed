import type { DirectoryNode, Software } from '../../agent/index.ts';
import { AwsError } from '../../core/aws-error.ts';
import type { LaunchVolume } from './types.ts';

/** What is wrong with an AMI: how its machines behave, told when they boot. */
export type ImageDefect =
  /** Its machines never pass their instance status check. */
  | 'fails-health-checks'
  /** The SSM Agent of its machines never registers. */
  | 'never-reaches-ssm'
  /** Its machines stop reporting after a while: status impaired, agent dead. */
  | 'crashes';

type ImageState = 'pending' | 'available' | 'invalid' | 'deregistered' | 'transient' | 'failed' | 'error' | 'disabled';

/** A volume of an AMI; its snapshot is there. */
export interface ImageVolume extends LaunchVolume {
  readonly snapshotId: string;
}

export interface Image {
  readonly imageId: string;
  readonly name: string;
  readonly architecture: 'x86_64' | 'arm64';
  readonly creationDate: number;
  /** The root volume first. */
  readonly volumes: readonly [ImageVolume, ...ImageVolume[]];
  readonly files: DirectoryNode;
  readonly software: Software;
  readonly agentVersion: string;
  readonly tags: Map<string, string>;
  /** The account that owns it. */
  readonly owner: string;
  readonly public: boolean;
  /** The accounts that it is shared with by its launch permissions. */
  readonly sharedWith: ReadonlySet<string>;
  readonly virtualization: 'hvm' | 'paravirtual';
  readonly rootDeviceType: 'ebs' | 'instance-store';
  readonly bootMode: 'legacy-bios' | 'uefi' | 'uefi-preferred' | undefined;
  readonly productCodes: readonly string[];
  readonly deprecationTime: number | undefined;
  state: ImageState;
  /** When a pending image becomes available, epoch milliseconds. */
  readonly availableAt: number | undefined;
  defect: { readonly kind: ImageDefect; readonly afterSeconds: number } | undefined;
}

/** A snapshot, which the sandbox knows from the AMI that it belongs to: its owner and sharing are the AMI's. */
export interface Snapshot {
  readonly volume: ImageVolume;
  readonly image: Image;
}

/** Whether an account sees an AMI and may launch it: its own, a public one, or one that is shared with it. */
export const isSharedWith = ({ owner, public: all, sharedWith }: Image, account: string): boolean =>
  owner === account || all || sharedWith.has(account);

export const imageState = ({ state, availableAt }: Image, now: number): ImageState =>
  state === 'pending' && availableAt !== undefined && now >= availableAt ? 'available' : state;

/**
 * The AMI that an account can launch now.
 * @throws AwsError InvalidAMIID.Malformed, InvalidAMIID.NotFound, InvalidAMIID.Unavailable
 */
export function launchable(
  images: ReadonlyMap<string, Image>,
  imageId: string,
  { account, now }: { readonly account: string; readonly now: number },
): Image {
  if (!/^ami-(?:[0-9a-f]{8}|[0-9a-f]{17})$/.test(imageId))
    throw new AwsError('InvalidAMIID.Malformed', `Invalid id: "${imageId}" (expecting "ami-...")`);
  const image = images.get(imageId);
  if (image === undefined || !isSharedWith(image, account))
    throw new AwsError('InvalidAMIID.NotFound', `The image id '[${imageId}]' does not exist`);
  const state = imageState(image, now);
  if (state !== 'available')
    throw new AwsError('InvalidAMIID.Unavailable', `The image ID '${imageId}' is not available`);
  return image;
}

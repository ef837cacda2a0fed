import type { BlockDeviceMapping, LaunchTemplateBlockDeviceMapping } from '@aws-sdk/client-ec2';
import { AwsError } from '../../core/aws-error.ts';
import { only } from '../../core/only.ts';
import type { Image, ImageVolume } from './images.ts';
import type { LaunchVolume } from './types.ts';

type Mapping = BlockDeviceMapping | LaunchTemplateBlockDeviceMapping;

const EBS = [
  'DeleteOnTermination',
  'SnapshotId',
  'VolumeSize',
  'VolumeType',
  'Encrypted',
  'KmsKeyId',
  'Iops',
  'Throughput',
];

interface Surroundings {
  readonly snapshot: (id: string) => ImageVolume | undefined;
  /** The ARN of a key that is given by its id or ARN. */
  readonly keyArn: (key: string) => string;
}

const invalid = (message: string): AwsError => new AwsError('InvalidBlockDeviceMapping', message);

/**
 * The volumes of a new instance: those of the AMI, changed, suppressed (`NoDevice`) and added to by device name ("Block
 * device mappings for volumes on Amazon EC2 instances", EC2 User Guide).
 * @throws AwsError InvalidBlockDeviceMapping, InvalidSnapshot.NotFound
 */
export function launchVolumes(
  { volumes }: Image,
  mappings: readonly Mapping[] | undefined,
  on: Surroundings,
): LaunchVolume[] {
  const [root] = volumes;
  const all = new Map<string, LaunchVolume>(volumes.map((volume) => [volume.deviceName, volume]));
  for (const mapping of mappings ?? []) {
    only('a block device mapping', mapping, ['DeviceName', 'Ebs', 'NoDevice']);
    const { DeviceName: device = '', NoDevice: none } = mapping;
    if (device === '') throw invalid('A block device mapping must have a device name.');
    if (none === undefined) all.set(device, volumeOf(mapping, device === root.deviceName, all.get(device), on));
    else if (device === root.deviceName) throw invalid(`The root device ${device} cannot be suppressed.`);
    else all.delete(device);
  }
  return [...all.values()];
}

function volumeOf(
  { DeviceName: device = '', Ebs: ebs = {} }: Mapping,
  root: boolean,
  before: LaunchVolume | undefined,
  on: Surroundings,
): LaunchVolume {
  only('the EBS volume of a block device mapping', ebs, EBS);
  const snapshotId = ebs.SnapshotId ?? before?.snapshotId;
  if (root && snapshotId !== before?.snapshotId) throw invalid('snapshotId cannot be modified on root device');
  const snapshot = snapshotId === undefined ? undefined : on.snapshot(snapshotId);
  if (snapshotId !== undefined && snapshot === undefined)
    throw new AwsError('InvalidSnapshot.NotFound', `The snapshot '${snapshotId}' does not exist.`);
  const sizeGiB = ebs.VolumeSize ?? snapshot?.sizeGiB;
  if (sizeGiB === undefined) throw invalid(`Either snapshot ID or volume size must be provided for: ${device}`);
  if (snapshot !== undefined && sizeGiB < snapshot.sizeGiB)
    throw invalid(
      `Volume of size ${sizeGiB}GB is smaller than  snapshot '${snapshot.snapshotId}', expect size >= ${snapshot.sizeGiB}GB`,
    );
  return {
    deviceName: device,
    sizeGiB,
    snapshotId,
    volumeType: ebs.VolumeType ?? before?.volumeType ?? 'gp2',
    deleteOnTermination: ebs.DeleteOnTermination ?? before?.deleteOnTermination ?? true,
    iops: ebs.Iops,
    throughput: ebs.Throughput,
    kmsKeyId: keyOf(ebs, snapshot, on),
  };
}

/** A volume of an encrypted snapshot is encrypted, whatever the request says; AWS's own key is taken unless told. */
function keyOf(
  { Encrypted: encrypted, KmsKeyId: key }: NonNullable<Mapping['Ebs']>,
  snapshot: ImageVolume | undefined,
  { keyArn }: Surroundings,
): string | undefined {
  if (key !== undefined && encrypted !== true && snapshot?.kmsKeyId === undefined)
    throw new AwsError(
      'InvalidParameterDependency',
      'The parameter KmsKeyId requires the parameter Encrypted to be set.',
    );
  if (key !== undefined) return keyArn(key);
  return snapshot?.kmsKeyId ?? (encrypted === true ? keyArn('alias/aws/ebs') : undefined);
}

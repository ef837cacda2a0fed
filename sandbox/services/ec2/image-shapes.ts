import type * as ec2 from '@aws-sdk/client-ec2';
import { type Image, imageState, type ImageVolume, type Snapshot } from './images.ts';
import { tagList } from './shapes.ts';

function mapping({ deviceName, snapshotId, ...volume }: ImageVolume): ec2.BlockDeviceMapping {
  return {
    DeviceName: deviceName,
    Ebs: {
      DeleteOnTermination: volume.deleteOnTermination,
      SnapshotId: snapshotId,
      VolumeSize: volume.sizeGiB,
      VolumeType: volume.volumeType as ec2.VolumeType,
      Encrypted: volume.kmsKeyId !== undefined,
    },
  };
}

/** An AMI as DescribeImages tells of it (API reference: Image). The key of a volume is the snapshot's to tell. */
export function imageShape(image: Image, now: number): ec2.Image {
  const windows = image.software.platform === 'Windows';
  const state = imageState(image, now);
  const [root] = image.volumes;
  return {
    Architecture: image.architecture,
    BlockDeviceMappings: image.rootDeviceType === 'ebs' ? image.volumes.map(mapping) : [],
    ...(image.bootMode === undefined ? {} : { BootMode: image.bootMode }),
    CreationDate: new Date(image.creationDate).toISOString(),
    ...(image.deprecationTime === undefined ? {} : { DeprecationTime: new Date(image.deprecationTime).toISOString() }),
    EnaSupport: true,
    Hypervisor: 'xen',
    ImageId: image.imageId,
    ImageLocation: `${image.owner}/${image.name}`,
    ImageType: 'machine',
    Name: image.name,
    OwnerId: image.owner,
    ...(windows ? { Platform: 'windows' as ec2.PlatformValues } : {}),
    PlatformDetails: windows ? 'Windows' : 'Linux/UNIX',
    ProductCodes: image.productCodes.map((ProductCodeId) => ({ ProductCodeId, ProductCodeType: 'marketplace' })),
    Public: image.public,
    RootDeviceName: root.deviceName,
    RootDeviceType: image.rootDeviceType,
    State: state,
    ...(state === 'failed' ? { StateReason: { Code: 'Client.RegistrationFailure', Message: 'The AMI failed.' } } : {}),
    Tags: tagList(image.tags),
    UsageOperation: windows ? 'RunInstances:0002' : 'RunInstances',
    VirtualizationType: image.virtualization,
  };
}

/** API reference: Snapshot. */
export const snapshotShape = ({ volume, image }: Snapshot): ec2.Snapshot => ({
  SnapshotId: volume.snapshotId,
  Description: `Created by CreateImage for ${image.imageId}`,
  Encrypted: volume.kmsKeyId !== undefined,
  ...(volume.kmsKeyId === undefined ? {} : { KmsKeyId: volume.kmsKeyId }),
  OwnerId: image.owner,
  Progress: '100%',
  StartTime: new Date(image.creationDate),
  State: 'completed',
  StorageTier: 'standard',
  Tags: [],
  VolumeId: 'vol-ffffffff',
  VolumeSize: volume.sizeGiB,
});

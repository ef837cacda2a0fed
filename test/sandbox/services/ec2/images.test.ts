import type { Image, Snapshot } from '@aws-sdk/client-ec2';
import { describe, expect, it } from '@jest/globals';
import { amiId, AMI, imageWorld } from './support.ts';

const [ENCRYPTED, PENDING, SHARED, FOREIGN, PUBLIC, DISABLED] = [1, 2, 3, 4, 5, 6].map(amiId);
const OTHER = '210987654321';
const KEY = 'arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-4333-8444-555555555555';

async function manyImages() {
  const on = await imageWorld({
    encrypted: {
      id: ENCRYPTED,
      architecture: 'arm64',
      bootMode: 'uefi',
      rootSizeGiB: 20,
      kmsKey: '11111111-2222-4333-8444-555555555555',
      extraVolumes: [{ device: '/dev/sdf', sizeGiB: 50 }],
      productCodes: ['abc'],
      tags: { Stage: 'test' },
    },
    pending: { id: PENDING, availableAfterSeconds: 60 },
    shared: { id: SHARED, owner: OTHER, shared: true, deprecatedAfterSeconds: 60 },
    foreign: { id: FOREIGN, owner: OTHER },
    public: {
      id: PUBLIC,
      owner: OTHER,
      shared: 'public',
      virtualization: 'paravirtual',
      rootDeviceType: 'instance-store',
    },
    disabled: { id: DISABLED, state: 'disabled' },
  });
  const describeImages = async (input: object = {}) =>
    (await on.call<{ Images: Image[] }>('ec2', 'DescribeImages', input)).Images;
  const ids = async (input: object = {}) => (await describeImages(input)).map(({ ImageId: id }) => id);
  return { ...on, describeImages, ids };
}

describe('DescribeImages', () => {
  it('tells what a rollout looks at', async () => {
    const { describeImages } = await manyImages();
    const [image] = await describeImages({ ImageIds: [ENCRYPTED] });
    expect(image).toMatchObject({
      Architecture: 'arm64',
      BootMode: 'uefi',
      EnaSupport: true,
      OwnerId: '123456789012',
      PlatformDetails: 'Linux/UNIX',
      ProductCodes: [{ ProductCodeId: 'abc', ProductCodeType: 'marketplace' }],
      Public: false,
      RootDeviceName: '/dev/xvda',
      RootDeviceType: 'ebs',
      State: 'available',
      Tags: [{ Key: 'Stage', Value: 'test' }],
      VirtualizationType: 'hvm',
      BlockDeviceMappings: [
        { DeviceName: '/dev/xvda', Ebs: { Encrypted: true, VolumeSize: 20, VolumeType: 'gp3' } },
        { DeviceName: '/dev/sdf', Ebs: { Encrypted: true, VolumeSize: 50 } },
      ],
    });
    const [instanceStore] = await describeImages({ ImageIds: [PUBLIC] });
    expect(instanceStore).toMatchObject({
      BlockDeviceMappings: [],
      OwnerId: OTHER,
      Public: true,
      RootDeviceType: 'instance-store',
      VirtualizationType: 'paravirtual',
    });
  });

  it('becomes available, and deprecated, with time', async () => {
    const { describeImages, ids, clock } = await manyImages();
    const state = async () => (await describeImages({ ImageIds: [PENDING] }))[0]?.State;
    expect([await state(), (await ids()).includes(SHARED)]).toEqual(['pending', true]);
    await clock.runFor(60_000);
    expect([await state(), (await ids()).includes(SHARED)]).toEqual(['available', false]);
    expect(await ids({ IncludeDeprecated: true })).toContain(SHARED);
    expect((await describeImages({ ImageIds: [SHARED] }))[0]?.DeprecationTime).toMatch(/Z$/);
  });

  it.each<[object, (string | undefined)[]]>([
    [{}, [AMI, ENCRYPTED, PENDING, SHARED, PUBLIC]],
    [{ IncludeDisabled: true }, [AMI, ENCRYPTED, PENDING, SHARED, PUBLIC, DISABLED]],
    [{ Owners: ['self'] }, [AMI, ENCRYPTED, PENDING]],
    [{ Owners: [OTHER] }, [SHARED, PUBLIC]],
    [{ Owners: ['amazon'] }, []],
    [{ Filters: [{ Name: 'image-id', Values: [FOREIGN] }] }, []],
    [{ Filters: [{ Name: 'is-public', Values: ['true'] }] }, [PUBLIC]],
    [{ Filters: [{ Name: 'state', Values: ['pending'] }] }, [PENDING]],
    [{ Filters: [{ Name: 'architecture', Values: ['arm64'] }] }, [ENCRYPTED]],
    [{ Filters: [{ Name: 'tag:Stage', Values: ['test'] }] }, [ENCRYPTED]],
    [{ Filters: [{ Name: 'block-device-mapping.volume-size', Values: ['50'] }] }, [ENCRYPTED]],
    [{ MaxResults: 2 }, [AMI, ENCRYPTED]],
  ])('lists by %j', async (input, expected) => {
    const { ids } = await manyImages();
    expect(await ids(input)).toEqual(expected);
  });

  it('knows nothing of an AMI that is not shared', async () => {
    const { failure } = await manyImages();
    expect(await failure('ec2', 'DescribeImages', { ImageIds: [FOREIGN] })).toBe(
      `InvalidAMIID.NotFound: The image id '[${FOREIGN}]' does not exist`,
    );
    expect(await failure('ec2', 'DescribeImages', { ImageIds: ['web'] })).toBe(
      'InvalidAMIID.Malformed: Invalid id: "web" (expecting "ami-...")',
    );
  });
});

describe('DescribeSnapshots', () => {
  it('tells the key of the snapshots of an AMI', async () => {
    const { call, describeImages } = await manyImages();
    const [image] = await describeImages({ ImageIds: [ENCRYPTED] });
    const SnapshotIds = image?.BlockDeviceMappings?.map(({ Ebs: ebs }) => ebs?.SnapshotId);
    const { Snapshots: found } = await call<{ Snapshots: Snapshot[] }>('ec2', 'DescribeSnapshots', { SnapshotIds });
    expect(found.map(({ KmsKeyId: key, Encrypted, VolumeSize }) => [key, Encrypted, VolumeSize])).toEqual([
      [KEY, true, 20],
      [KEY, true, 50],
    ]);
  });

  it('lists those of this account by filter, and none that is not shared', async () => {
    const { call, failure, ec2 } = await manyImages();
    const Filters = [{ Name: 'encrypted', Values: ['true'] }];
    expect(await call('ec2', 'DescribeSnapshots', { OwnerIds: ['self'], Filters })).toHaveProperty(
      'Snapshots.length',
      2,
    );
    const foreign = ec2.images.get(FOREIGN ?? '')?.volumes[0].snapshotId ?? '';
    expect(await failure('ec2', 'DescribeSnapshots', { SnapshotIds: [foreign] })).toContain('InvalidSnapshot.NotFound');
  });
});

describe('DescribeImageAttribute', () => {
  it('tells the launch permissions of an own AMI alone', async () => {
    const { call, failure } = await manyImages();
    const Attribute = 'launchPermission';
    expect(await call('ec2', 'DescribeImageAttribute', { ImageId: AMI, Attribute })).toEqual({
      ImageId: AMI,
      LaunchPermissions: [],
    });
    const refused = (input: object) => failure('ec2', 'DescribeImageAttribute', { Attribute, ...input });
    expect(await refused({ ImageId: SHARED })).toBe(`AuthFailure: Not authorized for image:${SHARED ?? ''}`);
    expect(await refused({ ImageId: FOREIGN })).toContain('InvalidAMIID.NotFound');
    expect(await refused({ ImageId: AMI, Attribute: 'kernel' })).toContain('NotImplemented');
  });
});

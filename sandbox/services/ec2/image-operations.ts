import type * as ec2 from '@aws-sdk/client-ec2';
import { AwsError, notImplemented } from '../../core/aws-error.ts';
import { only } from '../../core/only.ts';
import { type Operation, operation } from '../../core/service.ts';
import type { World } from '../../core/world.ts';
import { anywhere, LISTING } from './describe.ts';
import { refuseDryRun } from './dry-run.ts';
import { imageShape, snapshotShape } from './image-shapes.ts';
import { type Image, imageState, isSharedWith, type Snapshot } from './images.ts';
import { byId, type FilterValues, page, passing } from './queries.ts';
import type { Ec2Store } from './store.ts';
import { resourceTags } from './tags.ts';

const IMAGE_ID = { code: 'InvalidAMIID', prefix: 'ami', name: 'image', bracketed: true };
const SNAPSHOT_ID = { code: 'InvalidSnapshot', prefix: 'snap', name: 'snapshot' };

type Filtered<T> = T & { readonly tags: ReadonlyMap<string, string> };

/** The operations on AMIs and their snapshots (API reference, version 2016-11-15). What is not shared with the account is not there. */
export function imageOperations({ account, region }: World, store: Ec2Store): Readonly<Record<string, Operation>> {
  const isOurs = ({ owner }: Image) => owner === account;
  const owned = (owners: readonly string[] | undefined) => (image: Image) =>
    owners === undefined || owners.includes(image.owner) || (owners.includes('self') && isOurs(image));
  const visible = () => new Map([...store.images].filter(([, image]) => isSharedWith(image, account)));
  const snapshots = () =>
    new Map<string, Filtered<Snapshot>>(
      [...store.snapshots]
        .filter(([, { image }]) => isSharedWith(image, account))
        .map(([id, snapshot]) => [id, { ...snapshot, tags: new Map() }]),
    );

  const listed = (input: ec2.DescribeImagesCommandInput): Image[] => {
    if (input.ImageIds?.length) return byId(visible(), input.ImageIds, IMAGE_ID);
    return [...visible().values()].filter(
      (image) =>
        (input.IncludeDeprecated === true || isOurs(image) || (image.deprecationTime ?? Infinity) > store.now) &&
        (input.IncludeDisabled === true || image.state !== 'disabled'),
    );
  };

  return {
    DescribeImages: operation<ec2.DescribeImagesCommandInput, ec2.DescribeImagesCommandOutput>(
      anywhere('DescribeImages'),
      (input) => {
        const members = ['ImageIds', 'Owners', 'Filters', 'IncludeDeprecated', 'IncludeDisabled', ...LISTING];
        only('ec2:DescribeImages', input, members);
        refuseDryRun(input);
        const passes = passing(input.Filters, imageFilters(store.now));
        const found = listed(input).filter((image) => owned(input.Owners)(image) && passes(image));
        const { items, NextToken } = page(found, input, 1);
        return { Images: items.map((image) => imageShape(image, store.now)), NextToken };
      },
    ),
    DescribeSnapshots: operation<ec2.DescribeSnapshotsCommandInput, ec2.DescribeSnapshotsCommandOutput>(
      anywhere('DescribeSnapshots'),
      (input) => {
        only('ec2:DescribeSnapshots', input, ['SnapshotIds', 'OwnerIds', 'Filters', ...LISTING]);
        refuseDryRun(input);
        const all = input.SnapshotIds?.length
          ? byId(snapshots(), input.SnapshotIds, SNAPSHOT_ID)
          : [...snapshots().values()];
        const found = all
          .filter(({ image }) => owned(input.OwnerIds)(image))
          .filter(passing(input.Filters, SNAPSHOT_FILTERS));
        const { items, NextToken } = page(found, input);
        return { Snapshots: items.map(snapshotShape), NextToken };
      },
    ),
    DescribeImageAttribute: operation<ec2.DescribeImageAttributeCommandInput, ec2.DescribeImageAttributeCommandOutput>(
      ({ ImageId: id = '' }) => [
        {
          action: 'ec2:DescribeImageAttribute',
          resource: `arn:aws:ec2:${region}::image/${id}`,
          context: resourceTags(store.images.get(id)?.tags ?? new Map()),
        },
      ],
      (input) => {
        only('ec2:DescribeImageAttribute', input, ['Attribute', 'ImageId', 'DryRun']);
        const [image] = byId(visible(), [input.ImageId ?? ''], IMAGE_ID);
        if (image === undefined || !isOurs(image))
          throw new AwsError('AuthFailure', `Not authorized for image:${input.ImageId ?? ''}`, 403);
        if (input.Attribute !== 'launchPermission')
          throw notImplemented(`the attribute '${input.Attribute ?? ''}' of images`);
        refuseDryRun(input);
        const everyone = image.public ? [{ Group: 'all' as const }] : [];
        return {
          ImageId: image.imageId,
          LaunchPermissions: [...everyone, ...[...image.sharedWith].map((UserId) => ({ UserId }))],
        };
      },
    ),
  };
}

const imageFilters = (now: number): FilterValues<Image> => ({
  architecture: ({ architecture }) => [architecture],
  'block-device-mapping.device-name': ({ volumes }) => volumes.map(({ deviceName }) => deviceName),
  'block-device-mapping.encrypted': ({ volumes }) => volumes.map(({ kmsKeyId }) => String(kmsKeyId !== undefined)),
  'block-device-mapping.snapshot-id': ({ volumes }) => volumes.map(({ snapshotId }) => snapshotId),
  'block-device-mapping.volume-size': ({ volumes }) => volumes.map(({ sizeGiB }) => String(sizeGiB)),
  'boot-mode': ({ bootMode }) => [bootMode],
  'creation-date': ({ creationDate }) => [new Date(creationDate).toISOString()],
  'ena-support': () => ['true'],
  hypervisor: () => ['xen'],
  'image-id': ({ imageId }) => [imageId],
  'image-type': () => ['machine'],
  'is-public': (image) => [String(image.public)],
  name: ({ name }) => [name],
  'owner-id': ({ owner }) => [owner],
  platform: ({ software }) => [software.platform === 'Windows' ? 'windows' : undefined],
  'product-code': ({ productCodes }) => productCodes,
  'root-device-name': ({ volumes }) => [volumes[0].deviceName],
  'root-device-type': ({ rootDeviceType }) => [rootDeviceType],
  state: (image) => [imageState(image, now)],
  'virtualization-type': ({ virtualization }) => [virtualization],
});

const SNAPSHOT_FILTERS: FilterValues<Filtered<Snapshot>> = {
  encrypted: ({ volume }) => [String(volume.kmsKeyId !== undefined)],
  'owner-id': ({ image }) => [image.owner],
  'snapshot-id': ({ volume }) => [volume.snapshotId],
  status: () => ['completed'],
  'volume-size': ({ volume }) => [String(volume.sizeGiB)],
};

import type * as ec2 from '@aws-sdk/client-ec2';
import { AwsError } from '../../core/aws-error.ts';
import { only } from '../../core/only.ts';
import { type Operation, operation, type Permission } from '../../core/service.ts';
import { imageShape } from './image-shapes.ts';
import { INSTANCE_TYPES } from './instance-types.ts';
import { byId, type FilterValues, page, passing } from './queries.ts';
import { STATE_CODES, type Shapes, tagList } from './shapes.ts';
import type { Ec2Store } from './store.ts';
import type { Image } from './images.ts';
import type { Instance, Volume } from './types.ts';

export const INSTANCE_ID = { code: 'InvalidInstanceID', prefix: 'i', name: 'instance' };
const VOLUME_ID = { code: 'InvalidVolume', prefix: 'vol', name: 'volume' };
const IMAGE_ID = { code: 'InvalidAMIID', prefix: 'ami', name: 'image' };

const LISTING = ['DryRun', 'MaxResults', 'NextToken'];

const anywhere = (action: string) => (): Permission[] => [{ action: `ec2:${action}`, resource: '*' }];

function refuseDryRun({ DryRun: dryRun }: { readonly DryRun?: boolean | undefined }): void {
  if (dryRun === true)
    throw new AwsError('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', 412);
}

function notBoth(ids: readonly string[] | undefined, maximum: number | undefined, member: string): void {
  if (ids === undefined || ids.length === 0 || maximum === undefined) return;
  throw new AwsError(
    'InvalidParameterCombination',
    `The parameter ${member} cannot be used with the parameter maxResults`,
  );
}

/** The operations that read. All of them need their action on `*`: EC2 defines no resource for Describe. */
export function describeOperations(
  store: Ec2Store,
  shapes: Shapes,
  owner: string,
): Readonly<Record<string, Operation>> {
  const instanceFilters: FilterValues<Instance> = {
    architecture: (instance) => [shapes.instance(instance).Architecture],
    'availability-zone': ({ availabilityZone }) => [availabilityZone],
    'block-device-mapping.volume-id': ({ instanceId }) => store.volumesOf(instanceId).map(({ volumeId }) => volumeId),
    'iam-instance-profile.arn': (instance) => [shapes.instance(instance).IamInstanceProfile?.Arn],
    'image-id': ({ imageId }) => [imageId],
    'instance-id': ({ instanceId }) => [instanceId],
    'instance-state-code': ({ state }) => [String(STATE_CODES[state])],
    'instance-state-name': ({ state }) => [state],
    'instance-type': ({ instanceType }) => [instanceType],
    'owner-id': () => [owner],
    platform: ({ software }) => [software.platform === 'Windows' ? 'windows' : undefined],
    'private-dns-name': (instance) => [store.privateDnsName(instance)],
    'private-ip-address': ({ privateIp }) => [privateIp],
    'root-device-type': () => ['ebs'],
    'subnet-id': ({ subnetId }) => [subnetId],
    'vpc-id': () => [store.network.vpcId],
  };
  const volumeFilters: FilterValues<Volume> = {
    'attachment.device': ({ attachment }) => [attachment?.device],
    'attachment.instance-id': ({ attachment }) => [attachment?.instanceId],
    'availability-zone': ({ availabilityZone }) => [availabilityZone],
    status: ({ attachment }) => [attachment === undefined ? 'available' : 'in-use'],
    'volume-id': ({ volumeId }) => [volumeId],
  };
  const imageFilters: FilterValues<Image> = {
    architecture: ({ architecture }) => [architecture],
    'image-id': ({ imageId }) => [imageId],
    name: ({ name }) => [name],
    'owner-id': () => [owner],
    state: () => ['available'],
  };
  const chosen = ({
    InstanceIds: ids,
    Filters: filters,
  }: {
    InstanceIds?: string[] | undefined;
    Filters?: ec2.Filter[] | undefined;
  }) =>
    (ids === undefined || ids.length === 0
      ? [...store.instances.values()]
      : byId(store.instances, ids, INSTANCE_ID)
    ).filter(passing(filters, instanceFilters));

  return {
    DescribeInstances: operation<ec2.DescribeInstancesCommandInput, ec2.DescribeInstancesCommandOutput>(
      anywhere('DescribeInstances'),
      (input) => {
        only('ec2:DescribeInstances', input, ['InstanceIds', 'Filters', ...LISTING]);
        refuseDryRun(input);
        notBoth(input.InstanceIds, input.MaxResults, 'instancesSet');
        const { items, NextToken } = page(chosen(input), input);
        const reservations = items.map((instance) => ({
          ReservationId: instance.reservationId,
          OwnerId: owner,
          Groups: [],
          Instances: [shapes.instance(instance)],
        }));
        return { Reservations: reservations, NextToken };
      },
    ),
    DescribeInstanceStatus: operation<ec2.DescribeInstanceStatusCommandInput, ec2.DescribeInstanceStatusCommandOutput>(
      anywhere('DescribeInstanceStatus'),
      (input) => {
        only('ec2:DescribeInstanceStatus', input, ['InstanceIds', 'Filters', 'IncludeAllInstances', ...LISTING]);
        refuseDryRun(input);
        notBoth(input.InstanceIds, input.MaxResults, 'instancesSet');
        const shown = chosen(input).filter(({ state }) => input.IncludeAllInstances === true || state === 'running');
        const { items, NextToken } = page(shown, input);
        return { InstanceStatuses: items.map((instance) => shapes.status(instance)), NextToken };
      },
    ),
    DescribeVolumes: operation<ec2.DescribeVolumesCommandInput, ec2.DescribeVolumesCommandOutput>(
      anywhere('DescribeVolumes'),
      (input) => {
        only('ec2:DescribeVolumes', input, ['VolumeIds', 'Filters', ...LISTING]);
        refuseDryRun(input);
        const all = input.VolumeIds?.length
          ? byId(store.volumes, input.VolumeIds, VOLUME_ID)
          : [...store.volumes.values()];
        const { items, NextToken } = page(all.filter(passing(input.Filters, volumeFilters)), input);
        return { Volumes: items.map((volume) => shapes.volume(volume)), NextToken };
      },
    ),
    DescribeImages: operation<ec2.DescribeImagesCommandInput, ec2.DescribeImagesCommandOutput>(
      anywhere('DescribeImages'),
      (input) => {
        // No image of the sandbox is ever deprecated or disabled.
        only('ec2:DescribeImages', input, [
          'ImageIds',
          'Owners',
          'Filters',
          'IncludeDeprecated',
          'IncludeDisabled',
          ...LISTING,
        ]);
        refuseDryRun(input);
        const all = input.ImageIds?.length ? byId(store.images, input.ImageIds, IMAGE_ID) : [...store.images.values()];
        const owned = all.filter(
          () => input.Owners === undefined || input.Owners.includes('self') || input.Owners.includes(owner),
        );
        const { items, NextToken } = page(owned.filter(passing(input.Filters, imageFilters)), input, 1);
        return { Images: items.map((image) => imageShape(image, store.now)), NextToken };
      },
    ),
    DescribeInstanceTypes: operation<ec2.DescribeInstanceTypesCommandInput, ec2.DescribeInstanceTypesCommandOutput>(
      anywhere('DescribeInstanceTypes'),
      (input) => {
        only('ec2:DescribeInstanceTypes', input, ['InstanceTypes', 'Filters', ...LISTING]);
        refuseDryRun(input);
        const names = input.InstanceTypes?.length ? input.InstanceTypes : [...INSTANCE_TYPES.keys()];
        const unknown = names.filter((name) => !INSTANCE_TYPES.has(name));
        if (unknown.length > 0)
          throw new AwsError(
            'InvalidInstanceType',
            `The following supplied instance types do not exist: [${unknown.join(', ')}]`,
          );
        if (input.Filters !== undefined) passing(input.Filters, {});
        const { items, NextToken } = page(names, input);
        return { InstanceTypes: items.flatMap(describeType), NextToken };
      },
    ),
    DescribeTags: operation<ec2.DescribeTagsCommandInput, ec2.DescribeTagsCommandOutput>(
      anywhere('DescribeTags'),
      (input) => {
        only('ec2:DescribeTags', input, ['Filters', ...LISTING]);
        refuseDryRun(input);
        const { items, NextToken } = page(describeTags(store, input.Filters), input);
        return { Tags: [...items], NextToken };
      },
    ),
  };
}

function describeType(name: string): ec2.InstanceTypeInfo[] {
  const type = INSTANCE_TYPES.get(name);
  if (type === undefined) return [];
  return [
    {
      InstanceType: name as ec2._InstanceType,
      CurrentGeneration: true,
      ProcessorInfo: { SupportedArchitectures: [type.architecture] },
      VCpuInfo: { DefaultVCpus: type.vcpus },
      MemoryInfo: { SizeInMiB: type.memoryMiB },
    },
  ];
}

type TagRow = { readonly row: ec2.TagDescription; readonly tags: ReadonlyMap<string, string> };

function describeTags(store: Ec2Store, filters: readonly ec2.Filter[] | undefined): ec2.TagDescription[] {
  const rows = (
    kind: ec2.ResourceType,
    things: ReadonlyMap<string, { readonly tags: ReadonlyMap<string, string> }>,
  ): TagRow[] =>
    [...things].flatMap(([id, { tags }]) =>
      tagList(tags).map(({ Key, Value }) => ({ row: { ResourceId: id, ResourceType: kind, Key, Value }, tags })),
    );
  const all = [...rows('instance', store.instances), ...rows('volume', store.volumes), ...rows('image', store.images)];
  const passes = passing<TagRow>(filters, {
    key: ({ row }) => [row.Key],
    'resource-id': ({ row }) => [row.ResourceId],
    'resource-type': ({ row }) => [row.ResourceType],
    value: ({ row }) => [row.Value],
  });
  return all.filter(passes).map(({ row }) => row);
}

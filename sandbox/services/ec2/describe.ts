import type * as ec2 from '@aws-sdk/client-ec2';
import { AwsError } from '../../core/aws-error.ts';
import { only } from '../../core/only.ts';
import { type Operation, operation, type Permission } from '../../core/service.ts';
import { refuseDryRun } from './dry-run.ts';
import { instanceType } from './instance-types.ts';
import { byId, type FilterValues, page, passing } from './queries.ts';
import { STATE_CODES, type Shapes, tagList } from './shapes.ts';
import type { Ec2Store } from './store.ts';
import type { Instance, Volume } from './types.ts';

export const INSTANCE_ID = { code: 'InvalidInstanceID', prefix: 'i', name: 'instance' };
const VOLUME_ID = { code: 'InvalidVolume', prefix: 'vol', name: 'volume' };

/** Members that every listing operation has. */
export const LISTING = ['DryRun', 'MaxResults', 'NextToken'];

/** EC2 defines no resource for Describe: the action on `*`. */
export const anywhere = (action: string) => (): Permission[] => [{ action: `ec2:${action}`, resource: '*' }];

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
    architecture: ({ instanceType: type }) => [instanceType(type).architecture],
    'availability-zone': ({ availabilityZone }) => [availabilityZone],
    'block-device-mapping.volume-id': ({ instanceId }) => store.volumesOf(instanceId).map(({ volumeId }) => volumeId),
    'iam-instance-profile.arn': (instance) => [shapes.profile(instance)?.Arn],
    'image-id': ({ imageId }) => [imageId],
    'instance-id': ({ instanceId }) => [instanceId],
    'instance-status.status': (instance) => [store.statusOf(instance)],
    'instance-status.reachability': (instance) => [shapes.status(instance).InstanceStatus?.Details?.[0]?.Status],
    'system-status.status': (instance) => [shapes.status(instance).SystemStatus?.Status],
    'system-status.reachability': (instance) => [shapes.status(instance).SystemStatus?.Details?.[0]?.Status],
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

type TagRow = { readonly row: ec2.TagDescription; readonly tags: ReadonlyMap<string, string> };

function describeTags(store: Ec2Store, filters: readonly ec2.Filter[] | undefined): ec2.TagDescription[] {
  const rows = (
    kind: ec2.ResourceType,
    things: ReadonlyMap<string, { readonly tags: ReadonlyMap<string, string> }>,
  ): TagRow[] =>
    [...things].flatMap(([id, { tags }]) =>
      tagList(tags).map(({ Key, Value }) => ({ row: { ResourceId: id, ResourceType: kind, Key, Value }, tags })),
    );
  const all = [
    ...rows('instance', store.instances),
    ...rows('volume', store.volumes),
    ...rows('image', store.images),
    ...rows('launch-template', store.templates.all),
  ];
  const passes = passing<TagRow>(filters, {
    key: ({ row }) => [row.Key],
    'resource-id': ({ row }) => [row.ResourceId],
    'resource-type': ({ row }) => [row.ResourceType],
    value: ({ row }) => [row.Value],
  });
  return all.filter(passes).map(({ row }) => row);
}

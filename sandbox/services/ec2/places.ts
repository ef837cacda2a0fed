import type * as ec2 from '@aws-sdk/client-ec2';
import { AwsError } from '../../core/aws-error.ts';
import { only } from '../../core/only.ts';
import { type Operation, operation } from '../../core/service.ts';
import type { World } from '../../core/world.ts';
import { anywhere, LISTING } from './describe.ts';
import { refuseDryRun } from './dry-run.ts';
import type { Subnet } from './network.ts';
import { byId, type FilterValues, page, passing } from './queries.ts';
import type { Ec2Store } from './store.ts';
import { tagList } from './shapes.ts';

const SUBNET_ID = { code: 'InvalidSubnetID', prefix: 'subnet', name: 'subnet' };

/** Where machines can be: DescribeSubnets and DescribeAvailabilityZones (API reference, version 2016-11-15). */
export function placeOperations({ account, region }: World, store: Ec2Store): Readonly<Record<string, Operation>> {
  const { subnets, vpcId } = store.network;
  const subnetFilters: FilterValues<Subnet> = {
    'availability-zone': ({ availabilityZone }) => [availabilityZone],
    'availability-zone-id': ({ availabilityZoneId }) => [availabilityZoneId],
    'cidr-block': ({ cidr }) => [cidr],
    'default-for-az': () => ['true'],
    'owner-id': () => [account],
    state: () => ['available'],
    'subnet-id': ({ subnetId }) => [subnetId],
    'vpc-id': () => [vpcId],
  };
  const zoneFilters: FilterValues<Subnet> = {
    'region-name': () => [region],
    state: () => ['available'],
    'zone-id': ({ availabilityZoneId }) => [availabilityZoneId],
    'zone-name': ({ availabilityZone }) => [availabilityZone],
    'zone-type': () => ['availability-zone'],
  };

  const subnetShape = ({ subnetId, availabilityZone, availabilityZoneId, cidr, tags }: Subnet): ec2.Subnet => ({
    AssignIpv6AddressOnCreation: false,
    AvailabilityZone: availabilityZone,
    AvailabilityZoneId: availabilityZoneId,
    // Five addresses of a subnet are AWS's; what the instances take is not counted.
    AvailableIpAddressCount: 65_531,
    CidrBlock: cidr,
    DefaultForAz: true,
    MapPublicIpOnLaunch: false,
    OwnerId: account,
    State: 'available',
    SubnetArn: `arn:aws:ec2:${region}:${account}:subnet/${subnetId}`,
    SubnetId: subnetId,
    Tags: tagList(tags),
    VpcId: vpcId,
  });

  return {
    DescribeSubnets: operation<ec2.DescribeSubnetsCommandInput, ec2.DescribeSubnetsCommandOutput>(
      anywhere('DescribeSubnets'),
      (input) => {
        only('ec2:DescribeSubnets', input, ['SubnetIds', 'Filters', ...LISTING]);
        refuseDryRun(input);
        const all = input.SubnetIds?.length ? byId(subnets, input.SubnetIds, SUBNET_ID) : [...subnets.values()];
        const { items, NextToken } = page(all.filter(passing(input.Filters, subnetFilters)), input);
        return { Subnets: items.map(subnetShape), NextToken };
      },
    ),
    DescribeAvailabilityZones: operation<
      ec2.DescribeAvailabilityZonesCommandInput,
      ec2.DescribeAvailabilityZonesCommandOutput
    >(anywhere('DescribeAvailabilityZones'), (input) => {
      only('ec2:DescribeAvailabilityZones', input, [
        'ZoneNames',
        'ZoneIds',
        'Filters',
        'AllAvailabilityZones',
        'DryRun',
      ]);
      refuseDryRun(input);
      const all = [...subnets.values()];
      const { ZoneNames: names = [], ZoneIds: ids = [] } = input;
      const unknown = [
        ...names.filter((name) => !all.some(({ availabilityZone }) => availabilityZone === name)),
        ...ids.filter((id) => !all.some(({ availabilityZoneId }) => availabilityZoneId === id)),
      ];
      if (unknown.length > 0)
        throw new AwsError('InvalidParameterValue', `Invalid availability zone: [${unknown.join(', ')}]`);
      const chosen = all
        .filter(({ availabilityZone }) => names.length === 0 || names.includes(availabilityZone))
        .filter(({ availabilityZoneId }) => ids.length === 0 || ids.includes(availabilityZoneId))
        .filter(passing(input.Filters, zoneFilters));
      return { AvailabilityZones: chosen.map((subnet) => zoneShape(region, subnet)) };
    }),
  };
}

const zoneShape = (region: string, { availabilityZone, availabilityZoneId }: Subnet): ec2.AvailabilityZone => ({
  GroupName: `${region}-zg-1`,
  Messages: [],
  NetworkBorderGroup: region,
  OptInStatus: 'opt-in-not-required',
  RegionName: region,
  State: 'available',
  ZoneId: availabilityZoneId,
  ZoneName: availabilityZone,
  ZoneType: 'availability-zone',
});

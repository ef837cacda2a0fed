import type { InstanceStatus, InstanceTypeInfo, Subnet } from '@aws-sdk/client-ec2';
import { expect, it } from '@jest/globals';
import { AMI, imageWorld } from './support.ts';

const ZONES = ['eu-central-1a', 'eu-central-1b', 'eu-central-1c'];

it('there are three Availability Zones with a subnet each', async () => {
  const { call, failure } = await imageWorld();
  const { Subnets: subnets } = await call<{ Subnets: Subnet[] }>('ec2', 'DescribeSubnets');
  expect(subnets.map(({ AvailabilityZone: zone }) => zone)).toEqual(ZONES);
  const SubnetIds = [subnets[1]?.SubnetId];
  expect(await call('ec2', 'DescribeSubnets', { SubnetIds })).toMatchObject({ Subnets: [subnets[1]] });
  const Filters = [{ Name: 'availability-zone', Values: ['*c'] }];
  expect(await call('ec2', 'DescribeSubnets', { Filters })).toMatchObject({ Subnets: [subnets[2]] });
  expect(await failure('ec2', 'DescribeSubnets', { SubnetIds: ['subnet-0123456789abcdef0'] })).toContain(
    'InvalidSubnetID.NotFound',
  );
  expect(await call('ec2', 'DescribeAvailabilityZones')).toMatchObject({
    AvailabilityZones: ZONES.map((ZoneName) => ({ ZoneName, State: 'available' })),
  });
  expect(await call('ec2', 'DescribeAvailabilityZones', { ZoneNames: [ZONES[1]] })).toHaveProperty(
    'AvailabilityZones.length',
    1,
  );
  expect(await failure('ec2', 'DescribeAvailabilityZones', { ZoneNames: ['eu-central-1z'] })).toContain(
    'InvalidParameterValue: Invalid availability zone: [eu-central-1z]',
  );
});

it('instance types tell what fits them', async () => {
  const { call, failure } = await imageWorld();
  const types = async (input: object) =>
    (await call<{ InstanceTypes: InstanceTypeInfo[] }>('ec2', 'DescribeInstanceTypes', input)).InstanceTypes;
  expect(await types({ InstanceTypes: ['t4g.micro'] })).toMatchObject([
    {
      Hypervisor: 'nitro',
      ProcessorInfo: { SupportedArchitectures: ['arm64'] },
      SupportedBootModes: ['uefi'],
      SupportedVirtualizationTypes: ['hvm'],
    },
  ]);
  const arm = await types({ Filters: [{ Name: 'processor-info.supported-architecture', Values: ['arm64'] }] });
  expect(arm.map(({ InstanceType: type }) => type)).toEqual(['t4g.micro', 't4g.small', 't4g.medium', 'm7g.large']);
  expect(await failure('ec2', 'DescribeInstanceTypes', { InstanceTypes: ['x9.huge'] })).toContain(
    'InvalidInstanceType',
  );
});

it('statuses are filtered, paged, and shown of running instances alone unless all are wanted', async () => {
  const { call, ec2, clock } = await imageWorld();
  const request = { imageId: AMI, instanceType: 't3.small' };
  const standing = Array.from({ length: 6 }, () => ec2.launch(request));
  ec2.begin(request);
  const statuses = async (input: object) =>
    (await call<{ InstanceStatuses: InstanceStatus[] }>('ec2', 'DescribeInstanceStatus', input)).InstanceStatuses;
  const of = (Values: string[]) => ({ Filters: [{ Name: 'instance-status.status', Values }] });
  expect(await statuses({})).toHaveLength(6);
  expect(await statuses({ MaxResults: 5 })).toHaveLength(5);
  expect(await statuses({ IncludeAllInstances: true })).toHaveLength(7);
  ec2.setDefect(AMI, 'fails-health-checks');
  for (const instance of standing.slice(0, 2)) ec2.reboot(instance);
  await clock.runFor(180_000);
  expect(await statuses(of(['impaired']))).toHaveLength(3);
  expect(await statuses({ Filters: [{ Name: 'system-status.status', Values: ['ok'] }] })).toHaveLength(7);
});

it('ten thousand launches and their pages are cheap', async () => {
  const { call, ec2, clock } = await imageWorld();
  const before = performance.now();
  for (let number = 0; number < 10_000; number++) ec2.begin({ imageId: AMI, instanceType: 't3.small' });
  await clock.runFor(200_000);
  let NextToken: string | undefined;
  let seen = 0;
  do {
    const page: { InstanceStatuses: unknown[]; NextToken?: string } = await call('ec2', 'DescribeInstanceStatus', {
      MaxResults: 1000,
      NextToken,
      Filters: [{ Name: 'instance-status.status', Values: ['ok'] }],
    });
    seen += page.InstanceStatuses.length;
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  expect(seen).toBe(10_000);
  expect(performance.now() - before).toBeLessThan(20_000);
});

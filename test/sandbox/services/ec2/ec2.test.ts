import { describe, expect, it } from '@jest/globals';
import { parseFleet } from '../../../../sandbox/fleets/index.ts';
import { DATABASE, fleetWorld, STOPPED, WEB, WINDOWS } from '../../fleets/demo.ts';

interface Described {
  readonly Reservations: {
    readonly Instances: { readonly InstanceId: string; readonly State: { readonly Name: string } }[];
  }[];
  readonly NextToken?: string;
}

const ids = ({ Reservations: reservations }: Described) =>
  reservations.flatMap(({ Instances: all }) => all.map(({ InstanceId: id }) => id));

describe('DescribeInstances', () => {
  it('describes an instance with what hangs on it', async () => {
    const on = await fleetWorld();
    const answer = await on.call<Described>('ec2', 'DescribeInstances', { InstanceIds: [DATABASE] });
    expect(answer.Reservations[0]?.Instances[0]).toMatchObject({
      InstanceId: DATABASE,
      InstanceType: 'r6i.large',
      State: { Code: 16, Name: 'running' },
      IamInstanceProfile: { Arn: 'arn:aws:iam::123456789012:instance-profile/profile-of-machines' },
      PlatformDetails: 'Linux/UNIX',
      RootDeviceName: '/dev/xvda',
      BlockDeviceMappings: [{ DeviceName: '/dev/xvda' }, { DeviceName: '/dev/sdf' }, { DeviceName: '/dev/sdg' }],
      NetworkInterfaces: [{ Status: 'in-use' }],
    });
  });

  it.each([
    ['tag:SSMRunAllowed', ['true'], 7],
    ['tag:Role', ['web', 'edge'], 3],
    ['tag:Role', ['w*'], 3],
    ['tag-key', ['SSMRunAllowed'], 7],
    ['instance-state-name', ['stopped'], 1],
    ['instance-id', [WEB], 1],
    ['platform', ['windows'], 1],
    ['tag:Role', ['w?b'], 2],
    ['tag:Role', ['.eb'], 0],
  ])('filters by %s %j', async (Name, Values, count) => {
    const on = await fleetWorld();
    expect(ids(await on.call<Described>('ec2', 'DescribeInstances', { Filters: [{ Name, Values }] }))).toHaveLength(
      count,
    );
  });

  it('pages', async () => {
    const on = await fleetWorld();
    const first = await on.call<Described>('ec2', 'DescribeInstances', { MaxResults: 5 });
    const rest = await on.call<Described>('ec2', 'DescribeInstances', { MaxResults: 5, NextToken: first.NextToken });
    expect([ids(first).length, ids(rest).length]).toEqual([5, 3]);
    expect(rest.NextToken).toBeUndefined();
    expect(new Set([...ids(first), ...ids(rest)]).size).toBe(8);
  });

  it.each([
    [
      { InstanceIds: ['i-0123456789abcdef0'] },
      "InvalidInstanceID.NotFound: The instance ID 'i-0123456789abcdef0' does not exist",
    ],
    [
      { InstanceIds: ['i-01234567', 'i-89abcdef'] },
      "InvalidInstanceID.NotFound: The instance IDs 'i-01234567, i-89abcdef' do not exist",
    ],
    [{ InstanceIds: ['web'] }, 'InvalidInstanceID.Malformed: Invalid id: "web"'],
    [{ Filters: [{ Name: 'nope', Values: ['1'] }] }, "InvalidParameterValue: The filter 'nope' is invalid"],
    [{ MaxResults: 2 }, 'InvalidParameterValue'],
    [{ MaxResults: 5, InstanceIds: [WEB] }, 'InvalidParameterCombination'],
    [{ NextToken: 'nope' }, 'InvalidParameterValue'],
    [{ DryRun: true }, 'DryRunOperation'],
  ])('refuses %j', async (input, error) => {
    const on = await fleetWorld();
    expect(await on.failure('ec2', 'DescribeInstances', input)).toContain(error);
  });
});

describe('life cycle', () => {
  it('takes time to stop and start, with an event for each state', async () => {
    const on = await fleetWorld();
    const answer = await on.call('ec2', 'StopInstances', { InstanceIds: [WEB] });
    expect(answer).toMatchObject({
      StoppingInstances: [{ PreviousState: { Name: 'running' }, CurrentState: { Name: 'stopping' } }],
    });
    await on.clock.runFor(60_000);
    expect(on.ec2.instances.get(WEB)?.state).toBe('stopped');
    await on.call('ec2', 'StartInstances', { InstanceIds: [WEB] });
    await on.clock.runFor(60_000);
    const states = on.world.events.filter(({ source }) => source === 'aws.ec2').map(({ detail }) => detail['state']);
    expect(states).toEqual(['stopping', 'stopped', 'pending', 'running']);
    expect(on.ec2.instances.get(WEB)?.launchTime).toBeGreaterThan(on.clock.now() - 120_000);
  });

  it('refuses to start what shuts down, and leaves alone what is so already', async () => {
    const on = await fleetWorld();
    await on.call('ec2', 'TerminateInstances', { InstanceIds: [WEB] });
    expect(await on.failure('ec2', 'StartInstances', { InstanceIds: [WEB] })).toContain('IncorrectInstanceState');
    expect(await on.call('ec2', 'StopInstances', { InstanceIds: [STOPPED] })).toMatchObject({
      StoppingInstances: [{ PreviousState: { Name: 'stopped' }, CurrentState: { Name: 'stopped' } }],
    });
  });

  it('keeps data volumes of a terminated instance and deletes its root', async () => {
    const on = await fleetWorld();
    const volumes = on.ec2.volumesOf(DATABASE);
    await on.call('ec2', 'TerminateInstances', { InstanceIds: [DATABASE] });
    await on.clock.runFor(60_000);
    expect(volumes.map(({ volumeId }) => on.ec2.volumes.has(volumeId))).toEqual([false, true, true]);
    const left = await on.call<{ Volumes: { State: string }[] }>('ec2', 'DescribeVolumes', {
      VolumeIds: [volumes[1]?.volumeId],
    });
    expect(left.Volumes[0]?.State).toBe('available');
  });
});

describe('tags', () => {
  it('are written, described and deleted', async () => {
    const on = await fleetWorld();
    await on.call('ec2', 'CreateTags', { Resources: [WEB], Tags: [{ Key: 'Team', Value: 'shop' }] });
    const Filters = [{ Name: 'key', Values: ['Team'] }];
    expect(await on.call('ec2', 'DescribeTags', { Filters })).toMatchObject({
      Tags: [{ ResourceId: WEB, ResourceType: 'instance', Value: 'shop' }],
    });
    await on.call('ec2', 'DeleteTags', { Resources: [WEB], Tags: [{ Key: 'Team', Value: 'another' }] });
    expect(on.ec2.instances.get(WEB)?.tags.has('Team')).toBe(true);
    await on.call('ec2', 'DeleteTags', { Resources: [WEB], Tags: [{ Key: 'Team' }] });
    expect(on.ec2.instances.get(WEB)?.tags.has('Team')).toBe(false);
  });

  it('ask IAM for the instance, with its tags and those of the request', async () => {
    const on = await fleetWorld();
    await on.call('ec2', 'CreateTags', { Resources: [WEB], Tags: [{ Key: 'Team', Value: 'shop' }] });
    expect(on.world.dispatcher.journal.at(-1)?.permissions).toEqual([
      {
        action: 'ec2:CreateTags',
        resource: `arn:aws:ec2:eu-central-1:123456789012:instance/${WEB}`,
        context: expect.objectContaining({
          'aws:ResourceTag/SSMRunAllowed': 'true',
          'ec2:ResourceTag/Role': 'web',
          'aws:RequestTag/Team': 'shop',
        }),
      },
    ]);
  });

  it.each([
    [{ Resources: [WEB], Tags: [{ Key: 'aws:x', Value: '' }] }, "InvalidParameterValue: Tag keys starting with 'aws:'"],
    [{ Resources: ['i-0123456789abcdef0'], Tags: [] }, 'InvalidInstanceID.NotFound'],
    [{ Resources: ['thing'], Tags: [] }, "InvalidID: The ID 'thing' is not valid"],
  ])('refuse %j', async (input, error) => {
    const on = await fleetWorld();
    expect(await on.failure('ec2', 'CreateTags', input)).toContain(error);
  });
});

describe('other descriptions', () => {
  it('give statuses, images and types', async () => {
    const on = await fleetWorld();
    expect(await on.call('ec2', 'DescribeInstanceStatus', { InstanceIds: [WINDOWS] })).toMatchObject({
      InstanceStatuses: [{ InstanceStatus: { Status: 'ok' } }],
    });
    expect(await on.call('ec2', 'DescribeInstanceStatus', { InstanceIds: [STOPPED] })).toEqual({
      InstanceStatuses: [],
    });
    expect(await on.call('ec2', 'DescribeImages', { Owners: ['self'] })).toHaveProperty('Images.length', 3);
    expect(await on.call('ec2', 'DescribeInstanceTypes', { InstanceTypes: ['t3.small'] })).toMatchObject({
      InstanceTypes: [{ MemoryInfo: { SizeInMiB: 2048 } }],
    });
    expect(await on.failure('ec2', 'DescribeVpcs')).toContain('NotImplemented');
  });

  it('describe thousands in the blink of an eye', async () => {
    const fleet = parseFleet(
      {
        images: {
          a: { id: 'ami-0a1b2c3d4e5f60718', platform: 'Linux', platformName: 'Amazon Linux', platformVersion: '2023' },
        },
        instances: [{ name: 'n', image: 'a', count: 3000 }],
      },
      'test',
    );
    const on = await fleetWorld({ fleet });
    expect(ids(await on.call<Described>('ec2', 'DescribeInstances', { MaxResults: 1000 }))).toHaveLength(1000);
  });
});

import type { Activity, AutoScalingGroup, Instance, TagDescription } from '@aws-sdk/client-auto-scaling';
import { describe, expect, it, jest } from '@jest/globals';
import { AMI } from '../ec2/support.ts';
import { BAD, GOOD, GROUP, groupWorld, HOUR, MINUTE, TEMPLATE } from './support.ts';

const NAMED = { AutoScalingGroupName: GROUP };
const LaunchTemplate = { LaunchTemplateName: TEMPLATE, Version: '1' };
const ZONES = ['eu-central-1a', 'eu-central-1b', 'eu-central-1c'];
const NEW = { ...NAMED, LaunchTemplate, MinSize: 1, MaxSize: 5, AvailabilityZones: ZONES };

const states = (all: Instance[]) => all.map(({ LifecycleState: state }) => state).sort();
const ids = (all: Instance[]) => all.map(({ InstanceId: id = '' }) => id);

describe('a group', () => {
  it('launches what is desired, over its zones, with its tags', async () => {
    const on = await groupWorld();
    await on.call('CreateAutoScalingGroup', {
      ...NEW,
      DesiredCapacity: 3,
      Tags: [
        { Key: 'Team', Value: 'shop', PropagateAtLaunch: true },
        { Key: 'Owner', Value: 'me', PropagateAtLaunch: false },
      ],
    });
    await on.clock.runFor(0);
    expect(states(await on.instances())).toEqual(['Pending', 'Pending', 'Pending']);
    await on.clock.runFor(MINUTE);
    const all = await on.instances();
    expect(states(all)).toEqual(['InService', 'InService', 'InService']);
    expect(new Set(all.map(({ AvailabilityZone: zone }) => zone)).size).toBe(3);
    const tags = Object.fromEntries(on.machine(all[0]).tags);
    expect(tags).toMatchObject({ 'aws:autoscaling:groupName': GROUP, Team: 'shop' });
    expect(tags).not.toHaveProperty('Owner');
    expect(on.autoscaling.inService(GROUP)).toBe(3);
    expect(await on.images()).toEqual({ [AMI]: 3 });
  });

  it('tells EventBridge and DescribeScalingActivities of each launch and termination', async () => {
    const on = await groupWorld();
    await on.group(1);
    await on.call('SetDesiredCapacity', { ...NAMED, DesiredCapacity: 0 });
    await on.clock.runFor(MINUTE);
    const events = on.world.events.filter(({ source }) => source === 'aws.autoscaling');
    expect(events.map(({ 'detail-type': type, detail }) => [type, detail['Origin']])).toEqual([
      ['EC2 Instance Launch Successful', 'EC2'],
      ['EC2 Instance Terminate Successful', 'AutoScalingGroup'],
    ]);
    expect(events[0]?.resources?.[0]).toMatch(
      /^arn:aws:autoscaling:eu-central-1:123456789012:autoScalingGroup:[-0-9a-f]{36}:autoScalingGroupName\/web$/,
    );
    const { Activities: activities } = await on.call<{ Activities: Activity[] }>('DescribeScalingActivities', NAMED);
    expect(activities.map(({ StatusCode: status, Description: text = '' }) => [status, text.split(':')[0]])).toEqual([
      ['Successful', 'Terminating EC2 instance'],
      ['Successful', 'Launching a new EC2 instance'],
    ]);
    expect(activities[1]?.Cause).toContain('increasing the capacity from 0 to 1.');
  });

  it('scales out and in, the oldest of the fullest zone first, never a protected one', async () => {
    const on = await groupWorld();
    await on.group(3);
    const [first] = await on.instances();
    await on.call('SetInstanceProtection', {
      ...NAMED,
      InstanceIds: [first?.InstanceId],
      ProtectedFromScaleIn: true,
    });
    await on.call('SetDesiredCapacity', { ...NAMED, DesiredCapacity: 6 });
    await on.clock.runFor(MINUTE);
    await on.call('SetDesiredCapacity', { ...NAMED, DesiredCapacity: 2 });
    await on.clock.runFor(MINUTE);
    const left = await on.instances();
    expect(left).toHaveLength(2);
    expect(ids(left)).toContain(first?.InstanceId);
    expect(new Set(left.map(({ AvailabilityZone: zone }) => zone)).size).toBe(2);
  });

  it('replaces an instance that is terminated or fails its checks', async () => {
    const on = await groupWorld();
    await on.group(2);
    const [first, second] = await on.instances();
    on.ec2.terminate(on.machine(first));
    on.ec2.setDefect(AMI, 'fails-health-checks');
    on.ec2.reboot(on.machine(second));
    await on.clock.runFor(MINUTE);
    on.ec2.setDefect(AMI, undefined);
    await on.clock.runFor(10 * MINUTE);
    const now = await on.instances();
    expect(states(now)).toEqual(['InService', 'InService']);
    expect(ids(now)).not.toContain(first?.InstanceId);
    expect(ids(now)).not.toContain(second?.InstanceId);
  });

  it('waits for the grace period before it counts a failed check', async () => {
    const on = await groupWorld();
    await on.call('CreateAutoScalingGroup', {
      ...NEW,
      LaunchTemplate: { ...LaunchTemplate, Version: '3' },
      HealthCheckGracePeriod: 600,
    });
    await on.clock.runFor(5 * MINUTE);
    const [first] = await on.instances();
    expect(first).toMatchObject({ LifecycleState: 'InService', HealthStatus: 'Healthy' });
    await on.clock.runFor(6 * MINUTE);
    expect(ids(await on.instances())).not.toContain(first?.InstanceId);
    expect(await on.images()).toEqual({ [BAD]: 1 });
  });

  it('tries again what cannot be launched, says why, and gives up after a day', async () => {
    const on = await groupWorld();
    await on.call('CreateAutoScalingGroup', NEW);
    on.ec2.images.delete(AMI);
    await on.clock.runFor(HOUR);
    const { Activities: activities } = await on.call<{ Activities: Activity[] }>('DescribeScalingActivities', NAMED);
    expect(activities.length).toBeGreaterThan(3);
    expect(activities[0]).toMatchObject({
      StatusCode: 'Failed',
      StatusMessage: `The image id '[${AMI}]' does not exist Launching EC2 instance failed.`,
    });
    expect(on.world.events.map(({ 'detail-type': type }) => type)).toContain('EC2 Instance Launch Unsuccessful');
    await on.clock.runUntil(() => false); // ends only if it gives up
    expect((await on.describe()).SuspendedProcesses).toMatchObject([{ ProcessName: 'Launch' }]);
  });

  it('waits longer and longer where EC2 takes its launches and starts nothing', async () => {
    const on = await groupWorld();
    const begin = jest
      .spyOn(on.ec2, 'begin')
      .mockImplementation((request) => on.ec2.beginInVain(request, 'Client.InternalError'));
    await on.call('CreateAutoScalingGroup', NEW);
    await on.clock.runFor(HOUR);
    begin.mockRestore();
    const { Activities: activities } = await on.call<{ Activities: Activity[] }>('DescribeScalingActivities', NAMED);
    expect(activities.length).toBeGreaterThan(3);
    expect(activities.length).toBeLessThan(12);
    expect(activities[0]).toMatchObject({
      StatusMessage: expect.stringContaining('waiting for instance to be in InS'),
    });
    await on.clock.runFor(HOUR);
    expect(on.autoscaling.inService(GROUP)).toBe(1);
  });

  it('spreads over the overrides of a mixed instances policy, each with its own template', async () => {
    const on = await groupWorld();
    const arm = on.ec2.templates.create({ name: 'other', data: { ImageId: GOOD }, createdBy: 'test' });
    await on.call('CreateAutoScalingGroup', {
      ...NEW,
      LaunchTemplate: undefined,
      DesiredCapacity: 4,
      MixedInstancesPolicy: {
        LaunchTemplate: {
          LaunchTemplateSpecification: LaunchTemplate,
          Overrides: [
            { InstanceType: 't3.small' },
            { InstanceType: 't3.medium', LaunchTemplateSpecification: { LaunchTemplateId: arm.id, Version: '1' } },
          ],
        },
        InstancesDistribution: { OnDemandAllocationStrategy: 'lowest-price' },
      },
    });
    await on.clock.runFor(MINUTE);
    const types = (await on.instances()).map(({ InstanceType: type, InstanceId: id = '' }) =>
      [type, on.ec2.instances.get(id)?.imageId].join(' '),
    );
    expect(types.sort()).toEqual([`t3.medium ${GOOD}`, `t3.medium ${GOOD}`, `t3.small ${AMI}`, `t3.small ${AMI}`]);
  });

  it('is deleted when it is empty, or with its instances by force', async () => {
    const on = await groupWorld();
    await on.group(2);
    expect(await on.failure('DeleteAutoScalingGroup', NAMED)).toContain('ResourceInUse: You cannot delete');
    await on.start('2');
    await on.clock.runFor(MINUTE);
    await on.call('DeleteAutoScalingGroup', { ...NAMED, ForceDelete: true });
    expect(await on.describe()).toMatchObject({ Status: 'Delete in progress' });
    expect(on.refreshEvents()).toEqual(['Started', 'Cancelled']);
    expect(await on.failure('DescribeInstanceRefreshes', NAMED)).toContain(
      'ValidationError: AutoScalingGroup name not',
    );
    await on.clock.runFor(MINUTE);
    expect(await on.call('DescribeAutoScalingGroups')).toMatchObject({ AutoScalingGroups: [] });
    expect([...on.ec2.instances.values()].map(({ state }) => state)).not.toContain('running');
    await on.group(0);
    await on.call('DeleteAutoScalingGroup', NAMED);
    await on.clock.runFor(0);
    expect(await on.failure('SetDesiredCapacity', { ...NAMED, DesiredCapacity: 0 })).toContain('not found');
  });

  it('is updated, its desired capacity following new limits', async () => {
    const on = await groupWorld();
    await on.group(2);
    await on.call('UpdateAutoScalingGroup', {
      ...NAMED,
      MinSize: 3,
      MaxSize: 4,
      LaunchTemplate: { ...LaunchTemplate, Version: '2' },
      DefaultInstanceWarmup: 30,
    });
    await on.clock.runFor(MINUTE);
    expect(await on.images()).toEqual({ [AMI]: 2, [GOOD]: 1 });
    expect(await on.describe()).toMatchObject({ DesiredCapacity: 3, DefaultInstanceWarmup: 30, MinSize: 3 });
    await on.start('2');
    const update = { ...NAMED, LaunchTemplate };
    expect(await on.failure('UpdateAutoScalingGroup', update)).toContain(
      'An active instance refresh with a desired configuration exists.',
    );
    await on.call('UpdateAutoScalingGroup', { ...NAMED, MaxSize: 9 });
  });

  it.each<[string, object, string]>([
    ['a name twice', {}, 'AlreadyExists'],
    ['no template', { LaunchTemplate: undefined }, 'Valid requests must contain either LaunchTemplate'],
    ['an unknown template', { LaunchTemplate: { LaunchTemplateName: 'nope' } }, 'does not exist'],
    ['an unknown version', { LaunchTemplate: { ...LaunchTemplate, Version: '9' } }, 'version 9'],
    ['min above max', { MinSize: 6 }, 'Max bound'],
    ['desired out of bounds', { DesiredCapacity: 6 }, 'Desired capacity:6 must be between'],
    ['no zone', { AvailabilityZones: [] }, 'At least one Availability Zone'],
    ['an unknown zone', { AvailabilityZones: ['eu-central-1z'] }, 'eu-central-1z'],
    ['an unknown subnet', { AvailabilityZones: undefined, VPCZoneIdentifier: 'subnet-1' }, "'subnet-1' does not exist"],
    ['reserved tags', { Tags: [{ Key: 'aws:x', Value: '' }] }, 'reserved'],
    ['capacity rebalancing', { CapacityRebalance: true }, 'NotImplemented'],
    ['load balancers', { TargetGroupARNs: ['arn'] }, 'NotImplemented: The sandbox does not model autoscaling:Create'],
    ['a policy of one half', { InstanceMaintenancePolicy: { MaxHealthyPercentage: 110 } }, 'MinHealthyPercentage'],
    [
      'Spot Instances',
      {
        LaunchTemplate: undefined,
        MixedInstancesPolicy: {
          LaunchTemplate: { LaunchTemplateSpecification: LaunchTemplate },
          InstancesDistribution: { OnDemandPercentageAboveBaseCapacity: 50 },
        },
      },
      'NotImplemented',
    ],
  ])('is refused with %s', async (_what, change, error) => {
    const on = await groupWorld();
    await on.group(1);
    const name = error === 'AlreadyExists' ? GROUP : 'another';
    expect(await on.failure('CreateAutoScalingGroup', { ...NEW, AutoScalingGroupName: name, ...change })).toContain(
      error,
    );
  });
});

describe('instances', () => {
  it('are put on standby and back, with the desired capacity', async () => {
    const on = await groupWorld();
    await on.group(2);
    const [first, second] = await on.instances();
    const standby = { ...NAMED, InstanceIds: [first?.InstanceId] };
    await on.call('EnterStandby', { ...standby, ShouldDecrementDesiredCapacity: true });
    await on.clock.runFor(MINUTE);
    expect(states(await on.instances())).toEqual(['InService', 'Standby']);
    expect(await on.describe()).toMatchObject({ DesiredCapacity: 1 });
    await on.call('ExitStandby', standby);
    await on.clock.runFor(MINUTE);
    expect(states(await on.instances())).toEqual(['InService', 'InService']);
    expect(await on.describe()).toMatchObject({ DesiredCapacity: 2 });
    await on.call('EnterStandby', {
      ...NAMED,
      InstanceIds: [second?.InstanceId],
      ShouldDecrementDesiredCapacity: false,
    });
    await on.clock.runFor(MINUTE);
    expect(states(await on.instances())).toEqual(['InService', 'InService', 'Standby']);
    expect(await on.failure('ExitStandby', standby)).toContain('is not in Standby');
    expect(await on.failure('EnterStandby', { ...NAMED, InstanceIds: ['i-0123456789abcdef0'] })).toContain(
      'not part of',
    );
  });

  it('are terminated with a replacement or without', async () => {
    const on = await groupWorld();
    await on.group(2, { MinSize: 1 });
    const [first, second] = ids(await on.instances());
    const { Activity: activity } = await on.call<{ Activity: Activity }>('TerminateInstanceInAutoScalingGroup', {
      InstanceId: first,
      ShouldDecrementDesiredCapacity: true,
    });
    expect(activity).toMatchObject({ StatusCode: 'InProgress', Cause: expect.stringContaining('user request') });
    await on.clock.runFor(MINUTE);
    expect(ids(await on.instances())).toEqual([second]);
    const again = { InstanceId: second, ShouldDecrementDesiredCapacity: true };
    expect(await on.failure('TerminateInstanceInAutoScalingGroup', again)).toContain('minSize (1)');
    await on.call('TerminateInstanceInAutoScalingGroup', { ...again, ShouldDecrementDesiredCapacity: false });
    await on.clock.runFor(MINUTE);
    expect(ids(await on.instances())).not.toContain(second);
    expect(await on.instances()).toHaveLength(1);
    expect(await on.failure('TerminateInstanceInAutoScalingGroup', again)).toContain('Instance Id not found');
  });

  it('are told to be unhealthy, after their grace period or before it', async () => {
    const on = await groupWorld();
    await on.call('CreateAutoScalingGroup', { ...NEW, HealthCheckGracePeriod: 600 });
    await on.clock.runFor(MINUTE);
    const [InstanceId = ''] = ids(await on.instances());
    await on.call('SetInstanceHealth', { InstanceId, HealthStatus: 'Unhealthy' });
    await on.clock.runFor(MINUTE);
    expect(ids(await on.instances())).toEqual([InstanceId]);
    await on.call('SetInstanceHealth', { InstanceId, HealthStatus: 'Unhealthy', ShouldRespectGracePeriod: false });
    await on.clock.runFor(MINUTE);
    expect(ids(await on.instances())).not.toContain(InstanceId);
    expect(
      await on.failure('SetInstanceHealth', { InstanceId: ids(await on.instances())[0], HealthStatus: 'ill' }),
    ).toContain('Valid instance health states');
  });

  it('are described by themselves, page by page', async () => {
    const on = await groupWorld();
    await on.group(5);
    type Page = { AutoScalingInstances: Instance[]; NextToken?: string };
    const first = await on.call<Page>('DescribeAutoScalingInstances', { MaxRecords: 3 });
    const rest = await on.call<Page>('DescribeAutoScalingInstances', { MaxRecords: 3, NextToken: first.NextToken });
    expect([first.AutoScalingInstances.length, rest.AutoScalingInstances.length]).toEqual([3, 2]);
    expect(rest.NextToken).toBeUndefined();
    expect(first.AutoScalingInstances[0]).toMatchObject({
      ...NAMED,
      HealthStatus: 'HEALTHY',
      ProtectedFromScaleIn: false,
    });
    const one = await on.call<Page>('DescribeAutoScalingInstances', {
      InstanceIds: ids(first.AutoScalingInstances.slice(0, 1)),
    });
    expect(one.AutoScalingInstances).toEqual(first.AutoScalingInstances.slice(0, 1));
    expect(await on.failure('DescribeAutoScalingInstances', { NextToken: 'nope' })).toContain('InvalidNextToken');
    expect(await on.failure('DescribeAutoScalingInstances', { MaxRecords: 101 })).toContain(
      'less than or equal to 100',
    );
  });
});

describe('suspended processes', () => {
  it.each([['Launch'], ['Terminate'], ['ReplaceUnhealthy'], ['HealthCheck']])(
    '%s: a terminated instance is not replaced until it is resumed',
    async (process) => {
      const on = await groupWorld();
      await on.group(1);
      const before = ids(await on.instances());
      await on.call('SuspendProcesses', { ...NAMED, ScalingProcesses: [process] });
      on.ec2.terminate(on.machine((await on.instances())[0]));
      await on.clock.runFor(10 * MINUTE);
      expect(ids(await on.instances()).filter((id) => !before.includes(id))).toEqual([]);
      await on.call('ResumeProcesses', NAMED);
      await on.clock.runFor(MINUTE);
      expect(ids(await on.instances()).filter((id) => !before.includes(id))).toHaveLength(1);
    },
  );

  it('are all of them where none is named', async () => {
    const on = await groupWorld();
    await on.group(1);
    await on.call('SuspendProcesses', NAMED);
    expect((await on.describe()).SuspendedProcesses).toHaveLength(9);
    await on.call('ResumeProcesses', { ...NAMED, ScalingProcesses: ['Launch'] });
    expect((await on.describe()).SuspendedProcesses).toHaveLength(8);
    expect(await on.failure('SuspendProcesses', { ...NAMED, ScalingProcesses: ['Sleep'] })).toContain('Sleep');
  });
});

describe('tags and filters', () => {
  const names = (all: AutoScalingGroup[]) => all.map(({ AutoScalingGroupName: name }) => name);

  it('are written, described, filtered by and deleted', async () => {
    const on = await groupWorld();
    await on.group(0);
    await on.call('CreateAutoScalingGroup', { ...NEW, AutoScalingGroupName: 'other', MinSize: 0 });
    const tag = { ResourceId: GROUP, ResourceType: 'auto-scaling-group', Key: 'Team', Value: 'shop' };
    await on.call('CreateOrUpdateTags', { Tags: [{ ...tag, PropagateAtLaunch: false }] });
    const found = async (Name: string, ...Values: string[]) =>
      names(
        (
          await on.call<{ AutoScalingGroups: AutoScalingGroup[] }>('DescribeAutoScalingGroups', {
            Filters: [{ Name, Values }],
          })
        ).AutoScalingGroups,
      );
    expect(await found('tag:Team', 'shop', 'other')).toEqual([GROUP]);
    expect(await found('tag-key', 'Team')).toEqual([GROUP]);
    expect(await found('tag-value', 'nothing')).toEqual([]);
    expect(await on.failure('DescribeAutoScalingGroups', { Filters: [{ Name: 'name', Values: [] }] })).toContain(
      'Filter type name is not correct',
    );
    const { Tags: tags } = await on.call<{ Tags: TagDescription[] }>('DescribeTags', {
      Filters: [{ Name: 'auto-scaling-group', Values: [GROUP] }],
    });
    expect(tags).toEqual([{ ...tag, PropagateAtLaunch: false }]);
    await on.call('DeleteTags', { Tags: [{ ...tag, Value: undefined }] });
    expect((await on.describe()).Tags).toEqual([]);
  });

  it('page through hundreds of groups', async () => {
    const on = await groupWorld();
    for (let number = 0; number < 130; number++)
      await on.call('CreateAutoScalingGroup', { ...NEW, AutoScalingGroupName: `g${number}`, MinSize: 0 });
    type Page = { AutoScalingGroups: AutoScalingGroup[]; NextToken?: string };
    const first = await on.call<Page>('DescribeAutoScalingGroups', { MaxRecords: 100 });
    const rest = await on.call<Page>('DescribeAutoScalingGroups', { NextToken: first.NextToken });
    expect([first.AutoScalingGroups.length, rest.AutoScalingGroups.length]).toEqual([100, 30]);
    expect((await on.call<Page>('DescribeAutoScalingGroups')).AutoScalingGroups).toHaveLength(50);
  });
});

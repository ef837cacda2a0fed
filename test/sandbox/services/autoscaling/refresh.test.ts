import { describe, expect, it } from '@jest/globals';
import { AMI } from '../ec2/support.ts';
import { BAD, GOOD, GROUP, groupWorld, HOUR, MINUTE, sampledUntilEnd, TEMPLATE } from './support.ts';

const IGNORE = { ScaleInProtectedInstances: 'Ignore', StandbyInstances: 'Ignore' } as const;

describe('an instance refresh', () => {
  it('replaces the instances batch by batch, then the group takes the version over', async () => {
    const on = await groupWorld();
    await on.group(10);
    await on.start('2', { MinHealthyPercentage: 80 });
    expect(await on.refresh()).toMatchObject({ Status: 'Pending', PercentageComplete: 0, InstancesToUpdate: 10 });
    const capacity = await sampledUntilEnd(on, () => on.autoscaling.inService(GROUP));
    expect(Math.min(...capacity)).toBe(8);
    expect(Math.max(...capacity)).toBe(10);
    expect(await on.refresh()).toMatchObject({ Status: 'Successful', PercentageComplete: 100, InstancesToUpdate: 0 });
    expect(await on.images()).toEqual({ [GOOD]: 10 });
    expect(await on.describe()).toMatchObject({ LaunchTemplate: { Version: '2' }, DesiredCapacity: 10 });
    expect(on.refreshEvents()).toEqual(['Started', 'Succeeded']);
  });

  it('keeps the saved version of the group until it has succeeded, and launches by the new one meanwhile', async () => {
    const on = await groupWorld();
    await on.group(4);
    await on.start('2', { MinHealthyPercentage: 75 });
    await on.clock.runFor(MINUTE);
    await on.call('SetDesiredCapacity', { AutoScalingGroupName: GROUP, DesiredCapacity: 6 });
    await on.clock.runFor(MINUTE);
    expect(await on.describe()).toMatchObject({ LaunchTemplate: { Version: '1' } });
    expect(await on.images()).toEqual({ [AMI]: 3, [GOOD]: 3 });
    await expect(on.ended()).resolves.toMatchObject({ Status: 'Successful' });
    expect(await on.images()).toEqual({ [GOOD]: 6 });
  });

  it('goes on when the group scales in', async () => {
    const on = await groupWorld();
    await on.group(8);
    await on.start('2', { MinHealthyPercentage: 50 });
    await on.clock.runFor(MINUTE);
    await on.call('SetDesiredCapacity', { AutoScalingGroupName: GROUP, DesiredCapacity: 3 });
    await expect(on.ended()).resolves.toMatchObject({ Status: 'Successful' });
    await on.clock.runFor(MINUTE);
    expect(await on.images()).toEqual({ [GOOD]: 3 });
  });

  it.each([
    ['nothing is said: one goes first', {}, [0, 1]],
    ['all shall be healthy: one goes first all the same', { MinHealthyPercentage: 100 }, [0, 1]],
    ['100 % at most is said: one comes first', { MinHealthyPercentage: 100, MaxHealthyPercentage: 100 }, [1, 2]],
    ['200 % are allowed: one comes first', { MinHealthyPercentage: 100, MaxHealthyPercentage: 200 }, [1, 2]],
  ])('replaces a lone instance where %s', async (_what, preferences, bounds) => {
    const on = await groupWorld();
    await on.group(1);
    await on.start('2', preferences);
    const capacity = await sampledUntilEnd(on, () => on.autoscaling.inService(GROUP));
    expect([Math.min(...capacity), Math.max(...capacity)]).toEqual(bounds);
    await on.clock.runFor(MINUTE);
    expect(await on.images()).toEqual({ [GOOD]: 1 });
  });

  it('launches before it terminates above 100 %', async () => {
    const on = await groupWorld();
    await on.group(10);
    await on.start('2', { MinHealthyPercentage: 100, MaxHealthyPercentage: 120 });
    const capacity = await sampledUntilEnd(on, () => on.autoscaling.inService(GROUP));
    expect([Math.min(...capacity), Math.max(...capacity)]).toEqual([10, 12]);
  });

  it('takes the percentages and the warm-up of the group where it has none of its own', async () => {
    const on = await groupWorld();
    await on.group(4, {
      InstanceMaintenancePolicy: { MinHealthyPercentage: 100, MaxHealthyPercentage: 150 },
      DefaultInstanceWarmup: 120,
    });
    await on.start('2');
    const { Preferences: preferences } = await on.ended();
    expect(preferences).toMatchObject({ MinHealthyPercentage: 100, MaxHealthyPercentage: 150, InstanceWarmup: 120 });
  });

  it('succeeds at once where nothing is desired', async () => {
    const on = await groupWorld();
    await on.group(2, { DesiredCapacity: 0 });
    await on.start('2');
    await on.clock.runFor(5000);
    expect(await on.refresh()).toMatchObject({ Status: 'Successful', PercentageComplete: 100 });
    expect(await on.describe()).toMatchObject({ LaunchTemplate: { Version: '2' } });
  });

  it('waits for the warm-up of each batch, and says so', async () => {
    const on = await groupWorld();
    await on.group(2);
    await on.start('2', { MinHealthyPercentage: 50, InstanceWarmup: 1200 });
    await on.clock.runFor(10 * MINUTE);
    expect(await on.refresh()).toMatchObject({
      Status: 'InProgress',
      PercentageComplete: 0,
      InstancesToUpdate: 1,
      StatusReason: expect.stringMatching(/^Waiting for instances to warm up before continuing. For example: i-\w+ is/),
    });
    await on.clock.runFor(15 * MINUTE);
    expect(await on.refresh()).toMatchObject({ PercentageComplete: 50, InstancesToUpdate: 0 });
  });

  it('skips what matches already', async () => {
    const on = await groupWorld();
    await on.group(4, { LaunchTemplate: { LaunchTemplateName: TEMPLATE, Version: '2' } });
    const before = await on.instances();
    await on.start('2', { SkipMatching: true });
    await on.clock.runFor(5000);
    expect(await on.refresh()).toMatchObject({ Status: 'Successful', InstancesToUpdate: 0 });
    expect(await on.instances()).toEqual(before);
    await on.start('2');
    await on.ended();
    const after = (await on.instances()).map(({ InstanceId: id }) => id);
    expect(before.filter(({ InstanceId: id }) => after.includes(id))).toEqual([]);
  });

  it('fails after an hour with a bad AMI, most of the group untouched', async () => {
    const on = await groupWorld();
    await on.group(10);
    const before = await on.instances();
    const started = on.clock.now();
    await on.start('3');
    const refresh = await on.ended();
    expect(refresh).toMatchObject({ Status: 'Failed', PercentageComplete: 0 });
    expect(refresh.StatusReason).toContain('The instance refresh could make no progress.');
    expect(Number(refresh.EndTime) - started).toBeGreaterThan(HOUR);
    expect(Number(refresh.EndTime) - started).toBeLessThan(HOUR + 5 * MINUTE);
    const after = (await on.instances()).map(({ InstanceId: id }) => id);
    expect(before.filter(({ InstanceId: id }) => after.includes(id))).toHaveLength(9);
    expect(await on.images()).toEqual({ [AMI]: 10 });
    expect(await on.describe()).toMatchObject({ LaunchTemplate: { Version: '1' } });
    expect(on.refreshEvents()).toEqual(['Started', 'Failed']);
  });

  it('comes to an end where instances crash after they have warmed up', async () => {
    const on = await groupWorld();
    on.ec2.setDefect(BAD, 'crashes', 600);
    await on.group(4);
    await on.start('3', { InstanceWarmup: 60 });
    await expect(on.ended()).resolves.toMatchObject({ Status: expect.stringMatching(/Failed|Successful/) });
  });

  it('goes on with a replacement of its replacement where one is bad', async () => {
    const on = await groupWorld();
    await on.group(3);
    await on.start('2');
    await on.clock.runFor(MINUTE);
    const fresh = (await on.instances()).find(({ InstanceId: id = '' }) => on.ec2.instances.get(id)?.imageId === GOOD);
    on.ec2.terminate(on.machine(fresh));
    await expect(on.ended()).resolves.toMatchObject({ Status: 'Successful' });
    expect(await on.images()).toEqual({ [GOOD]: 3 });
  });

  it('bakes', async () => {
    const on = await groupWorld();
    await on.group(2);
    await on.start('2', { BakeTime: 1800, MinHealthyPercentage: 0 });
    await on.clock.runFor(10 * MINUTE);
    expect(await on.refresh()).toMatchObject({ Status: 'Baking', PercentageComplete: 100, InstancesToUpdate: 0 });
    expect(await on.describe()).toMatchObject({ LaunchTemplate: { Version: '1' } });
    await on.clock.runFor(30 * MINUTE);
    expect(await on.refresh()).toMatchObject({ Status: 'Successful' });
    expect(on.refreshEvents()).toEqual(['Started', 'Started Baking', 'Succeeded']);
  });

  it('fails when an instance becomes unhealthy while it bakes', async () => {
    const on = await groupWorld();
    on.ec2.setDefect(BAD, 'crashes', 900);
    await on.group(2);
    await on.start('3', { BakeTime: 1800, MinHealthyPercentage: 0 });
    expect((await on.ended()).StatusReason).toMatch(/became unhealthy during the bake time/);
    expect(on.refreshEvents()).toEqual(['Started', 'Started Baking', 'Failed']);
  });
});

describe('what stands in the way of a refresh', () => {
  it.each([
    ['Ignore', 'Successful', { [AMI]: 1, [GOOD]: 2 }],
    ['Refresh', 'Successful', { [GOOD]: 3 }],
    ['Wait', 'Failed', { [AMI]: 1, [GOOD]: 2 }],
  ] as const)('a protected instance: %s', async (ScaleInProtectedInstances, Status, images) => {
    const on = await groupWorld();
    await on.group(3);
    const [first] = await on.instances();
    await on.call('SetInstanceProtection', {
      AutoScalingGroupName: GROUP,
      InstanceIds: [first?.InstanceId],
      ProtectedFromScaleIn: true,
    });
    await on.start('2', { ScaleInProtectedInstances });
    const refresh = await on.ended();
    expect(refresh.Status).toBe(Status);
    if (Status === 'Failed') expect(refresh.StatusReason).toContain(`${first?.InstanceId ?? ''} is protected`);
    expect(await on.images()).toEqual(images);
  });

  it.each([
    ['Ignore', 'Successful', { [AMI]: 1, [GOOD]: 3 }],
    ['Terminate', 'Successful', { [GOOD]: 3 }],
    ['Wait', 'Failed', { [AMI]: 1, [GOOD]: 3 }],
  ] as const)('an instance on standby: %s', async (StandbyInstances, Status, images) => {
    const on = await groupWorld();
    await on.group(4);
    const [first] = await on.instances();
    await on.call('EnterStandby', {
      AutoScalingGroupName: GROUP,
      InstanceIds: [first?.InstanceId],
      ShouldDecrementDesiredCapacity: true,
    });
    await on.start('2', { StandbyInstances });
    expect((await on.ended()).Status).toBe(Status);
    await on.clock.runFor(MINUTE);
    expect(await on.images()).toEqual(images);
  });

  it('goes on when the instance that it waits for is no longer protected', async () => {
    const on = await groupWorld();
    await on.group(2, { NewInstancesProtectedFromScaleIn: true });
    await on.start('2');
    await on.clock.runFor(30 * MINUTE);
    expect(await on.refresh()).toMatchObject({ Status: 'InProgress', InstancesToUpdate: 2 });
    for (const { InstanceId: id } of await on.instances())
      await on.call('SetInstanceProtection', {
        AutoScalingGroupName: GROUP,
        InstanceIds: [id],
        ProtectedFromScaleIn: false,
      });
    await expect(on.ended()).resolves.toMatchObject({ Status: 'Successful' });
    expect(await on.images()).toEqual({ [GOOD]: 2 });
  });

  it.each(['Launch', 'Terminate'])('%s is suspended: it fails after an hour, and goes on before', async (process) => {
    const on = await groupWorld();
    const processes = { AutoScalingGroupName: GROUP, ScalingProcesses: [process] };
    await on.group(3);
    await on.call('SuspendProcesses', processes);
    await on.start('2');
    await on.clock.runFor(30 * MINUTE);
    expect(await on.refresh()).toMatchObject({
      Status: 'InProgress',
      StatusReason: `Instances cannot be replaced while the ${process} process is suspended.`,
    });
    expect(await on.images()).toEqual({ [AMI]: 3 });
    await on.call('ResumeProcesses', processes);
    await expect(on.ended()).resolves.toMatchObject({ Status: 'Successful' });
    await on.call('SuspendProcesses', processes);
    await on.start('1');
    await expect(on.ended()).resolves.toMatchObject({ Status: 'Failed' });
  });

  it('InstanceRefresh is suspended: it is paused for as long as that lasts', async () => {
    const on = await groupWorld();
    const processes = { AutoScalingGroupName: GROUP, ScalingProcesses: ['InstanceRefresh'] };
    await on.group(2);
    await on.start('2');
    await on.clock.runFor(MINUTE);
    await on.call('SuspendProcesses', processes);
    await on.clock.runFor(5 * HOUR);
    expect(await on.refresh()).toMatchObject({ Status: 'InProgress' });
    expect(await on.images()).toEqual({ [AMI]: 1, [GOOD]: 1 });
    await on.call('ResumeProcesses', processes);
    await expect(on.ended()).resolves.toMatchObject({ Status: 'Successful' });
  });

  it('an AMI that is gone: launches fail, and so does the refresh, with the reason', async () => {
    const on = await groupWorld();
    await on.group(3);
    await on.start('2', IGNORE);
    on.ec2.images.delete(GOOD);
    const refresh = await on.ended();
    expect(refresh.Status).toBe('Failed');
    expect(refresh.StatusReason).toContain(`The image id '[${GOOD}]' does not exist`);
    await on.clock.runFor(HOUR);
    expect(await on.images()).toEqual({ [AMI]: 3 });
  });
});

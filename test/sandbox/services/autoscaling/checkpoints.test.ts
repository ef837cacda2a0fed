import { describe, expect, it } from '@jest/globals';
import { AMI } from '../ec2/support.ts';
import { GOOD, GROUP, groupWorld, HOUR, MINUTE } from './support.ts';

const checkpointsOf = ({ world }: Awaited<ReturnType<typeof groupWorld>>) =>
  world.events
    .filter(({ 'detail-type': type }) => type === 'EC2 Auto Scaling Instance Refresh Checkpoint Reached')
    .map(({ detail }) => [detail['CheckpointPercentage'], detail['CheckpointDelay']]);

describe('checkpoints', () => {
  it('stop the refresh when so many are new, for an hour unless told', async () => {
    const on = await groupWorld();
    await on.group(10);
    await on.start('2', { MinHealthyPercentage: 80, CheckpointPercentages: [20, 50, 100] });
    await on.clock.runFor(30 * MINUTE);
    expect(await on.refresh()).toMatchObject({
      Status: 'InProgress',
      PercentageComplete: 20,
      InstancesToUpdate: 8,
      StatusReason: expect.stringContaining('checkpoint'),
      Preferences: { CheckpointDelay: 3600 },
    });
    expect(checkpointsOf(on)).toEqual([['20', '3600']]);
    await on.clock.runFor(HOUR);
    expect(await on.images()).toEqual({ [AMI]: 5, [GOOD]: 5 });
    await expect(on.ended()).resolves.toMatchObject({ Status: 'Successful' });
    expect(checkpointsOf(on)).toEqual([
      ['20', '3600'],
      ['50', '3600'],
    ]);
  });

  it('are left out where a higher one is reached at once', async () => {
    const on = await groupWorld();
    await on.group(2);
    await on.start('2', { MinHealthyPercentage: 50, CheckpointPercentages: [10, 40, 100], CheckpointDelay: 60 });
    await on.ended();
    expect(checkpointsOf(on)).toEqual([['40', '60']]);
  });

  it('need no delay', async () => {
    const on = await groupWorld();
    await on.group(4);
    await on.start('2', { CheckpointPercentages: [25, 50, 100], CheckpointDelay: 0 });
    await expect(on.ended()).resolves.toMatchObject({ Status: 'Successful' });
    expect(checkpointsOf(on)).toHaveLength(2);
  });

  it('end the refresh where the last is below 100', async () => {
    const on = await groupWorld();
    await on.group(10);
    await on.start('2', { CheckpointPercentages: [50], CheckpointDelay: 0 });
    await expect(on.ended()).resolves.toMatchObject({ Status: 'Successful' });
    expect(await on.images()).toEqual({ [AMI]: 5, [GOOD]: 5 });
  });

  it('come again when the group has grown', async () => {
    const on = await groupWorld();
    await on.group(4);
    await on.start('2', { MinHealthyPercentage: 50, CheckpointPercentages: [50, 100], CheckpointDelay: 7200 });
    await on.clock.runFor(30 * MINUTE);
    await on.call('SetDesiredCapacity', { AutoScalingGroupName: GROUP, DesiredCapacity: 8 });
    await on.clock.runFor(30 * MINUTE);
    expect(checkpointsOf(on)).toHaveLength(2);
    await expect(on.ended()).resolves.toMatchObject({ Status: 'Successful' });
  });
});

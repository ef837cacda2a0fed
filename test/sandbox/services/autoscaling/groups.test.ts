import { describe, expect, it } from '@jest/globals';
import { AMI } from '../ec2/support.ts';
import { GROUP, groupWorld, MINUTE, TEMPLATE } from './support.ts';

const states = (all: { LifecycleState?: string }[]) => all.map(({ LifecycleState: state }) => state).sort();

describe('a group', () => {
  it('launches what is desired, over its zones, with its tags', async () => {
    const on = await groupWorld();
    await on.call('CreateAutoScalingGroup', {
      AutoScalingGroupName: GROUP,
      LaunchTemplate: { LaunchTemplateName: TEMPLATE, Version: '1' },
      MinSize: 1,
      MaxSize: 5,
      DesiredCapacity: 3,
      AvailabilityZones: ['eu-central-1a', 'eu-central-1b', 'eu-central-1c'],
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
    const tags = Object.fromEntries(on.ec2.instances.get(all[0]?.InstanceId ?? '')?.tags ?? []);
    expect(tags).toMatchObject({ 'aws:autoscaling:groupName': GROUP, Team: 'shop' });
    expect(tags).not.toHaveProperty('Owner');
    expect(on.autoscaling.inService(GROUP)).toBe(3);
    expect(await on.images()).toEqual({ [AMI]: 3 });
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
    expect(now.map(({ InstanceId: id }) => id)).not.toContain(first?.InstanceId);
    expect(now.map(({ InstanceId: id }) => id)).not.toContain(second?.InstanceId);
  });
});

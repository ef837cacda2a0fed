import type { AutoScalingGroup } from '@aws-sdk/client-auto-scaling';
import { describe, expect, it } from '@jest/globals';
import { parseFleet } from '../../../sandbox/fleets/index.ts';
import { caller } from '../support/service.ts';
import { fleetWorld } from './demo.ts';

const image = { platform: 'Linux', platformName: 'Amazon Linux', platformVersion: '2023' };
const [OLD, NEW] = ['ami-0a1b2c3d4e5f60718', 'ami-0a1b2c3d4e5f60719'];
const base = {
  images: { old: { ...image, id: OLD }, new: { ...image, id: NEW } },
  instances: [],
  launchTemplates: { web: { image: 'old', type: 't3.small', profile: 'p', versions: [{ image: 'new' }] } },
};
const fleetOf = (...autoScalingGroups: object[]) => parseFleet({ ...base, autoScalingGroups }, 'f.json');
const web = { name: 'web', launchTemplate: { name: 'web', version: 1 }, desired: 3 };

async function described(...groups: object[]) {
  const on = await fleetWorld({ fleet: fleetOf(...groups) });
  const before = on.world.events.length;
  await on.clock.runFor(3_600_000);
  const { AutoScalingGroups: all } = await caller(
    on.world,
    'autoscaling',
  )<{ AutoScalingGroups: AutoScalingGroup[] }>('DescribeAutoScalingGroups');
  return { ...on, all, events: on.world.events.slice(before) };
}

describe('Auto Scaling groups of a fleet file', () => {
  it('are there with their instances, which have been running for long', async () => {
    const { all, ec2, events, clock, autoscaling } = await described({
      ...web,
      max: 6,
      tags: { SSMRunAllowed: 'true' },
      groupTags: { Owner: 'me' },
      healthCheckGraceSeconds: 30,
      instanceMaintenancePolicy: { minHealthyPercentage: 100, maxHealthyPercentage: 120 },
    });
    expect(events).toEqual([]);
    expect(all).toMatchObject([
      {
        AutoScalingGroupName: 'web',
        LaunchTemplate: { LaunchTemplateName: 'web', Version: '1' },
        ...{ MinSize: 3, MaxSize: 6, DesiredCapacity: 3, HealthCheckGracePeriod: 30 },
        InstanceMaintenancePolicy: { MinHealthyPercentage: 100, MaxHealthyPercentage: 120 },
        Tags: [
          { Key: 'SSMRunAllowed', PropagateAtLaunch: true },
          { Key: 'Owner', PropagateAtLaunch: false },
        ],
      },
    ]);
    expect(new Set(all[0]?.AvailabilityZones).size).toBe(3);
    const [machine] = [...ec2.instances.values()];
    expect(machine).toMatchObject({ imageId: OLD, instanceProfile: 'p', state: 'running', agent: 'online' });
    expect(Object.fromEntries(machine?.tags ?? [])).toMatchObject({
      'aws:autoscaling:groupName': 'web',
      SSMRunAllowed: 'true',
    });
    expect(clock.now() - (machine?.launchTime ?? 0)).toBeGreaterThan(86_400_000);
    expect(autoscaling.inService('web')).toBe(3);
  });

  it('may be many alike, with instances that are protected or on standby, and processes suspended', async () => {
    const { all } = await described({
      ...web,
      ...{ count: 2, protectedInstances: 1, standbyInstances: 2, suspended: ['Launch'], zones: ['eu-central-1b'] },
    });
    expect(all.map(({ AutoScalingGroupName: name }) => name)).toEqual(['web-1', 'web-2']);
    const [group] = all;
    expect(group).toMatchObject({
      AvailabilityZones: ['eu-central-1b'],
      SuspendedProcesses: [{ ProcessName: 'Launch' }],
    });
    const states = group?.Instances?.map(({ LifecycleState, ProtectedFromScaleIn }) => [
      LifecycleState,
      ProtectedFromScaleIn,
    ]);
    expect(states).toEqual([
      ['InService', true],
      ['InService', false],
      ['InService', false],
      ['Standby', false],
      ['Standby', false],
    ]);
  });

  it('may have a mixed instances policy', async () => {
    const { all, ec2 } = await described({
      name: 'mixed',
      desired: 4,
      mixedInstancesPolicy: {
        launchTemplate: { name: 'web', version: 1 },
        overrides: [{ type: 't3.small' }, { type: 't3.medium', launchTemplate: { name: 'web', version: 2 } }],
        onDemandAllocationStrategy: 'lowest-price',
      },
    });
    expect(all[0]?.MixedInstancesPolicy?.LaunchTemplate?.Overrides).toHaveLength(2);
    const machines = [...ec2.instances.values()].map(({ instanceType, imageId }) => `${instanceType} ${imageId}`);
    expect(machines.sort()).toEqual([`t3.medium ${NEW}`, `t3.medium ${NEW}`, `t3.small ${OLD}`, `t3.small ${OLD}`]);
  });

  it('may have a launch configuration, which launches no more and says so', async () => {
    const on = await described({
      name: 'old',
      desired: 1,
      launchConfiguration: { name: 'lc-1', image: 'old', type: 't3.medium' },
    });
    expect(on.all[0]).toMatchObject({
      LaunchConfigurationName: 'lc-1',
      Instances: [{ LaunchConfigurationName: 'lc-1', InstanceType: 't3.medium', HealthStatus: 'Healthy' }],
    });
    const [machine] = on.ec2.instances.values();
    if (machine !== undefined) on.ec2.terminate(machine);
    await on.clock.runFor(60_000);
    const call = caller(on.world, 'autoscaling');
    expect(await call('DescribeScalingActivities', { AutoScalingGroupName: 'old' })).toMatchObject({
      Activities: expect.arrayContaining([
        expect.objectContaining({
          StatusCode: 'Failed',
          StatusMessage: expect.stringContaining('The sandbox does not model launch configurations: lc-1.'),
        }),
      ]),
    });
  });

  it('take an AMI from a parameter of the file', async () => {
    const fleet = parseFleet(
      {
        ...base,
        launchTemplates: { web: { imageId: 'resolve:ssm:/ami/web', type: 't3.small' } },
        parameters: { '/ami/web': { value: NEW, dataType: 'aws:ec2:image' } },
        autoScalingGroups: [web],
      },
      'f.json',
    );
    const { ec2 } = await fleetWorld({ fleet });
    expect([...ec2.instances.values()].map(({ imageId }) => imageId)).toEqual([NEW, NEW, NEW]);
  });

  it.each<[object, RegExp]>([
    [
      { ...web, launchTemplate: { name: 'nope' } },
      /autoScalingGroups\[0\]\.launchTemplate: no such version; the file has web/,
    ],
    [{ ...web, launchTemplate: { name: 'web', version: 3 } }, /no such version/],
    [{ name: 'x', desired: 1 }, /give one of launchTemplate, mixedInstancesPolicy, launchConfiguration/],
    [{ ...web, max: 2 }, /desired: between min 3 and max 2 \(3 given\)/],
    [{ ...web, protectedInstances: 4 }, /at most the 3 that are desired/],
    [{ ...web, zones: ['eu-central-1z'] }, /zones\[0\]: the region has eu-central-1a/],
    [
      { name: 'x', desired: 1, launchConfiguration: { name: 'l', image: 'nope' } },
      /no such image; the file has old, new/,
    ],
    [{ ...web, suspended: ['Sleep'] }, /suspended\[0\]/],
    [{ ...web, colour: 'red' }, /colour: unknown key/],
  ])('refuse %j', (group, error) => {
    expect(() => fleetOf(group)).toThrow(error);
  });
});

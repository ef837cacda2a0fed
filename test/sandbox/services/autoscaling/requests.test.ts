import { describe, expect, it } from '@jest/globals';
import type { Permission } from '../../../../sandbox/core/service.ts';
import { GOOD, GROUP, groupWorld, HOUR, TEMPLATE } from './support.ts';

const NAMED = { AutoScalingGroupName: GROUP };
const DesiredConfiguration = { LaunchTemplate: { LaunchTemplateName: TEMPLATE, Version: '2' } };

describe('StartInstanceRefresh', () => {
  it.each<[object, string]>([
    [{ MinHealthyPercentage: 101 }, "Value '101' at 'preferences.minHealthyPercentage'"],
    [{ MaxHealthyPercentage: 90, MinHealthyPercentage: 90 }, "at 'preferences.maxHealthyPercentage' failed"],
    [{ MaxHealthyPercentage: 120 }, 'You must specify MinHealthyPercentage'],
    [{ MinHealthyPercentage: 50, MaxHealthyPercentage: 160 }, 'cannot be greater than 100'],
    [{ CheckpointPercentages: [50, 20] }, 'unique and in ascending order'],
    [{ CheckpointPercentages: [50, 50] }, 'unique and in ascending order'],
    [{ CheckpointPercentages: [0] }, "Value '0' at 'preferences.checkpointPercentages'"],
    [{ CheckpointDelay: 60 }, 'You must specify CheckpointPercentages'],
    [{ CheckpointPercentages: [50], CheckpointDelay: 172_801 }, 'less than or equal to 172800'],
    [{ BakeTime: 172_801 }, 'less than or equal to 172800'],
    [{ ScaleInProtectedInstances: '' }, 'enum value set: [Ignore, Wait, Refresh]'],
    [{ StandbyInstances: 'Refresh' }, 'enum value set: [Terminate, Ignore, Wait]'],
    [{ AlarmSpecification: { Alarms: Array.from({ length: 11 }, (_, index) => `a${index}`) } }, 'maximum of 10'],
  ])('refuses the preferences %j', async (Preferences, error) => {
    const on = await groupWorld();
    await on.group(1);
    const failure = await on.failure('StartInstanceRefresh', { ...NAMED, DesiredConfiguration, Preferences });
    expect(failure).toMatch(/^ValidationError: /);
    expect(failure).toContain(error);
    expect(await on.call('DescribeInstanceRefreshes', NAMED)).toMatchObject({ InstanceRefreshes: [] });
  });

  it.each<[object, string]>([
    [{ AutoScalingGroupName: 'another' }, 'ValidationError: AutoScalingGroup name not found'],
    [{ Preferences: { AutoRollback: true } }, 'AutoRollback parameter cannot be set to true when the Desired'],
    [{ DesiredConfiguration: { LaunchTemplate: { LaunchTemplateName: TEMPLATE, Version: '9' } } }, 'version 9'],
    [{ DesiredConfiguration: { LaunchTemplate: { Version: '1' } } }, 'either launchTemplateId or LaunchTemplateName'],
    [{ DesiredConfiguration: {} }, 'ValidationError: Valid requests must contain'],
    [{ Strategy: 'Fast' }, "Value 'Fast' at 'strategy'"],
    [{ Strategy: 'ReplaceRootVolume' }, 'NotImplemented: The sandbox does not model'],
  ])('refuses %j', async (change, error) => {
    const on = await groupWorld();
    await on.group(1);
    expect(await on.failure('StartInstanceRefresh', { ...NAMED, ...change })).toContain(error);
  });

  it('refuses a second one while one is under way, and takes it after that', async () => {
    const on = await groupWorld();
    await on.group(1);
    await on.start('2');
    expect(await on.failure('StartInstanceRefresh', NAMED)).toBe(
      'InstanceRefreshInProgress: An Instance Refresh is already in progress and blocks the execution of this Instance Refresh.',
    );
    await on.ended();
    await on.start('1');
    await on.ended();
    type Page = { InstanceRefreshes: { InstanceRefreshId: string; Status: string }[]; NextToken?: string };
    const first = await on.call<Page>('DescribeInstanceRefreshes', { ...NAMED, MaxRecords: 1 });
    const rest = await on.call<Page>('DescribeInstanceRefreshes', { ...NAMED, NextToken: first.NextToken });
    const [latest, oldest] = [first.InstanceRefreshes[0], rest.InstanceRefreshes[0]];
    expect(latest?.InstanceRefreshId).not.toBe(oldest?.InstanceRefreshId);
    const InstanceRefreshIds = [oldest?.InstanceRefreshId];
    expect(await on.call('DescribeInstanceRefreshes', { ...NAMED, InstanceRefreshIds })).toMatchObject({
      InstanceRefreshes: [oldest],
    });
  });
});

describe('permissions', () => {
  const asked = async (operation: string, input: object, change: object = {}) => {
    const on = await groupWorld();
    await on.group(1, { Tags: [{ Key: 'Team', Value: 'shop' }], ...change });
    const { AutoScalingGroupARN: arn, Instances: [instance] = [] } = await on.describe();
    const { InstanceId } = instance ?? {};
    await on.call(operation, 'InstanceId' in input ? { ...input, InstanceId } : input);
    await on.clock.runFor(HOUR);
    const entry = on.world.dispatcher.journal.findLast((each) => each.operation === operation);
    return { arn, permissions: entry?.permissions as readonly Permission[] };
  };
  const context = { 'autoscaling:ResourceTag/Team': 'shop', 'aws:ResourceTag/Team': 'shop' };

  it.each<[string, object]>([
    ['StartInstanceRefresh', NAMED],
    ['SetDesiredCapacity', { ...NAMED, DesiredCapacity: 1 }],
    ['SuspendProcesses', NAMED],
    ['SetInstanceHealth', { InstanceId: '', HealthStatus: 'Healthy' }],
    ['TerminateInstanceInAutoScalingGroup', { InstanceId: '', ShouldDecrementDesiredCapacity: false }],
    ['UpdateAutoScalingGroup', { ...NAMED, HealthCheckGracePeriod: 5 }],
  ])('%s asks for the group by its ARN, with its tags', async (operation, input) => {
    const { arn, permissions } = await asked(operation, input);
    expect(permissions).toEqual([{ action: `autoscaling:${operation}`, resource: arn, context }]);
  });

  it('a refresh to a template asks for what a dry run of RunInstances asks', async () => {
    const { arn, permissions } = await asked('StartInstanceRefresh', { ...NAMED, DesiredConfiguration });
    expect(permissions[0]?.resource).toBe(arn);
    const launches = permissions.filter(({ action }) => action === 'ec2:RunInstances').map(({ resource }) => resource);
    expect(launches).toContain('arn:aws:ec2:eu-central-1:123456789012:instance/*');
    expect(launches).toContain(`arn:aws:ec2:eu-central-1::image/${GOOD}`);
    expect(launches.some((resource) => resource.includes(':launch-template/lt-'))).toBe(true);
  });

  it('tags of a request are keys of it', async () => {
    const Tags = [{ ResourceId: GROUP, ResourceType: 'auto-scaling-group', Key: 'Owner', Value: 'me' }];
    const { permissions } = await asked('CreateOrUpdateTags', { Tags });
    expect(permissions[0]?.context).toMatchObject({ 'aws:RequestTag/Owner': 'me', 'aws:TagKeys': ['Owner'] });
  });

  it('a request for a group says whether it names a version of the template', async () => {
    const on = await groupWorld();
    await on.group(0);
    expect(on.world.dispatcher.journal.at(-1)?.permissions[0]?.context).toMatchObject({
      'autoscaling:LaunchTemplateVersionSpecified': 'true',
      'autoscaling:MinSize': '0',
    });
  });

  it('a description asks for its action on *', async () => {
    const { permissions } = await asked('DescribeInstanceRefreshes', NAMED);
    expect(permissions).toEqual([{ action: 'autoscaling:DescribeInstanceRefreshes', resource: '*' }]);
  });
});

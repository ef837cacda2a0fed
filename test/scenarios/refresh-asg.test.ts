import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RefreshAsgResult } from '../../functions/lib/schemas/refresh-asg.ts';
import {
  amis, groupFleet, groupNamed, launchTemplate, placeGroup, refresh, refreshes, resultOf, running,
} from '../support/groups.ts'; // prettier-ignore
import { guardGroups } from '../support/guard.ts';
import { createLab, type Lab } from '../support/lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await createLab({ fleet: groupFleet });
});
afterAll(() => lab.sandbox.close());
const guard = guardGroups(() => lab);

const to = (autoScalingGroupName: string, imageId: string, more: object = {}) => ({
  autoScalingGroupName,
  imageId,
  ...more,
});

/** What no run of ours may change, whatever came of it. */
async function sizes(name: string): Promise<object> {
  const { MinSize, MaxSize, DesiredCapacity } = (await groupNamed(lab, name)) ?? {};
  return { MinSize, MaxSize, DesiredCapacity };
}

/** Whole groups are on what they launch, on one AMI; others say what to run. No run keeps a lock, or changes sizes. */
async function holds(name: string, before: object, result: RefreshAsgResult): Promise<void> {
  const found = await running(lab, name);
  const launched = new Set(result.current.map(({ imageId }) => imageId));
  const wholly = new Set(found).size <= 1 && found.every((imageId) => launched.has(imageId));
  if (!wholly) expect(result.repairCommand).toContain(name);
  expect(result.instances).toEqual(
    Object.fromEntries([...Map.groupBy(found, (imageId) => imageId)].map(([imageId, all]) => [imageId, all.length])),
  );
  expect(await sizes(name)).toEqual(before);
  expect(await lab.locks()).toEqual({});
}

async function refreshed(name: string, imageId: string, more: object = {}): Promise<RefreshAsgResult> {
  const before = await sizes(name);
  const { executionArn, result } = await refresh(lab, to(name, imageId, more));
  await holds(name, before, result);
  expect(await lab.row(executionArn)).toMatchObject({
    status: { S: 'SUCCEEDED' },
    finishedAt: { S: expect.any(String) as unknown },
    targets: { L: [{ M: { autoScalingGroupName: { S: name }, status: { S: result.status } } }] },
  });
  return result;
}

async function refused(name: string, error: string, more: object = {}, imageId: string = amis.good): Promise<string> {
  const before = [await sizes(name), await running(lab, name)];
  const executionArn = await lab.start('RefreshAsg', to(name, imageId, more));
  const ended = await lab.settle(executionArn);
  expect(ended).toMatchObject({ status: 'FAILED', error });
  expect(await lab.row(executionArn)).toMatchObject({ status: { S: 'FAILED' }, error: { S: error } });
  expect(lab.notifications().at(-1)?.subject).toContain(error);
  expect([await sizes(name), await running(lab, name)]).toEqual(before);
  expect(await lab.locks()).toEqual({});
  return ended.cause ?? '';
}

describe('a group that is good', () => {
  it('happy: every instance runs the AMI, capacity stays, progress is told', async () => {
    const name = await placeGroup(lab, { name: 'happy', count: 4 });
    const before = await sizes(name);
    const executionArn = await lab.start(
      'RefreshAsg',
      to(name, amis.good, { preferences: { minHealthyPercentage: 75 } }),
    );
    await lab.sandbox.clock.runFor(120_000);
    expect((await lab.row(executionArn))?.['summary']?.S).toMatch(/^happy to ami-\w+: at \d+ % of 4 instances$/);
    expect(await lab.locks()).toEqual({ 'auto-scaling-group/happy': executionArn });
    expect(await lab.leastUntilQuiet(() => lab.sandbox.autoscaling.inService(name))).toBeGreaterThanOrEqual(3);
    const result = await resultOf(lab, executionArn);
    await holds(name, before, result);
    expect(result).toMatchObject({
      ...{ status: 'Refreshed', statusReason: '', instances: { [amis.good]: 4 }, warnings: [] },
      previous: [{ version: '1', imageId: amis.old }],
      current: [{ version: '2', imageId: amis.good }],
    });
    expect((await groupNamed(lab, name))?.LaunchTemplate?.Version).toBe('2');
  });

  it('nothing to do, the second time', async () => {
    const name = await placeGroup(lab, { name: 'twice', count: 1 });
    await refreshed(name, amis.good);
    const result = await refreshed(name, amis.good);
    expect(result).toMatchObject({ status: 'NothingToDo', instanceRefreshIds: [] });
    expect(await refreshes(lab, name)).toHaveLength(1);
  });

  it('goes back to what it launched before, and makes no version for it', async () => {
    const name = await placeGroup(lab, { name: 'back' });
    const { previous } = await refreshed(name, amis.good);
    expect(await refreshed(name, amis.old, { backTo: previous })).toMatchObject({
      status: 'Refreshed',
      current: previous,
      instances: { [amis.old]: 2 },
    });
  });

  it('uses a version that it made before', async () => {
    const name = await placeGroup(lab, { name: 'again' });
    const { previous } = await refreshed(name, amis.good);
    await refreshed(name, amis.old, { backTo: previous });
    expect((await refreshed(name, amis.good)).current).toMatchObject([{ version: '2' }]);
  });

  it('a lone instance with min healthy 100 % gets its successor first', async () => {
    const name = await placeGroup(lab, { name: 'lone', count: 1 });
    const executionArn = await lab.start(
      'RefreshAsg',
      to(name, amis.good, { preferences: { minHealthyPercentage: 100 } }),
    );
    expect(await lab.leastUntilQuiet(() => lab.sandbox.autoscaling.inService(name))).toBe(1);
    expect(await resultOf(lab, executionArn)).toMatchObject({ status: 'Refreshed', instances: { [amis.good]: 1 } });
  });

  it('desired capacity 0: the group launches the AMI from now on', async () => {
    const name = await placeGroup(lab, { name: 'empty', count: 0 });
    expect(await refreshed(name, amis.good)).toMatchObject({ status: 'Refreshed', instances: {} });
    expect((await groupNamed(lab, name))?.LaunchTemplate?.Version).toBe('2');
  });

  it('mixed instances: each distinct template gets one version, also those of overrides', async () => {
    const [base, own] = [await launchTemplate(lab, 'mixed-base'), await launchTemplate(lab, 'mixed-own')];
    const specified = (LaunchTemplateId: string) => ({ LaunchTemplateId, Version: '1' });
    const name = await placeGroup(lab, {
      name: 'mixed',
      input: {
        MixedInstancesPolicy: {
          LaunchTemplate: {
            LaunchTemplateSpecification: specified(base),
            Overrides: [
              { InstanceType: 't3.micro' },
              { InstanceType: 't3.small', LaunchTemplateSpecification: specified(own) },
            ],
          },
          InstancesDistribution: { OnDemandAllocationStrategy: 'lowest-price' },
        },
      },
    });
    expect(await refreshed(name, amis.good)).toMatchObject({
      status: 'Refreshed',
      current: [
        { override: null, launchTemplateId: base, version: '2' },
        { override: 1, launchTemplateId: own, version: '2' },
      ],
    });
  });

  it.each(['$Latest', '$Default'])('%s is pinned first, and told', async (version) => {
    const name = await placeGroup(lab, { name: `floating${version.slice(1)}`, version });
    const result = await refreshed(name, amis.good);
    expect(result).toMatchObject({
      status: 'Refreshed',
      previous: [{ version: '1' }],
      warnings: [expect.stringMatching(/^TemplatePinned: .*\$/)],
    });
  });

  it('protected and standby instances are left alone, named, and can be replaced by the command', async () => {
    const name = await placeGroup(lab, { name: 'kept', count: 3, protectedInstances: 1, standbyInstances: 1 });
    const { warnings, ...result } = await refreshed(name, amis.good);
    expect(result).toMatchObject({
      status: 'Refreshed',
      instances: { [amis.good]: 2, [amis.old]: 2 },
      repairCommand: expect.stringContaining(
        '{"SkipMatching":true,"ScaleInProtectedInstances":"Refresh","StandbyInstances":"Terminate"}',
      ) as unknown,
    });
    expect(warnings).toEqual([expect.stringContaining('protected'), expect.stringContaining('standby')]);
    const [, preferences = '{}'] = /--preferences '(.*)'$/.exec(result.repairCommand ?? '') ?? [];
    const Preferences = JSON.parse(preferences) as object;
    await lab.call('autoscaling', 'StartInstanceRefresh', { AutoScalingGroupName: name, Preferences });
    await lab.finish();
    expect(new Set(await running(lab, name))).toEqual(new Set([amis.good]));
  });

  it('scaling meanwhile launches the new AMI and is not undone', async () => {
    guard.resized('scaled');
    const name = await placeGroup(lab, { name: 'scaled' });
    const executionArn = await lab.start('RefreshAsg', to(name, amis.good));
    await lab.sandbox.clock.runFor(60_000);
    await lab.call('autoscaling', 'SetDesiredCapacity', { AutoScalingGroupName: name, DesiredCapacity: 4 });
    const result = await resultOf(lab, executionArn);
    expect(result).toMatchObject({ status: 'Refreshed', instances: { [amis.good]: 4 } });
    expect(await sizes(name)).toMatchObject({ DesiredCapacity: 4 });
  });
});

it('a refresh of many days stays within the history of one execution', async () => {
  const name = await placeGroup(lab, { name: 'fortnight', count: 4 });
  const preferences = {
    ...{ checkpointPercentages: [10, 20, 30, 40, 50, 75, 100], checkpointDelay: 172_800 },
    ...{ minHealthyPercentage: 75, bakeTime: 86_400 },
  };
  const executionArn = await lab.start('RefreshAsg', to(name, amis.good, { preferences }));
  const begun = lab.sandbox.clock.now();
  while ((await lab.describe(executionArn)).status === 'RUNNING') await lab.sandbox.clock.runFor(86_400_000);
  expect(await resultOf(lab, executionArn)).toMatchObject({ status: 'Refreshed', instances: { [amis.good]: 4 } });
  const { stopDate } = await lab.describe(executionArn);
  expect(((stopDate?.getTime() ?? 0) - begun) / 86_400_000).toBeGreaterThan(6);
  expect((await lab.history(executionArn)).length).toBeLessThan(12_500);
});

describe('a refresh of somebody else', () => {
  async function busy(name: string): Promise<void> {
    const LaunchTemplateId = await launchTemplate(lab, `${name}-template`);
    await placeGroup(lab, { name, input: { LaunchTemplate: { LaunchTemplateId, Version: '1' } } });
    await lab.call('autoscaling', 'StartInstanceRefresh', { AutoScalingGroupName: name });
  }

  it('is waited for', async () => {
    await busy('waiting');
    const { instanceRefreshIds } = await refreshed('waiting', amis.good);
    const [ours, theirs] = await refreshes(lab, 'waiting');
    expect(theirs?.Status).toBe('Successful');
    expect(instanceRefreshIds).toEqual([ours?.InstanceRefreshId]);
    expect(ours?.Status).toBe('Successful');
  });

  it('is cancelled where the request says so', async () => {
    await busy('cancelling');
    expect(await refreshed('cancelling', amis.good, { onInstanceRefreshInProgress: 'cancel' })).toMatchObject({
      status: 'Refreshed',
    });
    expect((await refreshes(lab, 'cancelling')).map(({ Status }) => Status)).toEqual(['Successful', 'Cancelled']);
  });

  it('that does not end in time leaves everything as it was', async () => {
    await busy('endless');
    const bakes = { CheckpointPercentages: [50, 100], CheckpointDelay: 7200 };
    await lab.call('autoscaling', 'CancelInstanceRefresh', { AutoScalingGroupName: 'endless' });
    await lab.finish();
    await lab.call('autoscaling', 'StartInstanceRefresh', { AutoScalingGroupName: 'endless', Preferences: bakes });
    const executionArn = await lab.start('RefreshAsg', to('endless', amis.good, { timeoutSeconds: 600 }));
    await lab.sandbox.clock.runFor(700_000);
    expect(await lab.describe(executionArn)).toMatchObject({ status: 'FAILED', error: 'InstanceRefreshBusy' });
    await lab.finish();
  });
});

describe('an AMI that is not good', () => {
  it('whose machines fail their checks is rolled back', async () => {
    const name = await placeGroup(lab, { name: 'bad' });
    const result = await refreshed(name, amis.bad);
    expect(result).toMatchObject({ status: 'RolledBack', instances: { [amis.old]: 2 }, current: [{ version: '1' }] });
    expect(result.statusReason).not.toBe('');
    expect(lab.notifications().at(-1)).toMatchObject({ subject: 'Fleetwright: refresh-asg ended with RolledBack' });
  });

  it('whose machines crash while it bakes is rolled back', async () => {
    const name = await placeGroup(lab, { name: 'crashing' });
    expect(await refreshed(name, amis.crashing, { preferences: { bakeTime: 3600 } })).toMatchObject({
      status: 'RolledBack',
      instances: { [amis.old]: 2 },
    });
  });

  it('that sets an alarm off is rolled back, although the alarm stays on', async () => {
    const AlarmName = 'errors';
    const alarm = { MetricName: 'Errors', Namespace: 'Shop', Threshold: 1, EvaluationPeriods: 1, Period: 60 };
    const compared = { ComparisonOperator: 'GreaterThanThreshold', Statistic: 'Sum' };
    await lab.call('cloudwatch', 'PutMetricAlarm', { AlarmName, ...alarm, ...compared });
    const set = (StateValue: string) =>
      lab.call('cloudwatch', 'SetAlarmState', { AlarmName, StateValue, StateReason: 'the test says so' });
    await set('OK');
    const name = await placeGroup(lab, { name: 'alarmed' });
    const before = await sizes(name);
    const preferences = { alarms: [AlarmName], bakeTime: 3600 };
    const executionArn = await lab.start('RefreshAsg', to(name, amis.good, { preferences }));
    await lab.sandbox.clock.runFor(1_200_000);
    expect(await running(lab, name)).toEqual([amis.good, amis.good]);
    expect((await lab.row(executionArn))?.['summary']?.S).toMatch(/: baking after 100 % of 2 instances$/);
    await set('ALARM');
    const result = await resultOf(lab, executionArn);
    await holds(name, before, result);
    expect(result).toMatchObject({ status: 'RolledBack', instances: { [amis.old]: 2 } });
    expect(result.statusReason).toContain(AlarmName);
  });

  it('whose rollback fails too, as nothing new comes up, is followed by a refresh back', async () => {
    const { store } = lab.sandbox.ec2;
    const name = await placeGroup(lab, { name: 'twice-bad' });
    const executionArn = await lab.start('RefreshAsg', to(name, amis.bad));
    await lab.sandbox.clock.runFor(1_800_000);
    store.setDefect(amis.old, 'fails-health-checks');
    const ended = async () => (await refreshes(lab, name))[0]?.EndTime !== undefined;
    for (let looks = 0; looks < 2000 && !(await ended()); looks++) await lab.sandbox.clock.runFor(10_000);
    store.setDefect(amis.old, undefined);
    const result = await resultOf(lab, executionArn);
    expect(result).toMatchObject({ status: 'RolledBack', instances: { [amis.old]: 2 }, current: [{ version: '1' }] });
    const [back, forth] = await refreshes(lab, name);
    expect(forth).toMatchObject({ Status: 'RollbackFailed' });
    expect(back).toMatchObject({ Status: 'Successful', Preferences: { AutoRollback: false, SkipMatching: true } });
    expect(result.instanceRefreshIds).toEqual([forth?.InstanceRefreshId, back?.InstanceRefreshId]);
  });

  it('is given up and rolled back when the time is up', async () => {
    const name = await placeGroup(lab, { name: 'late' });
    const preferences = { checkpointPercentages: [50], checkpointDelay: 7200 };
    expect(await refreshed(name, amis.good, { timeoutSeconds: 900, preferences })).toMatchObject({
      status: 'RolledBack',
      statusReason: expect.stringMatching(/^Its time was up at .*; it was at 50 % of 2 instances\./) as unknown,
      instances: { [amis.old]: 2 },
    });
  });
});

describe('what somebody does meanwhile', () => {
  const preferences = { checkpointPercentages: [50], checkpointDelay: 3600 };

  it('a refresh that is cancelled leaves two AMIs, which is told with the command that mends it', async () => {
    const name = await placeGroup(lab, { name: 'cancelled' });
    const before = await sizes(name);
    const executionArn = await lab.start('RefreshAsg', to(name, amis.good, { preferences }));
    await lab.sandbox.clock.runFor(900_000);
    await lab.call('autoscaling', 'CancelInstanceRefresh', { AutoScalingGroupName: name });
    const result = await resultOf(lab, executionArn);
    await holds(name, before, result);
    expect(result).toMatchObject({ status: 'Failed', instances: { [amis.good]: 1, [amis.old]: 1 } });
    expect(result.repairCommand).toContain("start-instance-refresh --auto-scaling-group-name 'cancelled'");
    await lab.call('autoscaling', 'StartInstanceRefresh', {
      AutoScalingGroupName: name,
      Preferences: { SkipMatching: true },
    });
    await lab.finish();
    expect(await running(lab, name)).toEqual([amis.old, amis.old]);
  });

  it('a group that is deleted', async () => {
    const name = await placeGroup(lab, { name: 'deleted' });
    const executionArn = await lab.start('RefreshAsg', to(name, amis.good, { preferences }));
    await lab.sandbox.clock.runFor(900_000);
    await lab.call('autoscaling', 'DeleteAutoScalingGroup', { AutoScalingGroupName: name, ForceDelete: true });
    expect(await resultOf(lab, executionArn)).toMatchObject({
      status: 'Failed',
      statusReason: 'The group was deleted meanwhile.',
      instances: {},
    });
    expect(await lab.locks()).toEqual({});
  });

  it('an execution that is stopped: the refresh goes on, and the row says how to look and to roll back', async () => {
    const name = await placeGroup(lab, { name: 'stopped' });
    const executionArn = await lab.start('RefreshAsg', to(name, amis.good));
    await lab.sandbox.clock.runFor(60_000);
    await lab.call('states', 'StopExecution', { executionArn });
    await lab.finish();
    const row = await lab.row(executionArn);
    expect(row).toMatchObject({
      status: { S: 'ABORTED' },
      targets: { L: [{ M: { autoScalingGroupName: { S: name } } }] },
    });
    expect(row?.['summary']?.S).toContain("rollback-instance-refresh --auto-scaling-group-name 'stopped'");
    expect(await lab.locks()).toEqual({});
    expect(await running(lab, name)).toEqual([amis.good, amis.good]);
  });

  it('another execution on the same group', async () => {
    const name = await placeGroup(lab, { name: 'locked' });
    const first = await lab.start('RefreshAsg', to(name, amis.good));
    await lab.sandbox.clock.runFor(60_000);
    const second = await lab.start('RefreshAsg', to(name, amis.good));
    expect(await resultOf(lab, first)).toMatchObject({ status: 'Refreshed' });
    expect(await lab.describe(second)).toMatchObject({ status: 'FAILED', error: 'TargetLocked' });
  });
});

describe('a group or an AMI that is refused', () => {
  const specify = async (name: string, data: object) => ({
    LaunchTemplate: { LaunchTemplateId: await launchTemplate(lab, `${name}-template`, data), Version: '1' },
  });

  it('no such group', async () => {
    const executionArn = await lab.start('RefreshAsg', to('nowhere', amis.good));
    expect(await lab.settle(executionArn)).toMatchObject({ status: 'FAILED', error: 'TargetNotFound' });
  });

  it('no name', async () => {
    const executionArn = await lab.start('RefreshAsg', { imageId: amis.good });
    expect(await lab.settle(executionArn)).toMatchObject({ status: 'FAILED', error: 'InvalidRequest' });
  });

  it('not tagged', async () => {
    await placeGroup(lab, { name: 'untagged', tags: {} });
    await refused('untagged', 'TargetNotAllowed');
  });

  it('excluded by its tag', async () => {
    await placeGroup(lab, { name: 'excluded', tags: { SSMRunAllowed: 'true', 'fleetwright:exclude': 'true' } });
    await refused('excluded', 'TargetNotAllowed');
  });

  it('launch configuration', async () => {
    await placeGroup(lab, { name: 'configured', input: { LaunchConfigurationName: 'old' } });
    expect(await refused('configured', 'TargetNotRollable')).toContain('launch configuration old');
  });

  it('resolve:ssm', async () => {
    await lab.call('ssm', 'PutParameter', {
      Name: '/ami/x',
      Value: amis.old,
      Type: 'String',
      DataType: 'aws:ec2:image',
    });
    await lab.sandbox.clock.runFor(300_000);
    const input = await specify('resolving', { ImageId: 'resolve:ssm:/ami/x' });
    await placeGroup(lab, { name: 'resolving', input });
    await refused('resolving', 'TemplateNotPinned');
  });

  it('a template whose latest version another group follows', async () => {
    const { LaunchTemplate } = await specify('shared', {});
    await placeGroup(lab, { name: 'shared', input: { LaunchTemplate } });
    await placeGroup(lab, { name: 'follower', input: { LaunchTemplate: { ...LaunchTemplate, Version: '$Latest' } } });
    expect(await refused('shared', 'TemplateNotPinned')).toContain('follower');
  });

  it('suspended processes', async () => {
    await placeGroup(lab, { name: 'suspended', suspended: ['Launch', 'AZRebalance'] });
    expect(await refused('suspended', 'TargetNotRollable')).toContain(
      "resume-processes --auto-scaling-group-name 'suspended'",
    );
  });

  it('wrong architecture', async () => {
    await placeGroup(lab, { name: 'intel' });
    expect(await refused('intel', 'ImageDoesNotFit', {}, amis.arm)).toContain('is for arm64, and t3.micro runs x86_64');
  });

  it('an AMI that is pending, and one that is not there', async () => {
    await placeGroup(lab, { name: 'early' });
    expect(await refused('early', 'ImageDoesNotFit', {}, amis.pending)).toContain('is pending');
    expect(await refused('early', 'ImageDoesNotFit', {}, 'ami-00000000000000fff')).toContain('does not exist');
  });

  it('a root volume that is too small', async () => {
    const input = await specify('small', {
      BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { VolumeSize: 10 } }],
    });
    await placeGroup(lab, { name: 'small', count: 0, input });
    expect(await refused('small', 'ImageDoesNotFit', {}, amis.large)).toContain('needs 20 GiB on /dev/xvda');
  });

  it('an alarm that there is not: Auto Scaling refuses it', async () => {
    await placeGroup(lab, { name: 'unwatched' });
    const cause = await refused('unwatched', 'InstanceRefreshRefused', { preferences: { alarms: ['nothing'] } });
    expect(cause).toContain('nothing was not found');
  });
});

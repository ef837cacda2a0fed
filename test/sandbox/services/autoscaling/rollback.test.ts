import { describe, expect, it } from '@jest/globals';
import { AMI } from '../ec2/support.ts';
import { BAD, GOOD, GROUP, groupWorld, HOUR, MINUTE, TEMPLATE } from './support.ts';

const NAMED = { AutoScalingGroupName: GROUP };
const template = (Version: string) => ({ LaunchTemplate: { LaunchTemplateName: TEMPLATE, Version } });

describe('a rollback', () => {
  it('by hand replaces what was replaced, and leaves the saved version', async () => {
    const on = await groupWorld();
    await on.group(4);
    const id = await on.start('2', { MinHealthyPercentage: 50 });
    await on.clock.runFor(4 * MINUTE);
    const before = await on.refresh();
    expect(before).toMatchObject({ PercentageComplete: 50 });
    expect(await on.call('RollbackInstanceRefresh', NAMED)).toEqual({ InstanceRefreshId: id });
    expect(await on.refresh()).toMatchObject({ Status: 'RollbackInProgress' });
    await expect(on.ended()).resolves.toMatchObject({
      Status: 'RollbackSuccessful',
      PercentageComplete: 0,
      RollbackDetails: { PercentageCompleteOnRollback: 50, RollbackReason: 'Rollback due to user request.' },
    });
    expect(await on.images()).toEqual({ [AMI]: 4 });
    expect(await on.describe()).toMatchObject(template('1'));
    expect(on.refreshEvents()).toEqual(['Started', 'Rollback Started', 'Rollback Succeeded']);
  });

  it('comes by itself when a bad AMI has made no progress for an hour', async () => {
    const on = await groupWorld();
    await on.group(5);
    await on.start('3', { AutoRollback: true });
    await expect(on.ended()).resolves.toMatchObject({ Status: 'RollbackSuccessful' });
    expect(await on.images()).toEqual({ [AMI]: 5 });
  });

  it('comes by itself when an instance crashes while the refresh bakes', async () => {
    const on = await groupWorld();
    on.ec2.setDefect(BAD, 'crashes', 900);
    await on.group(5);
    await on.start('3', { AutoRollback: true, BakeTime: 3600, MinHealthyPercentage: 0 });
    await expect(on.ended()).resolves.toMatchObject({ Status: 'RollbackSuccessful' });
    expect(await on.images()).toEqual({ [AMI]: 5 });
  });

  it('fails where what was saved is no longer good', async () => {
    const on = await groupWorld();
    await on.group(4);
    await on.start('2', { MinHealthyPercentage: 50 });
    await on.clock.runFor(4 * MINUTE);
    on.ec2.setDefect(AMI, 'fails-health-checks');
    await on.call('RollbackInstanceRefresh', NAMED);
    await expect(on.ended()).resolves.toMatchObject({ Status: 'RollbackFailed' });
    expect(on.refreshEvents().at(-1)).toBe('Rollback Failed');
  });

  it('is cancelled like any refresh', async () => {
    const on = await groupWorld();
    await on.group(4);
    await on.start('2', { MinHealthyPercentage: 50 });
    await on.clock.runFor(4 * MINUTE);
    await on.call('RollbackInstanceRefresh', NAMED);
    await on.clock.runFor(MINUTE);
    await on.call('CancelInstanceRefresh', NAMED);
    await expect(on.ended()).resolves.toMatchObject({ Status: 'Cancelled' });
  });

  it('needs an active refresh', async () => {
    const on = await groupWorld();
    await on.group(1);
    const error = 'ActiveInstanceRefreshNotFound: No in progress or pending Instance Refresh found';
    expect(await on.failure('RollbackInstanceRefresh', NAMED)).toContain(error);
    expect(await on.failure('CancelInstanceRefresh', NAMED)).toContain(error);
    await on.start('2');
    await on.ended();
    expect(await on.failure('RollbackInstanceRefresh', NAMED)).toContain(error);
  });

  it.each([
    ['1', undefined, 'has no desired configuration'],
    ['$Latest', '2', 'version $Latest or $Default'],
    ['$Default', '2', 'version $Latest or $Default'],
    ['1', '$Latest', 'version $Latest or $Default'],
    ['4', '2', 'from a Systems Manager parameter'],
  ])('is refused of a group with version %s and a refresh to %s', async (saved, desired, reason) => {
    const on = await groupWorld();
    on.ssm.parameters.place({
      ...{ name: '/ami/web', value: GOOD, type: 'String', dataType: 'aws:ec2:image', tier: 'Standard' },
    });
    on.ec2.templates.addVersion(on.template, {
      data: { ImageId: 'resolve:ssm:/ami/web', InstanceType: 't3.small' },
      createdBy: 'test',
    });
    await on.group(1, { ...template(saved), DesiredCapacity: 0 });
    const input = { ...NAMED, ...(desired !== undefined && { DesiredConfiguration: template(desired) }) };
    expect(await on.failure('StartInstanceRefresh', { ...input, Preferences: { AutoRollback: true } })).toMatch(
      /^ValidationError: The request isn't valid\./,
    );
    await on.call('StartInstanceRefresh', input);
    const failure = await on.failure('RollbackInstanceRefresh', NAMED);
    expect(failure).toMatch(/^IrreversibleInstanceRefresh: /);
    expect(failure).toContain(reason);
  });
});

describe('a cancelled refresh', () => {
  it('waits for what is under way, and leaves what was replaced', async () => {
    const on = await groupWorld();
    await on.group(4);
    const id = await on.start('2', { MinHealthyPercentage: 75 });
    await on.clock.runFor(3000);
    expect(await on.call('CancelInstanceRefresh', NAMED)).toEqual({ InstanceRefreshId: id });
    expect(await on.refresh()).toMatchObject({ Status: 'Cancelling' });
    await on.clock.runFor(MINUTE);
    expect(await on.refresh()).toMatchObject({ Status: 'Cancelled', StatusReason: 'Cancelled due to user request.' });
    await on.clock.runFor(HOUR);
    expect(await on.images()).toEqual({ [AMI]: 3, [GOOD]: 1 });
    expect(await on.describe()).toMatchObject(template('1'));
    expect(on.refreshEvents()).toEqual(['Started', 'Cancelled']);
  });

  it('does not wait where it is told not to', async () => {
    const on = await groupWorld();
    await on.group(4);
    await on.start('2');
    await on.clock.runFor(3000);
    await on.call('CancelInstanceRefresh', { ...NAMED, WaitForTransitioningInstances: false });
    expect(await on.refresh()).toMatchObject({ Status: 'Cancelled' });
  });
});

describe('alarms', () => {
  const watching = async (state: () => 'OK' | 'ALARM' | 'INSUFFICIENT_DATA') => {
    const on = await groupWorld({ alarmState: (name) => (name === 'errors' ? state() : undefined) });
    await on.group(4);
    return on;
  };
  const AlarmSpecification = { Alarms: ['errors'] };

  it('fail the refresh, or roll it back', async () => {
    let state: 'OK' | 'ALARM' = 'OK';
    const on = await watching(() => state);
    await on.start('2', { AlarmSpecification });
    await on.clock.runFor(5 * MINUTE);
    state = 'ALARM';
    await expect(on.ended()).resolves.toMatchObject({
      Status: 'Failed',
      StatusReason: 'The CloudWatch alarm errors is in the ALARM state.',
    });
    state = 'OK';
    await on.start('2', { AlarmSpecification, AutoRollback: true, BakeTime: 3600 });
    await on.clock.runFor(40 * MINUTE);
    expect(await on.refresh()).toMatchObject({ Status: 'Baking' });
    state = 'ALARM';
    await expect(on.ended()).resolves.toMatchObject({ Status: 'RollbackSuccessful' });
  });

  it('without data hold it', async () => {
    let state: 'OK' | 'INSUFFICIENT_DATA' = 'OK';
    const on = await watching(() => state);
    await on.start('2', { AlarmSpecification });
    state = 'INSUFFICIENT_DATA';
    await on.clock.runFor(30 * MINUTE);
    expect(await on.images()).toEqual({ [AMI]: 4 });
    state = 'OK';
    await expect(on.ended()).resolves.toMatchObject({ Status: 'Successful' });
  });

  it.each(['ALARM', 'INSUFFICIENT_DATA'] as const)('in state %s let none start', async (state) => {
    const on = await watching(() => state);
    const input = { ...NAMED, DesiredConfiguration: template('2'), Preferences: { AlarmSpecification } };
    expect(await on.failure('StartInstanceRefresh', input)).toContain(`alarm errors is in the ${state} state`);
    const unknown = { AlarmSpecification: { Alarms: ['latency'] } };
    expect(await on.failure('StartInstanceRefresh', { ...input, Preferences: unknown })).toContain('not found');
  });
});

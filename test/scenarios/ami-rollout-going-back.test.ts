import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ListExecutionsCommandOutput } from '@aws-sdk/client-sfn';
import { guardGroups } from '../support/guard.ts';
import { createLab, type Lab } from '../support/lab.ts';
import { endOf, expectAllOn, MINUTE, roll, scene, until } from '../support/rollout-scene.ts';
import { amis, groupsOf, imagesOf, PARAMETER, putAmi, rolloutFleet, startByHand } from '../support/rollouts.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await createLab({ fleet: rolloutFleet });
  await startByHand(lab);
});
afterAll(() => lab.sandbox.close());
const guard = guardGroups(() => lab);

const alarm = (StateValue: 'OK' | 'ALARM') =>
  lab.call('cloudwatch', 'SetAlarmState', { AlarmName: 'checkout-5xx', StateValue, StateReason: 'a test' });

/** Starts a rollout of an AMI that is good, until its first group is on it. */
async function begun(first: string): Promise<string> {
  await putAmi(lab, amis.good);
  const executionArn = await lab.start('AmiRollout', { parameter: PARAMETER });
  await until(lab, async () => (await imagesOf(lab, first))[amis.good] === 2);
  return executionArn;
}

describe('a group goes back', () => {
  const policy = { waves: { canary: 1, batch: 1, bakeSeconds: 600 }, alarms: ['checkout-5xx'], rollBack: 'all' };

  it('onto what it ran right before its refresh, not onto what it ran when the plan was made; the report says so', async () => {
    await scene(lab, 'own', ['own-a', 'own-b'], policy);
    const execution = await begun('own-a');
    const [group] = await groupsOf(lab, 'own-b');
    const { LaunchTemplateId } = group?.LaunchTemplate ?? {};
    await lab.call('ec2', 'CreateLaunchTemplateVersion', {
      ...{ LaunchTemplateId, SourceVersion: '1', LaunchTemplateData: { UserData: 'b3duZXI=' } },
    });
    const LaunchTemplate = { LaunchTemplateId, Version: '2' };
    await lab.call('autoscaling', 'UpdateAutoScalingGroup', { AutoScalingGroupName: 'own-b', LaunchTemplate });
    await until(lab, async () => (await imagesOf(lab, 'own-b'))[amis.good] === 2);
    await alarm('ALARM');
    await lab.finish();
    await alarm('OK');
    expect((await endOf(lab, execution)).error).toBe('RolloutFailed');
    await expectAllOn(lab, ['own-a', 'own-b'], amis.old);
    expect((await groupsOf(lab, 'own-b'))[0]?.LaunchTemplate?.Version).toBe('2');
    const row = await lab.row(execution);
    expect(row?.['summary']?.S).toContain('0 of 2 targets are on the AMI, 2 were rolled back');
  });

  it('where somebody stopped its refresh: that has changed it', async () => {
    await scene(lab, 'cut', ['cut-a', 'cut-b'], { ...policy, alarms: [] });
    await putAmi(lab, amis.good);
    const execution = await lab.start('AmiRollout', { parameter: PARAMETER });
    await until(lab, async () => (await imagesOf(lab, 'cut-a'))[amis.good] === 1);
    const { executions = [] } = await lab.call<ListExecutionsCommandOutput>('states', 'ListExecutions', {
      ...{ stateMachineArn: lab.output('RefreshAsgStateMachineArn'), statusFilter: 'RUNNING' },
    });
    for (const { executionArn } of executions) await lab.call('states', 'StopExecution', { executionArn });
    await lab.finish();
    const { error, cause } = await endOf(lab, execution);
    expect({ error, cause }).toMatchObject({
      error: 'RolloutFailed',
      cause: expect.stringContaining('The canary failed'),
    });
    await expectAllOn(lab, ['cut-a', 'cut-b'], amis.old);
  });

  it('where an alarm fires while the window is closed: no further wave begins', async () => {
    const time = (minutes: number) => new Date(lab.sandbox.clock.now() + minutes * MINUTE).toISOString().slice(11, 16);
    const days = ['MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT', 'SUN'];
    const window = { days, start: time(0), end: time(20) };
    await scene(lab, 'night', ['night-a', 'night-b'], { ...policy, window });
    const execution = await begun('night-a');
    await lab.sandbox.clock.runFor(6 * 60 * MINUTE);
    await expectAllOn(lab, ['night-a'], amis.good);
    await alarm('ALARM');
    await lab.finish();
    await alarm('OK');
    const { error, cause } = await endOf(lab, execution);
    expect({ error, cause }).toMatchObject({ error: 'RolloutFailed', cause: expect.stringContaining('Before wave 2') });
    await expectAllOn(lab, ['night-a', 'night-b'], amis.old);
  });
});

describe('a group does not go back', () => {
  it('where it grows while its wave bakes: its new machines are still being launched', async () => {
    guard.resized('grown-a');
    await scene(lab, 'grown', ['grown-a'], { waves: { canary: 1, batch: 1, bakeSeconds: 600 } });
    const execution = await begun('grown-a');
    await lab.sandbox.clock.runFor(2 * MINUTE);
    await lab.call('autoscaling', 'SetDesiredCapacity', { AutoScalingGroupName: 'grown-a', DesiredCapacity: 8 });
    await lab.finish();
    expect((await endOf(lab, execution)).result).toMatchObject({ status: 'Completed' });
    expect(await imagesOf(lab, 'grown-a')).toEqual({ [amis.good]: 8 });
  });
});

describe('a parameter goes back', () => {
  it('to the AMI from before the first rollout, not to one that has failed', async () => {
    await scene(lab, 'first', ['first']);
    await lab.call('ssm', 'DeleteParameter', { Name: PARAMETER });
    await lab.call('ssm', 'PutParameter', { Name: PARAMETER, Type: 'String', Value: amis.old });
    await putAmi(lab, amis.unhealthy);
    expect((await roll(lab)).error).toBe('RolloutFailed');
    await putAmi(lab, amis.silent);
    expect((await roll(lab, { rollback: true })).result).toMatchObject({ status: 'NothingToDo', imageId: amis.old });
    await expectAllOn(lab, ['first'], amis.old);
  });
});

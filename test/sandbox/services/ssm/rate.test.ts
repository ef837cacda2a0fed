import { describe, expect, it } from '@jest/globals';
import { quiet } from '../../fleets/demo.ts';
import { byDetails, command, ids, invocations, many, sendAll, settled } from './many.ts';

const broken = (every: number, offset: number) => ({ every, offset, files: { '/etc/broken': '' } });
const FAILING = 'sleep 10; test ! -e /etc/broken';

describe('MaxConcurrency', () => {
  it('begins with one machine and doubles until the limit is met', async () => {
    const on = await many({ count: 40 });
    const sent = await sendAll(on, 'sleep 60', { MaxConcurrency: '10' });
    const running: number[] = [];
    for (let minute = 0; minute < 7; minute++) {
      await on.clock.runFor(62_000);
      running.push((await byDetails(on, sent))['InProgress'] ?? 0);
    }
    expect(running.slice(0, 4)).toEqual([2, 4, 8, 10]);
    expect(Math.max(...running)).toBe(10);
    expect(await settled(on, sent)).toMatchObject({ Status: 'Success', CompletedCount: 40, MaxConcurrency: '10' });
  });

  it('holds no place for machines that cannot be reached, and one for those that hang', async () => {
    const on = await many({ count: 12, vary: [{ every: 12, offset: 1, agent: 'offline' }] });
    const sent = await sendAll(on, 'sleep 5', { MaxConcurrency: '2' });
    await on.clock.runFor(120_000);
    expect(await byDetails(on, sent)).toEqual({ Delayed: 1, Success: 11 });
    expect(await command(on, sent)).toMatchObject({ Status: 'InProgress', CompletedCount: 11 });
    const dying = await many({ count: 12, vary: [{ every: 12, offset: 1, agent: 'dies-at-command' }] });
    const stuck = await sendAll(dying, 'sleep 5', { MaxConcurrency: '2' });
    await dying.clock.runFor(120_000);
    expect(await byDetails(dying, stuck)).toEqual({ InProgress: 1, Pending: 11 });
    expect(await settled(dying, stuck)).toMatchObject({ StatusDetails: 'DeliveryTimedOut', DeliveryTimedOutCount: 12 });
  });
});

describe('MaxErrors', () => {
  it('lets nothing more begin after one error too many; what runs goes on', async () => {
    const on = await many({ count: 50, vary: [broken(2, 1)] });
    const sent = await sendAll(on, FAILING, { MaxConcurrency: '100%', MaxErrors: '10%' });
    const done = await settled(on, sent);
    const counts = await byDetails(on, sent);
    expect(done).toMatchObject({ Status: 'Failed', StatusDetails: 'Failed', TargetCount: 50, CompletedCount: 50 });
    expect(done.ErrorCount).toBe(counts['Failed']);
    expect(counts['Failed']).toBeGreaterThanOrEqual(6); // 10 % of 50 are allowed
    expect(counts['Terminated']).toBeGreaterThan(0);
    const all = await invocations(on, sent);
    const firstTerminated = all.findIndex(({ StatusDetails: details }) => details === 'Terminated');
    expect(all.slice(firstTerminated).every(({ StatusDetails: details }) => details === 'Terminated')).toBe(true);
  });

  it('stops at the first error beyond it where one runs at a time', async () => {
    const on = await many({ count: 50, vary: [broken(1, 1)] });
    const sent = await sendAll(on, FAILING, { MaxConcurrency: '1', MaxErrors: '3' });
    expect(await settled(on, sent)).toMatchObject({ Status: 'Failed', ErrorCount: 4 });
    expect(await byDetails(on, sent)).toEqual({ Failed: 4, Terminated: 46 });
  });

  it('counts time-outs of scripts, and says so where nothing else failed', async () => {
    const on = await many({ count: 5 });
    const Parameters = { commands: ['sleep 100'], executionTimeout: ['10'] };
    const sent = await sendAll(on, '', { Parameters, MaxConcurrency: '1' });
    expect(await settled(on, sent)).toMatchObject({ Status: 'TimedOut', StatusDetails: 'ExecutionTimedOut' });
    expect(await byDetails(on, sent)).toEqual({ ExecutionTimedOut: 1, Terminated: 4 });
  });

  it('does not count what was never run', async () => {
    const vary = [
      { every: 4, offset: 1, agent: 'unreachable' },
      { every: 4, offset: 2, agent: 'access-denied' },
      { every: 4, offset: 3, agent: 'offline' },
    ];
    const on = await many({ count: 40, vary });
    const sent = await sendAll(on, 'true', { TimeoutSeconds: 60 });
    const done = await settled(on, sent);
    expect(await byDetails(on, sent)).toEqual({
      Undeliverable: 10,
      AccessDenied: 10,
      DeliveryTimedOut: 10,
      Success: 10,
    });
    expect(done).toMatchObject({ ErrorCount: 0, CompletedCount: 40, DeliveryTimedOutCount: 10 });
  });
});

describe('the status of a command', () => {
  it.each([
    ['Success', 'Success', 'true', [], {}],
    ['Success', 'Success', 'true', [{ every: 5, agent: 'unreachable' }], {}],
    ['Success', 'Success', 'true', [{ every: 2, agent: 'access-denied' }], {}],
    ['Failed', 'Failed', 'true', [{ every: 1, agent: 'unreachable' }], {}],
    ['Failed', 'AccessDenied', 'true', [{ every: 1, agent: 'access-denied' }], {}],
    ['Failed', 'Failed', 'true', [], { DocumentName: 'AWS-RunPowerShellScript' }],
    ['Failed', 'Failed', 'false', [], {}],
    ['Failed', 'Incomplete', FAILING, [broken(5, 1)], { MaxErrors: '2' }],
    ['Failed', 'Incomplete', 'true', [{ every: 5, agent: 'offline' }], { MaxErrors: '2' }],
    ['TimedOut', 'DeliveryTimedOut', 'true', [{ every: 5, agent: 'offline' }], { MaxErrors: '1' }],
    ['TimedOut', 'DeliveryTimedOut', 'true', [{ every: 1, agent: 'dead' }], {}],
    ['Success', 'NoInstancesInTag', 'true', [], { Targets: [{ Key: 'tag:Role', Values: ['nobody'] }] }],
  ])('is %s, %s', async (Status, StatusDetails, script, vary, input) => {
    const on = await many({ count: 10, vary });
    const sent = await sendAll(on, script, { TimeoutSeconds: 60, ...input });
    expect(await settled(on, sent)).toMatchObject({ Status, StatusDetails });
  });

  it('is Pending and Delayed while no machine can be reached', async () => {
    const on = await many({ count: 3, vary: [{ every: 1, agent: 'offline' }] });
    const sent = await sendAll(on, 'true');
    expect(sent).toMatchObject({ Status: 'Pending', StatusDetails: 'Pending' });
    await on.clock.runFor(5000);
    expect(await command(on, sent)).toMatchObject({ Status: 'Pending', StatusDetails: 'Delayed' });
  });
});

describe('CancelCommand', () => {
  it('of all while it ramps up: at once what has not begun, the rest as the agents obey', async () => {
    const on = await many({ count: 30 });
    const sent = await sendAll(on, 'sleep 60', { MaxConcurrency: '8' });
    await on.clock.runFor(65_000);
    expect(await byDetails(on, sent)).toEqual({ Success: 1, InProgress: 2, Pending: 27 });
    await on.call('ssm', 'CancelCommand', { CommandId: sent.CommandId });
    expect(await byDetails(on, sent)).toEqual({ Success: 1, Cancelling: 2, Cancelled: 27 });
    expect(await command(on, sent)).toMatchObject({ Status: 'Cancelling' });
    await on.clock.runFor(5000);
    expect(await byDetails(on, sent)).toEqual({ Success: 1, Cancelled: 29 });
    expect(await settled(on, sent)).toMatchObject({ Status: 'Cancelled', CompletedCount: 30, ErrorCount: 0 });
  });

  it('of some: the others run, and those that are over stay as they are', async () => {
    const on = await many({ count: 10 });
    const [first = '', second = '', ...others] = ids(on);
    const sent = await sendAll(on, 'sleep 60', { MaxConcurrency: '1' });
    await on.clock.runFor(65_000);
    await on.call('ssm', 'CancelCommand', {
      CommandId: sent.CommandId,
      InstanceIds: [first, second, ...others.slice(5)],
    });
    await quiet(on);
    const ends = (await invocations(on, sent)).map(({ StatusDetails: details }) => details);
    expect(ends.slice(0, 2)).toEqual(['Success', 'Cancelled']);
    expect(ends.slice(2)).toEqual([...Array<string>(5).fill('Success'), ...Array<string>(3).fill('Cancelled')]);
    expect(await command(on, sent)).toMatchObject({ Status: 'Failed', StatusDetails: 'Incomplete' });
  });

  it.each([
    ['an instance twice', (id: string) => [id, id], /^DuplicateInstanceId/],
    ['an instance that the command was not sent to', () => ['i-00000000000000000'], /^InvalidInstanceId/],
    ['no id of an instance', () => ['web'], /^ValidationException/],
  ])('refuses %s', async (_what, InstanceIds, error) => {
    const on = await many({ count: 2 });
    const { CommandId } = await sendAll(on, 'true');
    expect(await on.failure('ssm', 'CancelCommand', { CommandId, InstanceIds: InstanceIds(ids(on)[0] ?? '') })).toMatch(
      error,
    );
  });
});

import { describe, expect, it } from '@jest/globals';
import type { AgentMode } from '../../../../sandbox/services/ec2/index.ts';
import { fleetWorld, type FleetWorld, invocation, quiet, send, WEB } from '../../fleets/demo.ts';

const HOUR = 3600_000;

/** A script of ten minutes under way on the web server, whose agent then becomes what the test is about. */
async function underWay(mode: AgentMode): Promise<{ on: FleetWorld; CommandId: string }> {
  const on = await fleetWorld();
  const CommandId = await send(on, WEB, ['echo begun; sleep 600; touch /tmp/done; echo ended']);
  await on.clock.runFor(10_000);
  on.ssm.agents.set(WEB, mode);
  return { on, CommandId };
}

describe('an agent that changes while it runs a command', () => {
  it('tells the outcome once it is connected again', async () => {
    const { on, CommandId } = await underWay('offline');
    await on.clock.runFor(HOUR / 2);
    expect(await invocation(on, CommandId, WEB)).toMatchObject({ Status: 'InProgress', StandardOutputContent: '' });
    on.ssm.agents.set(WEB, 'online');
    await on.clock.runFor(20_000);
    expect(await invocation(on, CommandId, WEB)).toMatchObject({
      Status: 'Success',
      StandardOutputContent: 'begun\nended\n',
      ExecutionElapsedTime: 'PT600S',
    });
  });

  it('leaves the command InProgress until the total time-out where it never comes back', async () => {
    const { on, CommandId } = await underWay('offline');
    await on.clock.runFor(2 * HOUR - 20_000);
    expect((await invocation(on, CommandId, WEB)).Status).toBe('InProgress');
    await on.clock.runFor(20_000);
    expect(await invocation(on, CommandId, WEB)).toMatchObject({
      Status: 'TimedOut',
      StatusDetails: 'DeliveryTimedOut',
    });
  });

  it('obeys CancelCommand once it is connected again', async () => {
    const { on, CommandId } = await underWay('offline');
    await on.call('ssm', 'CancelCommand', { CommandId });
    await on.clock.runFor(60_000);
    expect((await invocation(on, CommandId, WEB)).Status).toBe('Cancelling');
    on.ssm.agents.set(WEB, 'online');
    await on.clock.runFor(20_000);
    expect(await invocation(on, CommandId, WEB)).toMatchObject({
      Status: 'Cancelled',
      StandardOutputContent: 'begun\n',
    });
  });

  it('takes its script with it when it dies, and says nothing of it when it is back', async () => {
    const { on, CommandId } = await underWay('dead');
    await on.clock.runFor(HOUR / 2);
    on.ssm.agents.set(WEB, 'online');
    await on.clock.runFor(HOUR);
    expect((await invocation(on, CommandId, WEB)).Status).toBe('InProgress');
    await quiet(on);
    expect((await invocation(on, CommandId, WEB)).StatusDetails).toBe('DeliveryTimedOut');
    expect(await on.ec2.machine(WEB).fs.exists('/tmp/done')).toBe(false);
  });

  it('is shown as what it is', async () => {
    const { on } = await underWay('dead');
    expect(on.ssm.agents.get(WEB)).toBe('dead');
    const Filters = [{ Key: 'InstanceIds', Values: [WEB] }];
    expect(await on.call('ssm', 'DescribeInstanceInformation', { Filters })).toMatchObject({
      InstanceInformationList: [{ PingStatus: 'ConnectionLost' }],
    });
    expect(() => on.ssm.agents.set('i-0', 'online')).toThrow('no instance i-0');
  });
});

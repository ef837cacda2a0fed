import { describe, expect, it } from '@jest/globals';
import type { Fault } from '../../sandbox/faults/fault-plan.ts';
import { roleId } from '../support/assembly.ts';
import { inLab } from '../support/lab.ts';
import { machines } from '../support/fleet.ts';

const sleep = (seconds: number) => ({ instanceId: machines.web, commands: [`sleep ${seconds}; echo done`] });
const WEB = `instance/${machines.web}`;

describe('the lock of an instance', () => {
  it('is held while a command runs on it, and free when the row says that the run is over', () =>
    inLab({}, async (lab) => {
      const executionArn = await lab.start('RunCommand', sleep(60));
      await lab.sandbox.clock.runFor(20_000);
      expect(await lab.locks()).toEqual({ [WEB]: executionArn });
      const finished = async () => (await lab.row(executionArn))?.['finishedAt'] !== undefined;
      while (!(await finished())) await lab.sandbox.clock.runFor(100);
      expect(await lab.locks()).toEqual({});
      expect((await lab.settle(executionArn)).status).toBe('SUCCEEDED');
    }));

  it('lets one of two runs work; the other says who does and how to look at it', () =>
    inLab({}, async (lab) => {
      const first = await lab.start('RunCommand', sleep(60));
      const second = await lab.start('RunCommand', sleep(60));
      const ends = [await lab.settle(first), await lab.describe(second)];
      const [winner, loser] = ends[0]?.status === 'SUCCEEDED' ? ends : ends.reverse();
      expect(winner).toMatchObject({ status: 'SUCCEEDED' });
      expect(loser).toMatchObject({ status: 'FAILED', error: 'TargetLocked' });
      expect(loser?.cause).toContain(`instance ${machines.web} is locked by an execution of run-command since 2026-`);
      expect(loser?.cause).toContain(`aws stepfunctions describe-execution --execution-arn ${winner?.executionArn}`);
      expect(await lab.row(loser?.executionArn ?? '')).toMatchObject({
        status: { S: 'FAILED' },
        error: { S: 'TargetLocked' },
        summary: { S: 'TargetLocked. No command was sent.' },
        targets: { L: [{ M: { instanceId: { S: machines.web } } }] },
      });
      expect(await lab.commands()).toHaveLength(1);
      expect(lab.notifications().filter(({ subject = '' }) => subject.includes('TargetLocked'))).toHaveLength(1);
      expect(await lab.locks()).toEqual({});
    }));

  it('keeps nobody from another instance', () =>
    inLab({}, async (lab) => {
      const web = await lab.start('RunCommand', sleep(60));
      const windows = await lab.start('RunCommand', { instanceId: machines.windows, commands: ['Write-Output done'] });
      expect([(await lab.settle(web)).status, (await lab.describe(windows)).status]).toEqual([
        'SUCCEEDED',
        'SUCCEEDED',
      ]);
    }));

  it('is given back for a run that is stopped', () =>
    inLab({}, async (lab) => {
      const executionArn = await lab.start('RunCommand', sleep(3000));
      await lab.sandbox.clock.runFor(30_000);
      await lab.call('states', 'StopExecution', { executionArn });
      expect((await lab.settle(executionArn)).status).toBe('ABORTED');
      expect(await lab.locks()).toEqual({});
      expect((await lab.run('RunCommand', sleep(5))).status).toBe('SUCCEEDED');
    }));

  it('is taken over from a run whose end nobody followed up', () =>
    inLab(
      { withhold: [{ role: roleId('CompleteExecutionStarterRole'), action: 'states:StartExecution' }] },
      async (lab) => {
        const executionArn = await lab.start('RunCommand', sleep(3000));
        await lab.sandbox.clock.runFor(30_000);
        await lab.call('states', 'StopExecution', { executionArn });
        await lab.sandbox.clock.runFor(60_000);
        expect(await lab.locks()).toEqual({ [WEB]: executionArn });
        expect((await lab.run('RunCommand', sleep(5))).status).toBe('SUCCEEDED');
        expect(await lab.locks()).toEqual({});
      },
    ));

  it('that cannot be given back is a warning, and taken over by the next', () => {
    const denied: Fault = { service: 'dynamodb', operation: 'DeleteItem', nth: 1, times: 7, action: { kind: 'deny' } };
    return inLab({ faults: [denied] }, async (lab) => {
      const executionArn = await lab.start('RunCommand', sleep(5));
      const { status, output = '' } = await lab.settle(executionArn);
      expect(status).toBe('SUCCEEDED');
      const warning = expect.stringMatching(/^LockNotReleased: .*instance\/i-.* next takes it over$/s) as unknown;
      expect(JSON.parse(output)).toMatchObject({ warnings: [warning] });
      expect(await lab.row(executionArn)).toMatchObject({ warnings: { L: [{ S: warning }] } });
      expect(await lab.locks()).toEqual({ [WEB]: executionArn });
      expect((await lab.run('RunCommand', sleep(5))).status).toBe('SUCCEEDED');
      expect(await lab.locks()).toEqual({});
    });
  });
});

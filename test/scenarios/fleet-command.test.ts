import { describe, expect, it } from '@jest/globals';
import { machines } from '../support/fleet.ts';
import {
  BROKEN,
  CHECK,
  each,
  fleetOf,
  nodeIds,
  NODES,
  objectsOf,
  resultOf,
  runFleet,
} from '../support/fleet-command.ts';
import { inLab, type Lab } from '../support/lab.ts';

const HELLO = { ...NODES, commands: ['echo hello'] };

const untag = (lab: Lab, id: string) =>
  lab.call('ec2', 'DeleteTags', { Resources: [id], Tags: [{ Key: 'SSMRunAllowed' }] });

/** The most machines that ran at once, by when each began and ended. */
function mostAtOnce(lines: readonly { startedAt?: string | undefined; endedAt?: string | undefined }[]): number {
  const changes = lines.flatMap(({ startedAt = '', endedAt = '' }) => [
    [startedAt, 1] as const,
    [endedAt, -1] as const,
  ]);
  let now = 0;
  return changes
    .sort(([a, up], [b, other]) => (a === b ? up - other : a < b ? -1 : 1))
    .reduce((most, [, change]) => Math.max(most, (now += change)), 0);
}

describe('fleet-command', () => {
  it.each([1, 3, 50, 51, 120])('happy: runs the script on %d machines and says what became of each', (count) =>
    inLab({ fleet: fleetOf(count) }, async (lab) => {
      const { result, lines, executionArn } = await runFleet(lab, HELLO);
      expect(result).toMatchObject({
        status: 'Success',
        targets: count,
        counts: { success: count, refused: 0, notCommanded: 0 },
        commands: Math.ceil(count / 50),
        outputs: [{ status: 'Success', exitCode: 0, machines: count, output: 'hello\n' }],
      });
      expect(lines).toHaveLength(count);
      expect(await lab.locks()).toEqual({});
      const row = await lab.row(executionArn);
      expect(row).toMatchObject({ status: { S: 'SUCCEEDED' }, resultsUri: { S: result.resultsUri } });
      expect(JSON.parse(row?.['result']?.S ?? '')).toEqual(result);
    }),
  );

  it('keeps within maxConcurrency across all commands of the run', () =>
    inLab({ fleet: fleetOf(120) }, async (lab) => {
      const { result, lines } = await runFleet(lab, { ...NODES, commands: ['sleep 20'], maxConcurrency: 7 });
      expect(result).toMatchObject({ status: 'Success', commands: 3 });
      expect(mostAtOnce(lines)).toBeLessThanOrEqual(7);
    }));

  it('finishes with what failed, and with the most frequent outputs first', () =>
    inLab({ fleet: fleetOf(100, { vary: [each(33, BROKEN)] }) }, async (lab) => {
      const { result } = await runFleet(lab, { ...NODES, commands: CHECK, maxErrors: '3%' });
      expect(result).toMatchObject({ status: 'Incomplete', counts: { success: 97, failed: 3 } });
      expect(result.outputs).toMatchObject([
        { status: 'Success', machines: 97, output: 'fine\n' },
        { status: 'Failed', machines: 3, exitCode: 7 },
      ]);
      expect(result.failures).toHaveLength(3);
    }));

  it('sends by each platform what it runs, and refuses machines that the command has no version for', () =>
    inLab({}, async (lab) => {
      const instanceIds = [machines.web, machines.windows];
      const both = await runFleet(lab, { targets: { instanceIds }, maxConcurrency: 2 });
      expect(both.result).toMatchObject({ status: 'Success', counts: { success: 2 }, commands: 2 });
      const one = await runFleet(lab, {
        targets: { instanceIds },
        commandName: 'rotate-logs',
        maxConcurrency: 2,
        maxErrors: 2,
      });
      expect(one.result.refused).toMatchObject([{ instanceId: machines.windows, reason: 'InvalidPlatform' }]);
    }));

  it('names each machine that it does not send to, with the reason', () =>
    inLab({}, async (lab) => {
      const gone = 'i-0fffffffffffffff0';
      const { web, untagged, offline, stopped } = machines;
      await lab.call('ec2', 'CreateTags', {
        Resources: ['i-0aa11bb22cc33dd02'],
        Tags: [{ Key: 'fleetwright:retiring', Value: '1' }],
      });
      const instanceIds = [web, untagged, offline, stopped, gone, 'i-0aa11bb22cc33dd02'];
      const { result } = await runFleet(lab, { targets: { instanceIds }, commands: ['true'] });
      expect(result).toMatchObject({ status: 'Incomplete', targets: 6, counts: { success: 1, refused: 5 } });
      expect(Object.fromEntries(result.refused.map(({ instanceId, reason }) => [instanceId, reason]))).toEqual({
        [untagged]: 'TargetNotAllowed',
        [offline]: 'TargetOffline',
        [stopped]: 'TargetNotRunning',
        [gone]: 'TargetNotFound',
        'i-0aa11bb22cc33dd02': 'TargetExcluded',
      });
      const objects = await objectsOf(lab, result.resultsUri);
      expect(objects.get('refused.jsonl')?.trim().split('\n')).toHaveLength(5);
      expect(await lab.locks()).toEqual({});
    }));

  it('refuses what nobody is meant by, and what is malformed', () =>
    inLab({ fleet: fleetOf(1) }, async (lab) => {
      expect(await lab.run('FleetCommand', { targets: { tags: { role: 'no*' } } })).toMatchObject({
        error: 'TargetNotFound',
      });
      const bad = await lab.run('FleetCommand', { targets: { tags: {} }, maxConcurrency: '0%', maxErrors: -1 });
      expect(bad.error).toBe('InvalidRequest');
      for (const path of ['targets', 'maxConcurrency', 'maxErrors']) expect(bad.cause).toContain(path);
    }));
});

describe('fleet-command stops', () => {
  it('when more machines fail than maxErrors, and names those that were never sent to', () =>
    inLab({ fleet: fleetOf(150, { vary: [each(20, BROKEN)] }) }, async (lab) => {
      const { result, lines } = await runFleet(lab, { ...NODES, commands: CHECK, maxConcurrency: 40, maxErrors: 2 });
      expect(result).toMatchObject({ status: 'Stopped', stop: { reason: 'MaxErrorsExceeded' } });
      const { notCommanded } = result.counts;
      // The first batch of 50 has two that fail, which may be; the second has more, and the third is never sent.
      expect(notCommanded).toBe(50);
      expect(lines.length + notCommanded).toBe(150);
      const listed = (await objectsOf(lab, result.resultsUri)).get('not-commanded.jsonl')?.trim().split('\n');
      expect(listed).toHaveLength(notCommanded);
      expect(await lab.locks()).toEqual({});
      expect(lab.notifications().at(-1)?.message).toContain('maxErrors is 2');
    }));

  it('when the canary fails, before anybody else is sent to', () =>
    inLab({ fleet: fleetOf(60) }, async (lab) => {
      const { result } = await runFleet(lab, { ...NODES, commands: ['exit 1'], canary: 2, maxErrors: 60 });
      expect(result).toMatchObject({ status: 'Stopped', stop: { reason: 'CanaryFailed' }, commands: 1 });
      expect(result.counts.notCommanded).toBe(58);
    }));

  it('not, when the canary succeeds', () =>
    inLab({ fleet: fleetOf(60) }, async (lab) => {
      const { result } = await runFleet(lab, { ...HELLO, canary: '5%' });
      expect(result).toMatchObject({ status: 'Success', commands: 3, counts: { success: 60 } });
    }));

  it('when somebody asks for it: what runs goes on, and nothing more begins', () =>
    inLab({ fleet: fleetOf(100) }, async (lab) => {
      const executionArn = await lab.start('FleetCommand', { ...NODES, commands: ['sleep 60'], maxConcurrency: 5 });
      await lab.sandbox.clock.runFor(90_000);
      await lab.call('dynamodb', 'UpdateItem', {
        TableName: lab.output('ResultTableName'),
        Key: { executionArn: { S: executionArn } },
        UpdateExpression: 'SET stopRequestedAt = :at',
        ExpressionAttributeValues: { ':at': { S: lab.sandbox.clock.date().toISOString() } },
      });
      await lab.settle(executionArn);
      const { result, lines } = await resultOf(lab, executionArn);
      expect(result).toMatchObject({ status: 'Stopped', stop: { reason: 'StopRequested' } });
      expect(new Set(lines.map(({ status }) => status))).toEqual(new Set(['Success', 'NotRun']));
      expect(result.counts.success).toBeLessThan(20);
      expect(result.counts.success + result.counts.notRun + result.counts.notCommanded).toBe(100);
      expect(await lab.locks()).toEqual({});
    }));

  it('when the exclusions cannot be read any more', () =>
    inLab({ fleet: fleetOf(100) }, async (lab) => {
      const executionArn = await lab.start('FleetCommand', { ...NODES, commands: ['sleep 60'], maxConcurrency: 50 });
      await lab.sandbox.clock.runFor(60_000);
      const Name = '/fleetwright/dev/exclusions';
      await lab.call('ssm', 'PutParameter', { Name, Value: '{', Overwrite: true });
      await lab.settle(executionArn);
      const { result } = await resultOf(lab, executionArn);
      expect(result).toMatchObject({ status: 'Stopped', stop: { reason: 'ExclusionsUnreadable' } });
      expect(result.counts.notCommanded).toBe(50);
      expect(result.counts.success + result.counts.notRun).toBe(50);
    }));

  it('and ends what runs where the execution is stopped', () =>
    inLab({ fleet: fleetOf(120) }, async (lab) => {
      const executionArn = await lab.start('FleetCommand', { ...NODES, commands: ['sleep 3000'] });
      await lab.sandbox.clock.runFor(60_000);
      expect(Object.keys(await lab.locks())).toHaveLength(120);
      await lab.call('states', 'StopExecution', { executionArn });
      expect((await lab.settle(executionArn)).status).toBe('ABORTED');
      expect((await lab.commands()).map(({ Status }) => Status)).toEqual(Array(3).fill('Cancelled'));
      expect(await lab.locks()).toEqual({});
      const row = await lab.row(executionArn);
      expect(row).toMatchObject({ status: { S: 'ABORTED' }, finishedAt: { S: expect.any(String) } });
    }));
});

describe('fleet-command goes on', () => {
  it.each(['call', 'instance'] as const)(
    'without a machine that loses its tag right before sending, where IAM denies the %s',
    (sendCommandDenial) =>
      inLab({ fleet: fleetOf(50), sendCommandDenial }, async (lab) => {
        const [lost = ''] = nodeIds(lab);
        const executionArn = await lab.start('FleetCommand', HELLO);
        const { journal } = lab.sandbox.dispatcher;
        await lab.sandbox.clock.runUntil(() =>
          journal.some(({ operation }) => operation === 'DescribeInstanceInformation'),
        );
        await untag(lab, lost);
        await lab.settle(executionArn);
        const { result, lines } = await resultOf(lab, executionArn);
        expect(result).toMatchObject({ status: 'Incomplete', counts: { success: 49, refused: 1 } });
        expect(result.refused).toMatchObject([{ instanceId: lost, reason: 'TargetNotAllowed' }]);
        expect(lines.map(({ instanceId }) => instanceId)).not.toContain(lost);
        expect(await lab.locks()).toEqual({});
      }),
  );

  it('with machines that others had locked, once they are free', () =>
    inLab({ fleet: fleetOf(3) }, async (lab) => {
      const [first = ''] = nodeIds(lab);
      await lab.start('RunCommand', { instanceId: first, commands: ['sleep 100'] });
      await lab.sandbox.clock.runFor(20_000);
      const { result } = await runFleet(lab, HELLO);
      expect(result).toMatchObject({ status: 'Success', counts: { success: 3 }, commands: 2 });
    }));

  it('without machines that stay locked for lockTimeoutSeconds, and says by whom', () =>
    inLab({ fleet: fleetOf(3) }, async (lab) => {
      const [first = ''] = nodeIds(lab);
      const holder = await lab.start('RunCommand', {
        instanceId: first,
        commands: ['sleep 5000'],
        timeoutSeconds: 6000,
      });
      await lab.sandbox.clock.runFor(20_000);
      const { result } = await runFleet(lab, { ...HELLO, lockTimeoutSeconds: 300 });
      expect(result).toMatchObject({ status: 'Incomplete', counts: { success: 2, refused: 1 } });
      expect(result.refused).toMatchObject([{ instanceId: first, reason: 'TargetLocked' }]);
      expect(result.refused[0]?.message).toContain(holder);
    }));

  it('beside another one and other runs on the same machines: each machine runs all of them, never two at once', () =>
    inLab({ fleet: fleetOf(60) }, async (lab) => {
      const [first = '', second = ''] = nodeIds(lab);
      const commands = ['echo begin >> /tmp/log', 'sleep 30', 'echo end >> /tmp/log'];
      // What a rollout would hold, and what one that was killed has left.
      const alone = await lab.start('RunCommand', { instanceId: first, commands });
      await lab.leaveLock(`instance/${second}`);
      await lab.sandbox.clock.runFor(5000);
      const input = { ...NODES, commands };
      const runs = [await lab.start('FleetCommand', input), await lab.start('FleetCommand', input)];
      await lab.settle(alone);
      expect((await lab.describe(alone)).status).toBe('SUCCEEDED');
      for (const run of runs)
        expect((await resultOf(lab, run)).result).toMatchObject({ status: 'Success', counts: { success: 60 } });
      for (const id of nodeIds(lab)) {
        const log = await lab.sandbox.ec2.store.machine(id).fs.readFile('/tmp/log');
        expect([id, log]).toEqual([id, 'begin\nend\n'.repeat(id === first ? 3 : 2)]);
      }
      expect(await lab.locks()).toEqual({});
    }));

  it('where the answer to SendCommand is lost: that command is found, and sent once', () =>
    inLab(
      {
        fleet: fleetOf(60),
        faults: [{ service: 'ssm', operation: 'SendCommand', nth: 1, action: { kind: 'lose-answer' } }],
      },
      async (lab) => {
        const { result } = await runFleet(lab, HELLO);
        expect(result).toMatchObject({ status: 'Success', counts: { success: 60 }, commands: 2 });
        expect(await lab.commands()).toHaveLength(2);
      },
    ));

  it('where a command cannot be found: its machines are unknown, the others run', () =>
    inLab(
      {
        fleet: fleetOf(60),
        faults: [{ service: 'ssm', operation: 'SendCommand', nth: 1, action: { kind: 'server-error' } }],
      },
      async (lab) => {
        const { result } = await runFleet(lab, { ...HELLO, maxErrors: 50 });
        expect(result).toMatchObject({ status: 'Incomplete', counts: { unknown: 50, success: 10 }, commands: 1 });
        expect(await lab.locks()).toEqual({});
      },
    ));

  it('without machines that go silent: they are called back, and the run ends', () =>
    inLab({ fleet: fleetOf(4, { vary: [each(4, { agent: 'dies-at-command' })] }) }, async (lab) => {
      const { result } = await runFleet(lab, { ...HELLO, timeoutSeconds: 60, maxErrors: 4 });
      // SSM sends to the next ones as others end: what the silent one held up is called back with it.
      expect(result.counts.timedOut).toBe(1);
      expect(result.counts.success + result.counts.undelivered).toBe(3);
      expect(result.warnings).toEqual([expect.stringMatching(/^MayBeRunning: 1 /)]);
    }));
});

import { describe, expect, it } from '@jest/globals';
import type * as z from 'zod';
import { RunCommandResult } from '../../functions/lib/schemas/run-command.ts';
import { roleId } from '../support/assembly.ts';
import { inLab, type Lab } from '../support/lab.ts';
import { machines } from '../support/fleet.ts';

/** What lets the agents write output to the bucket. */
const uploading = { role: roleId('ManagedInstanceRole'), action: 's3:PutObject' };

async function succeed(lab: Lab, input: object): Promise<z.infer<typeof RunCommandResult>> {
  const { status, output = '', error, cause } = await lab.run('RunCommand', input);
  expect({ status, error, cause }).toEqual({ status: 'SUCCEEDED', error: undefined, cause: undefined });
  return RunCommandResult.parse(JSON.parse(output));
}

describe('run-command', () => {
  it('happy: runs the default diagnostics and answers with what they printed', () =>
    inLab({}, async (lab) => {
      const result = await succeed(lab, { instanceId: machines.web });
      expect(result).toMatchObject({
        status: 'Success',
        statusDetails: 'Success',
        exitCode: 0,
        instanceId: machines.web,
        warnings: [],
      });
      for (const part of [
        'System',
        'Uptime',
        'CPU',
        'Memory',
        'Disk',
        'Network connections',
        'Running services',
        'Containers',
      ])
        expect(result.stdout).toContain(`== ${part} ==`);
      expect(result.stdout).not.toMatch(/is not installed|ended with status/);
    }));

  it('happy: runs the default diagnostics on Windows by its own document', () =>
    inLab({}, async (lab) => {
      const result = await succeed(lab, { instanceId: machines.windows });
      expect(result).toMatchObject({ status: 'Success', exitCode: 0 });
      expect(result.stdout).toContain('== Disk ==');
      expect((await lab.commands()).map(({ DocumentName }) => DocumentName)).toEqual(['AWS-RunPowerShellScript']);
    }));

  it('happy on the last try: a command that ends just before its deadline', () =>
    inLab({}, async (lab) => {
      const result = await succeed(lab, {
        instanceId: machines.web,
        commands: ['sleep 590; echo made it'],
        timeoutSeconds: 600,
      });
      expect(result).toMatchObject({ status: 'Success', stdout: 'made it\n' });
    }));

  it('puts the full output into the bucket and says where', () =>
    inLab({}, async (lab) => {
      const result = await succeed(lab, {
        instanceId: machines.web,
        commands: ['for i in $(seq 1 9000); do echo line $i; done'],
      });
      expect(result).toMatchObject({ stdoutTruncated: true, bucket: lab.output('OutputBucketName'), warnings: [] });
      const { Contents = [] } = await lab.call<{ Contents?: { Key?: string; Size?: number }[] }>(
        's3',
        'ListObjectsV2',
        {
          Bucket: result.bucket,
          Prefix: result.keyPrefix,
        },
      );
      const whole = Array.from({ length: 9000 }, (_, index) => `line ${index + 1}\n`).join('');
      expect(Contents.map(({ Key, Size }) => [Key?.split('/').at(-1), Size])).toEqual([['stdout', whole.length]]);
    }));

  it('warns OutputNotUploaded when the role of the instance may not write', () =>
    inLab({ withhold: [uploading] }, async (lab) => {
      const result = await succeed(lab, { instanceId: machines.web, commands: ['echo hello'] });
      expect(result).toMatchObject({ status: 'Success', stdout: 'hello\n' });
      expect(result.warnings).toEqual([expect.stringMatching(/^OutputNotUploaded: /)]);
    }));

  it('expects no upload of a command that prints nothing', () =>
    inLab({ withhold: [uploading] }, async (lab) => {
      expect(await succeed(lab, { instanceId: machines.web, commands: ['true'] })).toMatchObject({
        warnings: [],
      });
    }));

  it('finishes with status Failed when the command ran and failed', () =>
    inLab({}, async (lab) => {
      const result = await succeed(lab, { instanceId: machines.web, commands: ['echo out', 'echo err >&2', 'exit 7'] });
      expect(result).toMatchObject({ status: 'Failed', exitCode: 7, stdout: 'out\n' });
      expect(result.stderr).toContain('err\n');
    }));

  it('takes exit code 137 before the deadline for what it is, not for a time-out', () =>
    inLab({}, async (lab) => {
      const result = await succeed(lab, { instanceId: machines.web, commands: ['echo kept', 'exit 137'] });
      expect(result).toMatchObject({ status: 'Failed', exitCode: 137, stdout: 'kept\n' });
    }));

  it('writes one row per execution, complete when it has ended', () =>
    inLab({}, async (lab) => {
      const executionArn = await lab.start('RunCommand', { instanceId: machines.web, commands: ['sleep 60'] });
      await lab.sandbox.clock.runFor(20_000);
      expect(await lab.row(executionArn)).toMatchObject({ status: { S: 'RUNNING' }, runbook: { S: 'run-command' } });
      await lab.settle(executionArn);
      const row = await lab.row(executionArn);
      expect(row).toMatchObject({ status: { S: 'SUCCEEDED' }, warnings: { L: [] } });
      expect(row?.['finishedAt']?.S).toBeDefined();
      expect(row?.['targets']?.L?.[0]?.M).toMatchObject({ instanceId: { S: machines.web }, exitCode: { N: '0' } });
      const { output } = await lab.describe(executionArn);
      expect(JSON.parse(row?.['result']?.S ?? '')).toEqual(JSON.parse(output ?? ''));
    }));
});

describe('run-command refuses', () => {
  it.each([
    ['an instance that does not exist', { instanceId: 'i-0fffffffffffffff0' }, 'TargetNotFound'],
    ['an instance without the tag', { instanceId: machines.untagged }, 'TargetNotAllowed'],
    ['an instance that SSM does not see', { instanceId: machines.offline }, 'TargetOffline'],
    ['an instance that is stopped', { instanceId: machines.stopped }, 'TargetOffline'],
    [
      'an SSM parameter in the text',
      { instanceId: machines.web, commands: ['echo {{ssm:/secret}}'] },
      'InvalidRequest',
    ],
    ['more text than SSM takes', { instanceId: machines.web, commands: ['x'.repeat(100 * 1024)] }, 'InvalidRequest'],
  ])('%s', (_, input, name) =>
    inLab({}, async (lab) => {
      const executionArn = await lab.start('RunCommand', input);
      const { status, error } = await lab.settle(executionArn);
      expect({ status, error }).toEqual({ status: 'FAILED', error: name });
      expect(await lab.commands()).toEqual([]);
      expect(await lab.row(executionArn)).toMatchObject({ status: { S: 'FAILED' }, error: { S: name } });
      expect(lab.notifications()).toEqual([expect.objectContaining({ subject: expect.stringContaining(name) })]);
    }),
  );

  it('lists every problem of a request, by path and reason', () =>
    inLab({}, async (lab) => {
      const { error, cause } = await lab.run('RunCommand', {
        instanceId: 'web-1',
        commands: [],
        timeoutSeconds: -5,
        reboot: true,
      });
      expect(error).toBe('InvalidRequest');
      for (const path of ['instanceId', 'commands', 'timeoutSeconds', 'reboot']) expect(cause).toContain(path);
      expect(lab.sandbox.dispatcher.journal.filter(({ service }) => service === 'ec2')).toEqual([]);
    }));
});

describe('run-command ends what it began', () => {
  it('fails with CommandTimedOut and cancels the command when the deadline passes', () =>
    inLab({}, async (lab) => {
      const executionArn = await lab.start('RunCommand', {
        instanceId: machines.dying,
        commands: ['echo begun; sleep 9999'],
        timeoutSeconds: 600,
      });
      const { status, error } = await lab.settle(executionArn);
      expect({ status, error }).toEqual({ status: 'FAILED', error: 'CommandTimedOut' });
      expect(await lab.row(executionArn)).toMatchObject({
        status: { S: 'FAILED' },
        summary: { S: expect.stringContaining('may still be running') },
      });
    }));

  it.each([5, 30, 90, 200])(
    'cancels the command and completes the row when the execution is stopped after %d s',
    (seconds) =>
      inLab({}, async (lab) => {
        const executionArn = await lab.start('RunCommand', { instanceId: machines.web, commands: ['sleep 3000'] });
        await lab.sandbox.clock.runFor(seconds * 1000);
        await lab.call('states', 'StopExecution', { executionArn });
        expect((await lab.settle(executionArn)).status).toBe('ABORTED');
        expect((await lab.invocations()).map(({ Status }) => Status)).toEqual(['Cancelled']);
        const row = await lab.row(executionArn);
        expect(row).toMatchObject({ status: { S: 'ABORTED' }, summary: { S: expect.stringContaining('cancelled') } });
        expect(row?.['finishedAt']?.S).toBeDefined();
        expect(lab.notifications()).toHaveLength(1);
      }),
  );

  it('tells of an abort, whatever was given as its reason', () =>
    inLab({}, async (lab) => {
      const executionArn = await lab.start('RunCommand', { instanceId: machines.web, commands: ['sleep 3000'] });
      await lab.call('states', 'StopExecution', { executionArn, error: 'zwei\nZeilen für Übung', cause: '' });
      await lab.settle(executionArn);
      expect(await lab.row(executionArn)).toMatchObject({ runbook: { S: 'run-command' }, warnings: { L: [] } });
      expect(lab.notifications().map(({ subject }) => subject)).toEqual(['Fleetwright: run-command ABORTED']);
    }));

  it('takes an hour of commands in under a second and few events', () =>
    inLab({}, async (lab) => {
      // The functions' cold starts load bundles in real time; they are no part of an hour of waiting.
      await succeed(lab, { instanceId: machines.web, commands: ['true'] });
      const executionArn = await lab.start('RunCommand', {
        instanceId: machines.web,
        commands: ['sleep 3540; echo done'],
      });
      const began = performance.now();
      expect((await lab.settle(executionArn)).status).toBe('SUCCEEDED');
      expect(performance.now() - began).toBeLessThan(1000);
      expect((await lab.history(executionArn)).length).toBeLessThan(600);
    }));

  it('stays inside the history budget for the longest deadline', () =>
    inLab({}, async (lab) => {
      const executionArn = await lab.start('RunCommand', {
        instanceId: machines.hanging,
        commands: ['sleep 999999'],
        timeoutSeconds: 172_800,
      });
      const { status, error } = await lab.settle(executionArn);
      expect({ status, error }).toEqual({ status: 'FAILED', error: 'CommandTimedOut' });
      expect((await lab.history(executionArn)).length).toBeLessThan(12_500);
    }));
});

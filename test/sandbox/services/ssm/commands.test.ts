import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { loadFleet, parseFleet } from '../../../../sandbox/fleets/index.ts';
import { pluginOutput } from '../../../../sandbox/services/ssm/output.ts';
import {
  DATABASE,
  DEMO,
  finished,
  fleetWorld,
  invocation,
  OFFLINE,
  quiet,
  send,
  STOPPED,
  WEB,
  WEB_2,
  WINDOWS,
} from '../../fleets/demo.ts';

const HOUR = 3600_000;
const ARN = `arn:aws:ec2:eu-central-1:123456789012:instance/${WEB}`;

describe('SendCommand', () => {
  it('runs the commands for real and reports output, exit code and times', async () => {
    const on = await fleetWorld();
    const answer = await finished(on, WEB, ['echo out; echo err >&2', 'sleep 5', 'exit 3']);
    expect(answer).toMatchObject({
      Status: 'Failed',
      StatusDetails: 'Failed',
      ResponseCode: 3,
      PluginName: 'aws:runShellScript',
    });
    expect(answer.StandardOutputContent).toBe('out\n');
    expect(answer.StandardErrorContent).toBe('err\nfailed to run commands: exit status 3');
    expect(answer.ExecutionElapsedTime).toBe('PT5S');
  });

  it('goes from Pending through InProgress to Success, each with its event', async () => {
    const on = await fleetWorld();
    await finished(on, WEB, ['true']);
    const of = (type: string) => on.world.events.filter((event) => event['detail-type'] === type);
    const statuses = (type: string) => of(type).map(({ detail }) => detail['status']);
    expect(statuses('EC2 Command Invocation Status-change Notification')).toEqual(['InProgress', 'Success']);
    expect(statuses('EC2 Command Status-change Notification')).toEqual(['Pending', 'InProgress', 'Success']);
    expect(of('EC2 Command Status-change Notification')[2]).toMatchObject({ source: 'aws.ssm', resources: [ARN] });
  });

  it('is not visible at once: InvocationDoesNotExist, and empty pages', async () => {
    const on = await fleetWorld();
    const CommandId = await send(on, WEB, ['true']);
    expect(await on.failure('ssm', 'GetCommandInvocation', { CommandId, InstanceId: WEB })).toMatch(
      /^InvocationDoesNotExist/,
    );
    expect(await on.call('ssm', 'ListCommandInvocations', { CommandId })).toEqual({ CommandInvocations: [] });
    expect(await on.call('ssm', 'ListCommands', { CommandId })).toEqual({ Commands: [] });
    await on.clock.runFor(2000);
    expect(await on.call('ssm', 'ListCommands', { CommandId })).toMatchObject({ Commands: [{ CommandId }] });
  });

  it('asks IAM for the document and for each instance with its tags', async () => {
    const on = await fleetWorld();
    await send(on, WEB, ['true']);
    const [document, instance] = on.world.dispatcher.journal.at(-1)?.permissions ?? [];
    expect(document).toEqual({
      action: 'ssm:SendCommand',
      resource: 'arn:aws:ssm:eu-central-1::document/AWS-RunShellScript',
    });
    expect(instance).toMatchObject({
      action: 'ssm:SendCommand',
      resource: ARN,
      context: { 'ssm:resourceTag/SSMRunAllowed': 'true', 'aws:ResourceTag/SSMRunAllowed': 'true' },
    });
  });

  it.each([
    [
      'an instance that is stopped',
      { InstanceIds: [STOPPED] },
      `InvalidInstanceId: Instances [[${STOPPED}]] not in a valid state for account 123456789012`,
    ],
    ['an instance that does not exist', { InstanceIds: ['i-00000000000000000'] }, 'InvalidInstanceId'],
    ['more than 50 instances', { InstanceIds: Array.from({ length: 51 }, (_, n) => `i-${n}`) }, 'ValidationException'],
    ['the same instance twice', { InstanceIds: [WEB, WEB] }, 'DuplicateInstanceId'],
    ['neither instances nor targets', { InstanceIds: [] }, 'ValidationException'],
    ['another document', { DocumentName: 'AWS-Nope' }, 'InvalidDocument: Document with name AWS-Nope does not exist.'],
    ['no commands', { Parameters: {} }, 'InvalidParameters'],
    ['an empty list of commands', { Parameters: { commands: [] } }, 'InvalidParameters'],
    ['a parameter that the document lacks', { Parameters: { commands: ['ls'], nope: ['1'] } }, 'InvalidParameters'],
    [
      'an execution time-out beyond 48 h',
      { Parameters: { commands: ['ls'], executionTimeout: ['172801'] } },
      'InvalidParameters',
    ],
    ['a delivery time-out below 30 s', { TimeoutSeconds: 29 }, 'ValidationException'],
    ['a comment of 101 characters', { Comment: 'x'.repeat(101) }, 'ValidationException'],
    ['a notification, which is not modelled', { NotificationConfig: { NotificationArn: 'arn:x' } }, 'NotImplemented'],
  ])('refuses %s', async (_what, input, error) => {
    const on = await fleetWorld();
    const valid = { DocumentName: 'AWS-RunShellScript', InstanceIds: [WEB], Parameters: { commands: ['ls'] } };
    expect(await on.failure('ssm', 'SendCommand', { ...valid, ...input })).toContain(error);
  });

  it('hands hostile text to the script as given', async () => {
    const on = await fleetWorld();
    const text = `quotes ' " \\ $(reboot) \`id\` ünï\u{1F680} ${'x'.repeat(10_000)}`;
    const quoted = `'${text.replaceAll("'", `'\\''`)}'`;
    const answer = await finished(on, WEB, [`printf '%s' ${quoted} > /tmp/given`, 'cat /tmp/given']);
    expect(answer.StandardOutputContent).toBe(text);
    expect(await on.ec2.machine(WEB).fs.readFile('/tmp/given')).toBe(text);
  });

  it('substitutes {{ssm:NAME}} from Parameter Store, even inside quotes, and its own {{ parameter }}', async () => {
    const on = await fleetWorld();
    const answer = await finished(on, WEB, [`echo '{{ssm:/shop/motd}}' {{ executionTimeout }} '{{ other }}'`]);
    expect(answer.StandardOutputContent).toBe('Welcome to the shop. 3600 {{ other }}\n');
    expect(on.world.dispatcher.journal.flatMap(({ permissions }) => permissions)).toContainEqual({
      action: 'ssm:GetParameters',
      resource: 'arn:aws:ssm:eu-central-1:123456789012:parameter/shop/motd',
    });
    const missing = {
      DocumentName: 'AWS-RunShellScript',
      InstanceIds: [WEB],
      Parameters: { commands: ['{{ssm:nope}}'] },
    };
    expect(await on.failure('ssm', 'SendCommand', missing)).toContain('InvalidParameters');
  });

  it('honours workingDirectory, and fails where there is none', async () => {
    const on = await fleetWorld();
    expect(
      (await finished(on, WEB, ['pwd'], { Parameters: { workingDirectory: ['/tmp'] } })).StandardOutputContent,
    ).toBe('/tmp\n');
    expect(await finished(on, WEB, ['pwd'], { Parameters: { workingDirectory: ['/nope'] } })).toMatchObject({
      Status: 'Failed',
      ResponseCode: 1,
    });
  });

  it('cuts stdout at 24,000 and stderr at 8,000 characters', async () => {
    const on = await fleetWorld();
    const answer = await finished(on, WEB, ['printf "%030000d" 0; printf "%09000d" 0 >&2']);
    expect(answer.StandardOutputContent).toHaveLength(24_000);
    expect(answer.StandardOutputContent).toMatch(/0\n--output truncated--$/);
    expect(answer.StandardErrorContent).toHaveLength(8_000);
  });

  it('targets by tag, at most MaxConcurrency at once, and stops after MaxErrors', async () => {
    const on = await fleetWorld();
    const { Command: sent } = await on.call<{ Command: { CommandId: string; TargetCount: number } }>(
      'ssm',
      'SendCommand',
      {
        DocumentName: 'AWS-RunShellScript',
        Targets: [{ Key: 'tag:Role', Values: ['web'] }],
        Parameters: { commands: ['sleep 10; exit 1'] },
        MaxConcurrency: '1',
        MaxErrors: '0',
      },
    );
    expect(sent.TargetCount).toBe(2);
    await quiet(on);
    expect((await invocation(on, sent.CommandId, WEB)).StatusDetails).toBe('Failed');
    expect((await invocation(on, sent.CommandId, WEB_2)).StatusDetails).toBe('Terminated');
    expect(await on.call('ssm', 'ListCommands', {})).toMatchObject({
      Commands: [{ Status: 'Failed', ErrorCount: 1, CompletedCount: 2 }],
    });
  });

  it('finds no instance by a tag that none has', async () => {
    const on = await fleetWorld();
    await on.call('ssm', 'SendCommand', {
      DocumentName: 'AWS-RunShellScript',
      Targets: [{ Key: 'tag:Role', Values: ['nope'] }],
      Parameters: { commands: ['true'] },
    });
    await on.clock.runFor(2000);
    expect(await on.call('ssm', 'ListCommands')).toMatchObject({
      Commands: [{ Status: 'Success', StatusDetails: 'NoInstancesInTag', TargetCount: 0 }],
    });
  });
});

describe('time-outs and cancelling', () => {
  it('kills a script at its execution time-out and keeps what it had written', async () => {
    const on = await fleetWorld();
    const answer = await finished(on, WEB, ['echo before', 'sleep 7200', 'echo after'], {
      Parameters: { executionTimeout: ['60'] },
    });
    expect(answer).toMatchObject({
      Status: 'TimedOut',
      StatusDetails: 'ExecutionTimedOut',
      ResponseCode: 137,
      StandardOutputContent: 'before\n',
    });
    expect(answer.ExecutionElapsedTime).toBe('PT60S');
  });

  it('runs a command of 47 hours in no time', async () => {
    const on = await fleetWorld();
    const answer = await finished(on, WEB, ['sleep 47h; date'], { Parameters: { executionTimeout: ['172800'] } });
    expect(answer).toMatchObject({ Status: 'Success', ExecutionElapsedTime: `PT${47 * 3600}S` });
  });

  it('times out the delivery to a machine whose agent is offline', async () => {
    const on = await fleetWorld();
    const start = on.clock.now();
    const answer = await finished(on, OFFLINE, ['true'], { TimeoutSeconds: 120 });
    expect(answer).toMatchObject({
      Status: 'TimedOut',
      StatusDetails: 'DeliveryTimedOut',
      ResponseCode: -1,
      ExecutionStartDateTime: '',
    });
    expect(on.clock.now() - start).toBe(122_000);
    expect(await on.call('ssm', 'ListCommands')).toMatchObject({
      Commands: [{ Status: 'TimedOut', DeliveryTimedOutCount: 1 }],
    });
  });

  it('delivers once the agent is back', async () => {
    const on = await fleetWorld();
    const id = await send(on, OFFLINE, ['true']);
    await on.clock.runFor(60_000);
    expect(await invocation(on, id, OFFLINE)).toMatchObject({ Status: 'Delayed', ResponseCode: -1 });
    on.ssm.agents.set(OFFLINE, 'online');
    await quiet(on);
    expect((await invocation(on, id, OFFLINE)).Status).toBe('Success');
  });

  it('cancels a running script: Cancelling, then Cancelled with partial output', async () => {
    const on = await fleetWorld();
    const CommandId = await send(on, WEB, ['echo started', 'sleep 3600']);
    await on.clock.runFor(10_000);
    await on.call('ssm', 'CancelCommand', { CommandId });
    expect((await invocation(on, CommandId, WEB)).Status).toBe('Cancelling');
    await on.clock.runFor(5000);
    expect(await invocation(on, CommandId, WEB)).toMatchObject({
      Status: 'Cancelled',
      StandardOutputContent: 'started\n',
      ResponseCode: 137,
    });
    expect(await on.call('ssm', 'ListCommands')).toMatchObject({ Commands: [{ Status: 'Cancelled' }] });
  });

  it('cancels what was never delivered, and leaves alone what is over', async () => {
    const on = await fleetWorld();
    const waiting = await send(on, OFFLINE, ['true']);
    await on.call('ssm', 'CancelCommand', { CommandId: waiting });
    await on.clock.runFor(5000);
    expect(await invocation(on, waiting, OFFLINE)).toMatchObject({ Status: 'Cancelled', ResponseCode: -1 });
    const over = await send(on, WEB, ['true']);
    await on.clock.runFor(5000);
    await on.call('ssm', 'CancelCommand', { CommandId: over });
    expect((await invocation(on, over, WEB)).Status).toBe('Success');
    expect(await on.failure('ssm', 'CancelCommand', { CommandId: '00000000-0000-4000-8000-000000000000' })).toMatch(
      /^InvalidCommandId/,
    );
  });

  it.each([
    ['dies-at-command', { StatusDetails: 'DeliveryTimedOut', Status: 'TimedOut' }, 2 * HOUR],
    ['unreachable', { StatusDetails: 'Undeliverable', Status: 'Failed' }, HOUR],
    ['access-denied', { StatusDetails: 'AccessDenied', Status: 'Failed' }, HOUR],
  ] as const)('an agent that is %s', async (agent, expected, within) => {
    const on = await fleetWorld();
    const instance = on.ec2.instances.get(WEB);
    if (instance !== undefined) instance.agent = agent;
    const start = on.clock.now();
    expect(await finished(on, WEB, ['true'])).toMatchObject({ ...expected, ResponseCode: -1 });
    expect(on.clock.now() - start).toBeLessThanOrEqual(within + 2000);
  });

  it('goes on past CancelCommand where the agent hangs', async () => {
    const on = await fleetWorld();
    const instance = on.ec2.instances.get(WEB);
    if (instance !== undefined) instance.agent = 'hangs';
    const CommandId = await send(on, WEB, ['sleep 600; echo ignored']);
    await on.clock.runFor(10_000);
    await on.call('ssm', 'CancelCommand', { CommandId });
    await on.clock.runFor(60_000);
    expect((await invocation(on, CommandId, WEB)).Status).toBe('Cancelling');
    await quiet(on);
    expect(await invocation(on, CommandId, WEB)).toMatchObject({
      Status: 'Success',
      StandardOutputContent: 'ignored\n',
    });
  });

  it('hears nothing more from a machine that is stopped under its command', async () => {
    const on = await fleetWorld();
    const CommandId = await send(on, WEB, ['sleep 600; touch /tmp/never']);
    await on.clock.runFor(10_000);
    await on.call('ec2', 'StopInstances', { InstanceIds: [WEB] });
    await on.clock.runFor(HOUR);
    expect((await invocation(on, CommandId, WEB)).Status).toBe('InProgress');
    await quiet(on);
    expect((await invocation(on, CommandId, WEB)).StatusDetails).toBe('DeliveryTimedOut');
    await on.call('ec2', 'StartInstances', { InstanceIds: [WEB] });
    await on.clock.runFor(60_000);
    expect(await on.ec2.machine(WEB).fs.exists('/tmp/never')).toBe(false);
  });

  it('refuses a shell script on Windows as InvalidPlatform', async () => {
    const on = await fleetWorld();
    expect(await finished(on, WINDOWS, ['true'])).toMatchObject({ StatusDetails: 'InvalidPlatform', Status: 'Failed' });
    const shown = await finished(on, WINDOWS, ['Write-Output "on $env:COMPUTERNAME"'], {
      DocumentName: 'AWS-RunPowerShellScript',
    });
    expect(shown.Status).toBe('Success');
    expect(shown.StandardOutputContent).toMatch(/^on EC2AMAZ-\w+\r\n$/);
  });
});

describe('output in S3', () => {
  const output = { OutputS3BucketName: 'results', OutputS3KeyPrefix: 'runs' };

  it('is written with the role of the instance, in full, without empty streams', async () => {
    const on = await fleetWorld();
    const answer = await finished(on, WEB, ['printf "%030000d" 0'], output);
    expect(on.uploaded).toHaveLength(1);
    const [{ caller, key, text } = { caller: undefined, key: '', text: '' }] = on.uploaded;
    expect(text).toHaveLength(30_000);
    expect(key).toMatch(new RegExp(`^runs/[0-9a-f-]{36}/${WEB}/awsrunShellScript/0\\.awsrunShellScript/stdout$`));
    expect(answer.StandardOutputUrl).toBe(`https://s3.eu-central-1.amazonaws.com/results/${key}`);
    expect(caller).toMatchObject({ kind: 'role', roleName: 'role-of-profile-of-machines' });
  });

  it('is missing where the role may not write, and the agent logs why; the status stays', async () => {
    const on = await fleetWorld();
    on.bucket.denies = true;
    expect(await finished(on, WEB, ['echo hi'], output)).toMatchObject({
      Status: 'Success',
      StandardOutputContent: 'hi\n',
    });
    expect(on.uploaded).toEqual([]);
    expect(await on.ec2.machine(WEB).fs.readFile('/var/log/amazon/ssm/amazon-ssm-agent.log')).toMatch(
      /ERROR failed uploading .* AccessDenied/,
    );
  });
});

describe('lists', () => {
  it('pages commands newest first, and filters them', async () => {
    const on = await fleetWorld();
    const ids: string[] = [];
    for (const text of ['one', 'two', 'three']) {
      ids.push(await send(on, WEB, ['true'], { Comment: text }));
      await on.clock.runFor(60_000);
    }
    const first = await on.call<{ Commands: { CommandId: string; RequestedDateTime: Date }[]; NextToken: string }>(
      'ssm',
      'ListCommands',
      { MaxResults: 2 },
    );
    expect(first.Commands.map(({ CommandId }) => CommandId)).toEqual([ids[2], ids[1]]);
    const rest = await on.call<typeof first>('ssm', 'ListCommands', { MaxResults: 2, NextToken: first.NextToken });
    expect(rest.Commands.map(({ CommandId }) => CommandId)).toEqual([ids[0]]);
    expect(rest.NextToken).toBeUndefined();
    const after = { key: 'InvokedAfter', value: first.Commands[1]?.RequestedDateTime.toISOString() };
    expect(await on.call<typeof first>('ssm', 'ListCommands', { Filters: [after] })).toHaveProperty(
      'Commands.length',
      2,
    );
    expect(await on.failure('ssm', 'ListCommands', { Filters: [{ key: 'Nope', value: '1' }] })).toMatch(
      /^InvalidFilterKey/,
    );
    expect(await on.failure('ssm', 'ListCommands', { NextToken: 'nope' })).toMatch(/^InvalidNextToken/);
  });

  it('shows plugins with at most 2,500 characters of output where Details asks', async () => {
    const on = await fleetWorld();
    const CommandId = await send(on, DATABASE, ['printf "%05000d" 0; echo oops >&2']);
    await quiet(on);
    const bare = await on.call<{ CommandInvocations: { CommandPlugins: { Output: string }[] }[] }>(
      'ssm',
      'ListCommandInvocations',
      { CommandId },
    );
    expect(bare.CommandInvocations[0]?.CommandPlugins).toEqual([]);
    const full = await on.call<typeof bare>('ssm', 'ListCommandInvocations', { CommandId, Details: true });
    const output = full.CommandInvocations[0]?.CommandPlugins[0]?.Output ?? '';
    expect(output.length).toBeLessThanOrEqual(2500);
    expect(output).toContain('---Output truncated---\n----------ERROR-------\noops');
  });
});

describe('determinism', () => {
  const history = async (seed: number) => {
    const on = await fleetWorld({ seed });
    await finished(on, WEB, ['echo $RANDOM $(mktemp) $(date +%s); sleep 3']);
    return JSON.stringify([on.world.events, on.world.dispatcher.journal]);
  };

  it('gives the same history for the same seed, and another for another', async () => {
    expect(await history(7)).toBe(await history(7));
    expect(await history(7)).not.toBe(await history(8));
  });
});

describe('many machines', () => {
  it('keeps an instance that nobody touched small', async () => {
    const { images } = loadFleet(DEMO);
    const instances = [{ name: 'node', image: 'al2023', profile: 'p', count: 20_000 }];
    const fleet = parseFleet({ images, instances }, 'test');
    const before = process.memoryUsage().heapUsed;
    const on = await fleetWorld({ fleet });
    expect(on.ec2.instances.size).toBe(20_000);
    expect((process.memoryUsage().heapUsed - before) / 20_000).toBeLessThan(4096);
  });
});

describe('output cut for the lists', () => {
  it('never passes 2,400 characters, whatever the lengths', async () => {
    fc.assert(
      fc.property(fc.nat(6000), fc.nat(6000), (out, error) => {
        const text = pluginOutput('o'.repeat(out), 'e'.repeat(error));
        expect(text.length).toBeLessThanOrEqual(2400);
        if (out + error < 2300) expect(text.replace(/[^oe]/g, '')).toHaveLength(out + error);
      }),
    );
  });
});

import type { Command, GetCommandInvocationResult, InstanceInformation } from '@aws-sdk/client-ssm';
import assert from 'node:assert/strict';
import type { AwsCli } from './aws-cli.ts';
import type { Check } from './checks.ts';
import { DB_1, OFFLINE, STOPPED, UNKNOWN, WEB_1 } from './fleet.ts';

const NOWHERE = '11111111-2222-4333-8444-555555555555';

/** Systems Manager, in AWS JSON 1.1: a command that runs, one that is cancelled, and what is refused. */
export async function ssm(check: Check, cli: AwsCli): Promise<void> {
  const send = async (instanceId: string, script: string): Promise<string> => {
    const { Command: command } = await cli.json<{ Command: Command }>(
      ...['ssm', 'send-command', '--document-name', 'AWS-RunShellScript', '--instance-ids', instanceId],
      ...['--parameters', JSON.stringify({ commands: [script] }), '--comment', 'peers'],
    );
    assert(['Pending', 'InProgress'].includes(command.Status ?? ''), `just sent: ${command.Status ?? ''}`);
    return command.CommandId ?? '';
  };
  const invocationArgs = (commandId: string, instanceId: string) => [
    ...['ssm', 'get-command-invocation', '--command-id', commandId, '--instance-id', instanceId],
  ];
  /** The invocation once it has ended; SSM does not know it at first, nor does the sandbox. */
  const ended = (commandId: string, instanceId: string) =>
    cli.until(
      async () => {
        const { code, stdout, stderr } = await cli.run(invocationArgs(commandId, instanceId));
        if (code === 0) return JSON.parse(stdout) as GetCommandInvocationResult;
        assert.match(stderr, /InvocationDoesNotExist/);
        return { Status: undefined };
      },
      ({ Status: status }) => !['Pending', 'InProgress', 'Delayed', 'Cancelling', undefined].includes(status),
    );

  await check('describe-instance-information tells who answers', async () => {
    const { InstanceInformationList: list } = await cli.json<{ InstanceInformationList: InstanceInformation[] }>(
      ...['ssm', 'describe-instance-information'],
    );
    const ping = new Map(list.map(({ InstanceId: id, PingStatus: status }) => [id, status]));
    assert.equal(ping.get(WEB_1), 'Online');
    assert.equal(ping.get(OFFLINE), 'ConnectionLost');
    assert.equal(list.find(({ InstanceId: id }) => id === WEB_1)?.PlatformType, 'Linux');
  });
  await check('send-command runs the script; get-command-invocation has what it printed', async () => {
    const script = 'printf "%s\\n" "it\'s \\"$((6 * 7))\\"" ünï; cat /data/pg/PG_VERSION; echo oops >&2; exit 3';
    const invocation = await ended(await send(DB_1, script), DB_1);
    assert.equal(invocation.Status, 'Failed');
    assert('ResponseCode' in invocation);
    assert.equal(invocation.ResponseCode, 3);
    assert.equal(invocation.StandardOutputContent, 'it\'s "42"\nünï\n16\n');
    assert.match(invocation.StandardErrorContent ?? '', /^oops\n/);
    assert.equal(invocation.Comment, 'peers');
  });
  await check('list-commands finds a command that succeeded', async () => {
    const commandId = await send(WEB_1, 'uptime');
    assert.equal((await ended(commandId, WEB_1)).Status, 'Success');
    const { Commands: commands } = await cli.json<{ Commands: Command[] }>(
      'ssm',
      'list-commands',
      '--command-id',
      commandId,
    );
    assert.deepEqual([commands.length, commands[0]?.Status, commands[0]?.CompletedCount], [1, 'Success', 1]);
  });
  await check('cancel-command ends a command and keeps what it printed', async () => {
    const commandId = await send(WEB_1, 'echo before; sleep 600; echo after');
    await cli.until(
      () => cli.run(invocationArgs(commandId, WEB_1)),
      ({ stdout }) => stdout.includes('InProgress'),
    );
    await cli.text('ssm', 'cancel-command', '--command-id', commandId);
    const { Status: status, ...rest } = await ended(commandId, WEB_1);
    assert.equal(status, 'Cancelled');
    assert('StandardOutputContent' in rest);
    assert.equal(rest.StandardOutputContent, 'before\n');
  });
  await check('an unknown command is InvocationDoesNotExist', () =>
    cli.refused('InvocationDoesNotExist', /^/, invocationArgs(NOWHERE, WEB_1)),
  );
  await check('instances that cannot be commanded are InvalidInstanceId', async () => {
    for (const instanceId of [UNKNOWN, STOPPED])
      await cli.refused('InvalidInstanceId', /^/, [
        ...['ssm', 'send-command', '--document-name', 'AWS-RunShellScript', '--instance-ids', instanceId],
        ...['--parameters', 'commands=id'],
      ]);
  });
  await check('an unknown document is InvalidDocument', () =>
    cli.refused('InvalidDocument', /^/, [
      ...['ssm', 'send-command', '--document-name', 'No-Such', '--instance-ids', WEB_1],
    ]),
  );
}

import { afterAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { marker } from '../../functions/lib/marker.ts';
import { after, awsError, COMMAND, CONTEXT, EXECUTION, fakeAws, INSTANCE, START, wire, type Wire } from './support.ts';

const TARGET = {
  instanceId: INSTANCE,
  ssmDocument: 'AWS-RunShellScript',
  commands: ['id'],
  workingDirectory: '',
  timeoutSeconds: 3600,
  comment: '',
};

const endpoint = await wire();
Object.assign(process.env, { OUTPUT_BUCKET: 'outputs', OUTPUT_KEY_PREFIX: 'run-command' });
const { handler } = await import('../../functions/send-command.ts');

const event = (change: object = {}) => ({
  execution: EXECUTION,
  action: 'send',
  target: TARGET,
  sentAt: START,
  now: after(0.1),
  ...change,
});
const sentByUs = { CommandId: COMMAND, Comment: `${marker(EXECUTION.arn)} why` };

const keyPrefix = `run-command/${COMMAND}/${INSTANCE}`;

beforeEach(() => {
  jest.restoreAllMocks();
  endpoint.bodies = [];
});
afterAll(() => endpoint.close());

describe('send-command, on the wire', () => {
  it('sends what it was given, marked, once', async () => {
    endpoint.answer = { status: 200, body: { Command: { CommandId: COMMAND } } };
    const commands = ['echo \'$(reboot)\' "`x`"', 'a\r\n\u{1f600}', ''];
    const answer = await handler(
      event({ target: { ...TARGET, commands, workingDirectory: '/srv', comment: 'why' } }),
      CONTEXT,
    );
    expect(answer).toEqual({
      status: 'Sent',
      commandId: COMMAND,
      keyPrefix,
      waitSeconds: 2,
    });
    expect(endpoint.bodies).toEqual([
      {
        DocumentName: 'AWS-RunShellScript',
        InstanceIds: [INSTANCE],
        Comment: `${marker(EXECUTION.arn)} why`,
        TimeoutSeconds: 600,
        Parameters: { commands, workingDirectory: ['/srv'], executionTimeout: ['3660'] },
        OutputS3BucketName: 'outputs',
        OutputS3KeyPrefix: 'run-command',
      },
    ]);
  });

  it.each<[string, Wire['answer']]>([
    ['a server error', { status: 500, body: { __type: 'InternalServerError' } }],
    ['a gateway’s error', { status: 503, body: {} }],
    ['a connection that breaks', 'hang-up'],
    ['an answer without a command', { status: 200, body: {} }],
  ])('does not know after %s, and tries no second time', async (_, answer) => {
    endpoint.answer = answer;
    expect(await handler(event(), CONTEXT)).toEqual({ status: 'Unknown', waitSeconds: 5 });
    expect(endpoint.bodies).toHaveLength(1);
  });

  it.each([
    ['ThrottlingException', 'CommandThrottled'],
    ['InvalidInstanceId', 'TargetOffline'],
    ['AccessDeniedException', 'AccessDenied'],
    ['InvalidDocument', 'CommandRefused'],
    ['MaxDocumentSizeExceeded', 'CommandRefused'],
    ['SomethingNew', 'CommandRefused'],
  ])('takes %s for a refusal: %s', async (code, name) => {
    endpoint.answer = { status: 400, body: { __type: code, message: 'why: ssm:SendCommand' } };
    await expect(handler(event(), CONTEXT)).rejects.toMatchObject({ name });
    expect(endpoint.bodies).toHaveLength(1);
  });

  it('names no place for the output where there is no bucket', async () => {
    endpoint.answer = { status: 200, body: { Command: { CommandId: COMMAND } } };
    Object.assign(process.env, { OUTPUT_BUCKET: '', OUTPUT_KEY_PREFIX: '' });
    jest.resetModules();
    const without = await import('../../functions/send-command.ts');
    expect(await without.handler(event(), CONTEXT)).toMatchObject({ status: 'Sent', keyPrefix: '' });
    expect(endpoint.bodies[0]).not.toHaveProperty('OutputS3BucketName');
  });

  it('does not repeat the command’s text in what is logged', async () => {
    endpoint.answer = {
      status: 400,
      body: { __type: 'ValidationException', message: "Value 'export TOKEN=hunter2' is wrong" },
    };
    const target = { ...TARGET, commands: ['', 'export TOKEN=hunter2'] };
    await expect(handler(event({ target }), CONTEXT)).rejects.toMatchObject({
      message: expect.stringMatching(/^SSM refused SendCommand with ValidationException \((?!.*hunter2)/),
    });
  });
});

describe('send-command, looking for what it may have sent', () => {
  const find = (seconds: number) => event({ action: 'find', now: after(seconds) });

  it('finds its command by the Comment, on any page, and sends nothing', async () => {
    const calls = fakeAws({
      ListCommands: ({ NextToken }) =>
        NextToken === undefined
          ? { Commands: [{ CommandId: 'other', Comment: 'x' }], NextToken: '2' }
          : { Commands: [sentByUs] },
    });
    expect(await handler(find(10), CONTEXT)).toEqual({
      status: 'Sent',
      commandId: COMMAND,
      keyPrefix,
      waitSeconds: 2,
    });
    expect(calls.map(({ operation }) => operation)).toEqual(['ListCommands', 'ListCommands']);
    expect(calls[0]?.input).toMatchObject({
      InstanceId: INSTANCE,
      Filters: [{ key: 'InvokedAfter', value: '2026-01-05T08:59:00Z' }],
    });
  });

  it('looks again while the list may lag, then says that it cannot tell', async () => {
    fakeAws({ ListCommands: () => ({ Commands: [] }) });
    expect(await handler(find(20), CONTEXT)).toEqual({ status: 'Unknown', waitSeconds: 20 });
    await expect(handler(find(60), CONTEXT)).rejects.toMatchObject({
      name: 'CommandStateUnknown',
      message: expect.stringContaining(marker(EXECUTION.arn)),
    });
  });

  it('hands a late find straight to the check', async () => {
    fakeAws({ ListCommands: () => ({ Commands: [sentByUs] }) });
    expect(
      await handler(event({ action: 'find', target: { ...TARGET, timeoutSeconds: 30 }, now: after(40) }), CONTEXT),
    ).toMatchObject({ waitSeconds: 0 });
  });

  it('passes on what AWS says to the search', async () => {
    fakeAws({ ListCommands: () => Promise.reject(awsError('AccessDeniedException', 'ssm:ListCommands')) });
    await expect(handler(find(10), CONTEXT)).rejects.toMatchObject({
      name: 'AccessDenied',
      message: 'ssm:ListCommands',
    });
  });
});

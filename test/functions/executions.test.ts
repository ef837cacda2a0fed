import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { marker } from '../../functions/lib/marker.ts';
import { START_ROUTES } from '../../functions/lib/schemas/routes.ts';
import { Aws, ask, CALLER, RESULT, type Answer, type Asked, type Item } from './api-support.ts';
import { CONTEXT, INSTANCE } from './support.ts';

const { handler: get } = await import('../../functions/get-execution.ts');
const { handler: stop } = await import('../../functions/stop-execution.ts');

let aws = new Aws();
const of = (id: string, asked: Asked = {}): Asked => ({ path: `/executions/${id}`, parameters: { id }, ...asked });
const read = (id = 'run-command.one'): Promise<Answer> => ask(get, of(id));
const ended = (id = 'run-command.one', asked: Asked = {}): Promise<Answer> => ask(stop, of(id, asked));
const RUNNING = {
  ...{ runbook: 'run-command', status: 'RUNNING', startedAt: '2026-01-05T09:00:00.000Z', summary: 'Running' },
  ...{ targets: [{ instanceId: INSTANCE }], warnings: [] },
};
const FINISHED = {
  ...RUNNING,
  finishedAt: '2026-01-05T09:00:04.000Z',
  status: 'SUCCEEDED',
  result: JSON.stringify(RESULT),
};
const FAILED = { ...FINISHED, status: 'FAILED', result: undefined };

/** An execution that runs, and what its row says. */
function running(row: Item = RUNNING): void {
  aws.record('one', JSON.parse(JSON.stringify(row)) as Item);
  aws.executions.set('one', { input: '{}', running: true });
}
const isRunning = (): boolean | undefined => aws.executions.get('one')?.running;

beforeEach(() => {
  aws = new Aws();
});
afterEach(() => {
  jest.restoreAllMocks();
});

describe('get-execution', () => {
  it('shows one that runs, and when to ask again', async () => {
    running({ ...RUNNING, requestHash: 'x', requestedBy: CALLER, expiresAt: 1 });
    expect(await read()).toMatchObject({
      status: 200,
      headers: { 'retry-after': '2', 'cache-control': 'no-store' },
      body: {
        ...{
          execution_id: 'run-command.one',
          runbook: 'run-command',
          status: 'RUNNING',
          summary: 'Running',
          warnings: [],
        },
        ...{ started_at: '2026-01-05T09:00:00.000Z', targets: [{ instance_id: INSTANCE }] },
      },
    });
    expect((await read()).text).not.toContain(CALLER);
  });

  it('shows one that was accepted as PENDING', async () => {
    aws.record('one', { requestHash: 'x' });
    expect((await read()).body).toMatchObject({ status: 'PENDING', targets: [], warnings: [] });
  });

  it('shows the result in snake_case, with the warnings that came later', async () => {
    running({ ...FINISHED, warnings: ['late'] });
    const { headers, body } = await read();
    expect(headers).not.toHaveProperty('retry-after');
    expect(body).toMatchObject({ status: 'SUCCEEDED', finished_at: FINISHED.finishedAt });
    expect(body['result']).toEqual({
      ...{
        status: 'Failed',
        status_details: 'Failed',
        exit_code: 2,
        stdout: 'out',
        stderr: '',
        stdout_truncated: false,
      },
      ...{ command_id: RESULT.commandId, instance_id: INSTANCE, warnings: ['late'] },
    });
  });

  it.each([
    [{ error: 'TargetOffline', cause: 'its agent sleeps' }, 'TargetOffline', 409, 'its agent sleeps'],
    [{ error: 'CommandStateUnknown', cause: 'look' }, 'CommandStateUnknown', 500, 'look'],
    [{ error: 'States.Timeout', status: 'TIMED_OUT', cause: 'x' }, 'ExecutionTimedOut', 504, 'x'],
    [{ error: 'ABORTED', status: 'ABORTED', cause: 'x' }, 'ExecutionAborted', 409, 'x'],
    [{ status: 'ABORTED' }, 'ExecutionAborted', 409, ''],
    [{ error: 'StopRequested', status: 'ABORTED', cause: 'x' }, 'StopRequested', 409, 'x'],
    [{ error: 'States.Runtime', cause: 'secret' }, 'InternalError', 500, undefined],
    [{ error: 'UnexpectedResult', cause: 'secret' }, 'InternalError', 500, undefined],
    [{ error: 'AccessDenied', cause: `${CALLER} secret` }, 'InternalError', 500, undefined],
    [{ error: 'constructor', cause: 'secret' }, 'InternalError', 500, undefined],
    [{}, 'InternalError', 500, undefined],
  ])(
    'tells why one did not succeed: %j',
    async (row, name, status, detail = 'The logs know more, under the request id.') => {
      running({ ...FAILED, ...row });
      const { status: answered, body, text } = await read();
      expect(answered).toBe(200);
      const type = `urn:fleetwright:problem:${name}`;
      expect(body['problem']).toMatchObject({ type, status, detail, instance: '/executions/run-command.one' });
      expect(body).not.toHaveProperty('result');
      expect(text).not.toContain('secret');
    },
  );

  it.each([
    ['run-command.two'],
    ['run-command.'],
    ['run-command'],
    ['.one'],
    [''],
    ['constructor.one'],
    ['run-command.a:b'],
    ['run-command.../one'],
    ['run-command.*'],
    [`run-command.${'x'.repeat(3000)}`],
    ['run-command.\ud800'],
    ['run-command.é'],
  ])('does not find %p', async (id) => {
    running();
    expect(await read(id)).toMatchObject({ status: 404, body: { type: 'urn:fleetwright:problem:ExecutionNotFound' } });
    expect((await ended(id)).status).toBe(404);
  });

  it('refuses a direct invocation', () => {
    expect(() => get({ id: 'one' }, CONTEXT)).toThrow('invoked directly it has no request');
  });
});

describe('stop-execution', () => {
  it('stops one that may be stopped anywhere, and notes who asked', async () => {
    running();
    expect(await ended()).toMatchObject({ status: 202, body: { stop_requested_at: '2026-01-05T09:00:00.000Z' } });
    expect(isRunning()).toBe(false);
    expect([...aws.rows.values()]).toMatchObject([{ stopRequestedBy: CALLER }]);
    expect(aws.calls.find(({ operation }) => operation === 'StopExecution')?.input).toMatchObject({
      error: 'StopRequested',
    });
  });

  it('keeps the first request when it is asked again', async () => {
    running({ ...RUNNING, stopRequestedAt: '2026-01-05T08:00:00.000Z', stopRequestedBy: 'eve' });
    expect(await ended()).toMatchObject({ status: 202, body: { stop_requested_at: '2026-01-05T08:00:00.000Z' } });
    expect([...aws.rows.values()]).toMatchObject([{ stopRequestedBy: 'eve' }]);
  });

  it('wakes one that waits for somebody, for which waiting is a safe point, and no other', async () => {
    const executionArn = [...aws.rows.keys()][0] ?? 'arn:aws:states:eu-central-1:123456789012:execution:Run-1:one';
    running();
    aws.rollouts.set(`waiting#${executionArn}`, { kind: 'window', token: 'secret-token' });
    await ended();
    expect(aws.count('SendTaskFailure')).toBe(0);
    jest.replaceProperty(START_ROUTES[0] as { stops: string }, 'stops', 'safe-points');
    running();
    const { status, text } = await ended();
    expect([status, text.includes('secret-token')]).toEqual([202, false]);
    expect(aws.calls.at(-2)).toMatchObject({
      operation: 'SendTaskFailure',
      input: { taskToken: 'secret-token', error: 'StopRequested' },
    });
    await ended('run-command.one', { query: { force: 'true' } });
    expect(aws.count('SendTaskFailure')).toBe(1);
  });

  it('leaves one alone that looks for the request itself, unless forced', async () => {
    jest.replaceProperty(START_ROUTES[0] as { stops: string }, 'stops', 'safe-points');
    running();
    expect((await ended()).body).not.toHaveProperty('repair_command');
    expect(isRunning()).toBe(true);
    const { status, body } = await ended('run-command.one', { query: { force: 'true' } });
    expect(status).toBe(202);
    expect(body['repair_command']).toContain(marker([...aws.rows.keys()][0] ?? ''));
    expect(isRunning()).toBe(false);
    expect(aws.calls.find(({ operation }) => operation === 'StopExecution')?.input).toMatchObject({
      error: 'ExecutionStopped',
    });
  });

  it.each([[{}], [{ force: 'true' }]])('changes nothing about one that has ended: %j', async (query) => {
    running(FINISHED);
    expect(await ended('run-command.one', { query })).toMatchObject({
      status: 200,
      body: { result: { exit_code: 2 } },
    });
    expect(aws.calls.map(({ operation }) => operation)).toEqual(['GetItem']);
  });

  it('changes nothing about one that ends meanwhile', async () => {
    running();
    aws.before['UpdateItem'] = () => aws.record('one', FINISHED);
    expect(await ended()).toMatchObject({ status: 200, body: { status: 'SUCCEEDED' } });
    expect([...aws.rows.values()][0]).not.toHaveProperty('stopRequestedAt');
  });

  it.each(['StopRequested', 'ExecutionStopped'])(
    'notes who asked on a row that %s has finished before the note came, then or with the repeat',
    async (error) => {
      const stopped: Item = { ...RUNNING, finishedAt: FINISHED.finishedAt, status: 'ABORTED', error };
      running();
      aws.before['UpdateItem'] = () => aws.record('one', stopped);
      expect((await ended()).body).toMatchObject({ status: 'ABORTED', stop_requested_at: expect.anything() });
      expect([...aws.rows.values()]).toMatchObject([{ stopRequestedBy: CALLER }]);

      aws = new Aws();
      running(stopped);
      expect(await ended()).toMatchObject({ status: 200, body: { stop_requested_at: expect.anything() } });
      expect([...aws.rows.values()]).toMatchObject([{ stopRequestedBy: CALLER }]);
      expect(aws.calls.map(({ operation }) => operation)).toEqual(['GetItem', 'UpdateItem', 'GetItem']);
    },
  );

  it('makes no row of one whose row expires meanwhile', async () => {
    running();
    aws.before['UpdateItem'] = () => {
      aws.rows.clear();
    };
    expect((await ended()).status).toBe(404);
    expect([aws.rows.size, isRunning()]).toEqual([0, false]);
  });

  it('says of one that was only accepted that it has not begun; it is stopped as soon as it has', async () => {
    aws.record('one', { requestHash: 'x' });
    expect(await ended()).toMatchObject({
      status: 409,
      headers: { 'retry-after': '2' },
      body: { type: 'urn:fleetwright:problem:ExecutionNotBegun' },
    });
    expect([...aws.rows.values()][0]).not.toHaveProperty('stopRequestedAt');
    aws.executions.set('one', { input: '{}', running: true });
    expect(await ended()).toMatchObject({ status: 202, body: { status: 'PENDING' } });
    expect(isRunning()).toBe(false);
  });

  it.each([[{ force: 'yes' }], [{ force: '' }], [{ force: 'true,true' }], [{ Force: 'true' }]])(
    'refuses %j',
    async (query) => {
      running();
      const answer = await ended('run-command.one', { query });
      expect(answer).toMatchObject({ status: 400, body: { type: 'urn:fleetwright:problem:InvalidRequest' } });
      expect(aws.calls).toEqual([]);
    },
  );
});

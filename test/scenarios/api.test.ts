import { describe, expect, it } from '@jest/globals';
import { ask, askAll, type Answer, type ApiRequest, type Keys } from '../support/api.ts';
import { machines, testFleet } from '../support/fleet.ts';
import { inLab, type Lab } from '../support/lab.ts';

const POST = (path: string, body?: object, headers: Record<string, string> = {}): ApiRequest => ({
  ...{ method: 'POST', path, headers },
  ...(body !== undefined && { body }),
});
const GET = (path: string): ApiRequest => ({ method: 'GET', path });
const command = (commands: string[], instance: string = machines.web) => ({ instance_id: instance, commands });

/** The keys of a user of the demo fleet. */
function keysOf(name: string): Keys {
  const user = testFleet.users.find((each) => each.name === name);
  if (user === undefined) throw new Error(`the fleet has no user ${name}`);
  return user;
}

const FORBIDDEN = { status: 403, text: '{"message":"Forbidden"}' };

async function refused(lab: Lab, request: ApiRequest, user: string): Promise<{ status: number; text: string }> {
  const { status, text } = await ask(lab, request, keysOf(user));
  return { status, text };
}

const executions = async (lab: Lab): Promise<number> => (await lab.executions('RunCommand')).length;

function problem(answer: Answer): { status: number; name: string; detail: string; errors: unknown } {
  expect(answer.headers['content-type']).toBe('application/problem+json');
  const { status, type, detail, errors } = answer.json() as {
    status: number;
    type: string;
    detail: string;
    errors: unknown;
  };
  expect(status).toBe(answer.status);
  return { status, name: type.replace('urn:fleetwright:problem:', ''), detail, errors };
}

describe('POST /run-commands', () => {
  it('answers 202 and where to look, where the result is in time', () =>
    inLab({}, async (lab) => {
      const accepted = await ask(lab, POST('/run-commands', command(['echo hello'])));
      expect(accepted.status).toBe(202);
      const { execution_id: id } = accepted.json();
      expect(accepted.headers).toMatchObject({ location: `/executions/${String(id)}`, 'retry-after': '2' });
      await lab.finish();
      const found = await ask(lab, GET(String(accepted.headers['location'])));
      expect(found.json()).toMatchObject({
        ...{ execution_id: id, runbook: 'run-command', status: 'SUCCEEDED', warnings: [] },
        result: {
          status: 'Success',
          exit_code: 0,
          stdout: 'hello\n',
          instance_id: machines.web,
          stdout_truncated: false,
        },
      });
    }));

  it('shows an execution at once, before its runbook has recorded it', () =>
    inLab({}, async (lab) => {
      const { headers } = await ask(lab, POST('/run-commands', command(['sleep 60'])));
      const found = await ask(lab, GET(String(headers['location'])));
      expect(found.status).toBe(200);
      expect(['PENDING', 'RUNNING']).toContain(found.json()['status']);
    }));

  it('takes camelCase, and what a console takes', () =>
    inLab({}, async (lab) => {
      const { status } = await ask(lab, POST('/run-commands', { instanceId: machines.web, timeoutSeconds: 60 }));
      expect(status).toBe(202);
    }));

  it('waits for the result where it is asked to', () =>
    inLab({}, async (lab) => {
      const done = await ask(lab, POST('/run-commands', command(['echo hello; exit 3']), { prefer: 'wait=20' }));
      expect(done.status).toBe(200);
      expect(done.json()).toMatchObject({
        status: 'Failed',
        status_details: 'Failed',
        exit_code: 3,
        stdout: 'hello\n',
      });
      expect(done.headers['content-location']).toMatch(/^\/executions\/run-command\.api-/);
      const late = await ask(lab, POST('/run-commands', command(['sleep 300']), { prefer: 'wait=5' }));
      expect(late.status).toBe(202);
      expect(late.headers['preference-applied']).toBe('wait=5');
    }));

  it.each([
    ['an unknown instance', { instance_id: 'i-0fffffffffffffff0' }, 404, 'TargetNotFound'],
    ['an instance without the tag', { instance_id: machines.untagged }, 403, 'TargetNotAllowed'],
    ['an instance that is offline', { instance_id: machines.offline }, 409, 'TargetOffline'],
  ])('tells %s as its problem', (_, body, status, name) =>
    inLab({}, async (lab) => {
      const answer = await ask(lab, POST('/run-commands', body, { prefer: 'wait=20' }));
      expect(problem(answer)).toMatchObject({ status, name });
    }),
  );

  it('lists everything that is wrong with a body, in the spelling it is in, and starts nothing', () =>
    inLab({}, async (lab) => {
      const answer = await ask(lab, POST('/run-commands', { instance_id: 'i-1', timeoutSeconds: 1, color: 'red' }));
      const { status, name, errors } = problem(answer);
      expect({ status, name }).toEqual({ status: 400, name: 'InvalidRequest' });
      expect((errors as { path: string }[]).map(({ path }) => path).sort()).toEqual([
        'color',
        'instance_id',
        'timeoutSeconds',
      ]);
      expect(await executions(lab)).toBe(0);
    }));

  it('starts one execution for ten requests with one key at once, and answers all alike', () =>
    inLab({}, async (lab) => {
      const request = POST('/run-commands', command(['echo once']), { 'idempotency-key': 'same' });
      const answers = await askAll(
        lab,
        Array.from({ length: 10 }, () => request),
      );
      expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
      expect(answers[0]?.status).toBe(202);
      await lab.finish();
      expect(await executions(lab)).toBe(1);
      expect(await lab.commands()).toHaveLength(1);
      const again = await ask(lab, request);
      expect(again.text).toBe(answers[0]?.text);
      const reworded = { ...request, body: { commands: ['echo once'], instanceId: machines.web } };
      expect((await ask(lab, reworded)).text).toBe(answers[0]?.text);
      expect(problem(await ask(lab, { ...request, body: command(['echo twice']) }))).toMatchObject({
        ...{ status: 409, name: 'IdempotencyConflict' },
      });
      expect(await executions(lab)).toBe(1);
    }));
});

describe('who asks', () => {
  const asDeployer = { 'idempotency-key': 'shared' };

  it('has idempotency keys of their own', () =>
    inLab({}, async (lab) => {
      const request = POST('/run-commands', command(['true']), asDeployer);
      const mine = await ask(lab, request);
      const theirs = await ask(lab, request, keysOf('deployer'));
      expect([mine.status, theirs.status]).toEqual([202, 202]);
      expect(theirs.json()['execution_id']).not.toBe(mine.json()['execution_id']);
      expect(await executions(lab)).toBe(2);
    }));

  it('may call what their policy names, and nothing else', () =>
    inLab({}, async (lab) => {
      const { headers } = await ask(lab, POST('/run-commands', command(['true'])), keysOf('deployer'));
      const path = String(headers['location']);
      for (const request of [GET('/executions'), GET(path), POST(`${path}/stop`), GET('/openapi.json')])
        expect({ request, ...(await refused(lab, request, 'deployer')) }).toEqual({ request, ...FORBIDDEN });
      for (const request of [POST('/run-commands', command(['true'])), POST(`${path}/stop`), GET('/openapi.json')])
        expect({ request, ...(await refused(lab, request, 'auditor')) }).toEqual({ request, ...FORBIDDEN });
      expect((await ask(lab, GET(path), keysOf('auditor'))).status).toBe(200);
      expect((await ask(lab, GET('/executions?limit=5'), keysOf('auditor'))).status).toBe(200);
      expect(await executions(lab)).toBe(1);
    }));

  it('is nobody without a signature, or with a wrong one: no function runs', () =>
    inLab({}, async (lab) => {
      const { apis } = lab.sandbox;
      const body = JSON.stringify(command(['true']));
      const unsigned = await apis.request(undefined, {
        ...{ method: 'POST', path: '/run-commands', headers: { 'content-type': 'application/json' }, body },
      });
      const wrong = await ask(lab, POST('/run-commands', command(['true'])), {
        ...{ accessKeyId: keysOf('deployer').accessKeyId, secretAccessKey: 'guessed' },
      });
      expect([unsigned.status, wrong.status]).toEqual([403, 403]);
      expect(lab.sandbox.dispatcher.journal.filter(({ service }) => service === 'lambda')).toEqual([]);
    }));
});

describe('GET /executions', () => {
  const ids = (answer: Answer) =>
    (answer.json()['executions'] as { execution_id: string }[]).map(({ execution_id: id }) => id);

  it('lists the newest first, page by page, by runbook, status and time', () =>
    inLab({}, async (lab) => {
      const started: string[] = [];
      for (const instance of [machines.web, machines.untagged, machines.web, machines.web, machines.untagged]) {
        const { headers } = await ask(lab, POST('/run-commands', command(['true'], instance), { prefer: 'wait=25' }));
        started.unshift(String(headers['content-location']).replace('/executions/', ''));
      }
      await lab.finish();
      expect(ids(await ask(lab, GET('/executions')))).toEqual(started);
      const pages: string[] = [];
      let path = '/executions?limit=2';
      for (let next: unknown = ''; next !== undefined;) {
        const page = await ask(lab, GET(path));
        pages.push(...ids(page));
        next = page.json()['next_token'];
        path = `/executions?limit=2&next_token=${String(next)}`;
      }
      expect(pages).toEqual(started);
      const failed = await ask(lab, GET('/executions?runbook=run-command&status=FAILED'));
      expect(ids(failed)).toEqual([started[0], started[3]]);
      expect(ids(await ask(lab, GET('/executions?started_before=2001-01-01T00%3A00%3A00Z')))).toEqual([]);
    }));

  it.each([
    ['limit=0', 'query limit'],
    ['status=DONE', 'query status'],
    ['started_after=yesterday', 'query started_after'],
    ['runbook=none', 'query runbook'],
    ['color=red', 'query color'],
    ['next_token=e30x', 'query next_token'],
  ])('names what is wrong with ?%s', (query, path) =>
    inLab({}, async (lab) => {
      const { status, name, errors } = problem(await ask(lab, GET(`/executions?${query}`)));
      expect({ status, name, path: (errors as { path: string }[])[0]?.path }).toEqual({
        status: 400,
        name: 'InvalidRequest',
        path,
      });
    }),
  );

  it.each(['run-command.none', 'run-command', 'none.x', '%20', 'run-command.%3A'])('has no %s', (id) =>
    inLab({}, async (lab) =>
      expect(problem(await ask(lab, GET(`/executions/${id}`)))).toMatchObject({
        status: 404,
        name: 'ExecutionNotFound',
      }),
    ),
  );
});

describe('POST /executions/{id}/stop', () => {
  it('stops a command wherever it is, and says so again when it is asked again', () =>
    inLab({}, async (lab) => {
      const { headers } = await ask(lab, POST('/run-commands', command(['sleep 3000'])));
      const path = String(headers['location']);
      await lab.sandbox.clock.runFor(30_000);
      const stopped = await ask(lab, POST(`${path}/stop`));
      expect(stopped.status).toBe(202);
      expect(stopped.json()['stop_requested_at']).toBeDefined();
      await lab.finish();
      const ended = await ask(lab, GET(path));
      expect(ended.json()).toMatchObject({
        status: 'ABORTED',
        problem: { status: 409, type: expect.stringMatching(/:StopRequested$/) },
      });
      const again = await ask(lab, POST(`${path}/stop`));
      expect([again.status, again.text]).toEqual([200, ended.text]);
      expect((await lab.commands())[0]?.Status).toBe('Cancelled');
    }));

  it('gives the command that looks after what stopping at once may leave', () =>
    inLab({}, async (lab) => {
      const { headers } = await ask(lab, POST('/run-commands', command(['sleep 3000'])));
      await lab.sandbox.clock.runFor(30_000);
      const forced = await ask(lab, POST(`${String(headers['location'])}/stop?force=true`));
      expect(forced.status).toBe(202);
      expect(forced.json()['repair_command']).toMatch(/^aws ssm list-commands .*fleetwright:[0-9a-f]{32}/);
      expect(problem(await ask(lab, POST(`${String(headers['location'])}/stop?force=maybe`)))).toMatchObject({
        status: 400,
      });
    }));
});

describe('what is told', () => {
  it('is never a role, a stack trace or a setting: AWS refuses, and the answer says that something is wrong', () =>
    inLab({ faults: [{ service: 'ssm', operation: 'SendCommand', nth: 1, action: { kind: 'deny' } }] }, async (lab) => {
      const answer = await ask(lab, POST('/run-commands', command(['true']), { prefer: 'wait=25' }));
      expect(problem(answer)).toMatchObject({ status: 500, name: 'InternalError' });
      const told = answer.text + (await ask(lab, GET(String(answer.headers['content-location'])))).text;
      expect(told).not.toMatch(/assumed-role|:role\/|\bat .*\.m?js|ResultTable|LockTable|POWERTOOLS/);
    }));

  it('carries the id of the request into the log of every function', () =>
    inLab({}, async (lab) => {
      await ask(lab, POST('/run-commands', command(['true']), { prefer: 'wait=25' }));
      const [execution] = await lab.executions('RunCommand');
      const { input = '' } = await lab.describe(execution?.executionArn ?? '');
      const { requestId } = (JSON.parse(input) as { metadata: { requestId: string } }).metadata;
      for (const name of ['StartRunCommand', 'ValidateTarget', 'SendCommand', 'CheckInvocation'])
        expect({ name, lines: await lab.logged(`${name}FunctionName`, requestId) }).not.toEqual({ name, lines: [] });
    }));
});

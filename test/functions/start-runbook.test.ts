import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { camelDocument } from '../../functions/lib/casing.ts';
import { Problem } from '../../functions/lib/schemas/problem.ts';
import { Aws, ask, CALLER, REQUEST, RESULT, type Answer, type Asked } from './api-support.ts';
import { awsError, CONTEXT, INSTANCE } from './support.ts';

/** The time that is slept, instead of sleeping. */
let slept = 0;
let whileAsleep = (): void => undefined;
jest.unstable_mockModule('node:timers/promises', () => ({
  setTimeout: (milliseconds: number) => {
    slept += milliseconds;
    whileAsleep();
    return Promise.resolve();
  },
}));
const { handler } = await import('../../functions/start-runbook.ts');

let aws = new Aws();
const start = (asked: Asked = {}): Promise<Answer> => ask(handler, { body: REQUEST, ...asked }, () => 29_000 - slept);
const keyed = (key: string, asked: Asked = {}) =>
  start({ ...asked, headers: { 'Idempotency-Key': key, ...asked.headers } });
const nameOf = ({ body }: Answer): string => String(body['execution_id']).replace('run-command.', '');
const rowsOf = (): Readonly<Record<string, unknown>>[] => [...aws.rows.values()];
const only = <T>(items: Iterable<T>): T => {
  const [first, ...more] = items;
  expect(more).toEqual([]);
  return first as T;
};

beforeEach(() => {
  slept = 0;
  whileAsleep = () => undefined;
  aws = new Aws();
});
afterEach(() => {
  jest.restoreAllMocks();
});

describe('a request', () => {
  it('is accepted: the row claimed, then the execution started', async () => {
    const answer = await start();
    expect(answer).toMatchObject({
      status: 202,
      headers: { 'content-type': 'application/json', 'cache-control': 'no-store', 'retry-after': '2' },
      body: {
        execution_id: expect.stringMatching(/^run-command\.api-[0-9a-f]{32}$/),
        runbook: 'run-command',
        requested_at: '2026-01-05T09:00:00.000Z',
      },
    });
    expect(answer.headers['location']).toBe(`/executions/${String(answer.body['execution_id'])}`);
    expect(answer.headers).not.toHaveProperty('preference-applied');
    expect(aws.calls.map(({ operation }) => operation)).toEqual(['PutItem', 'StartExecution']);
    const metadata = { requestId: 'request-1', requestedBy: CALLER, requestedAt: '2026-01-05T09:00:00.000Z' };
    expect(only(rowsOf())).toEqual({
      executionArn: expect.stringContaining(`:execution:Run-1:${nameOf(answer)}`),
      requestHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      expiresAt: Date.parse('2026-01-05T09:00:00Z') / 1000 + 90 * 86_400,
      ...metadata,
    });
    expect(JSON.parse(only(aws.executions.values()).input)).toEqual({
      ...{ instanceId: INSTANCE, commands: ['uptime'], timeoutSeconds: 3600 },
      metadata,
    });
  });

  it('is found behind the stage or mapping that it came through', async () => {
    const { headers, body } = await start({ path: '/fleet/v1/run-commands' });
    expect(headers['location']).toBe(`/fleet/v1/executions/${String(body['execution_id'])}`);
  });

  it.each([
    ['in camelCase', { instanceId: INSTANCE, commands: ['uptime'] }],
    ['with defaults in it, in another order', { timeout_seconds: 3600, commands: ['uptime'], instance_id: INSTANCE }],
  ])('is the same %s', async (_, body) => {
    const first = await keyed('k');
    expect(await keyed('k', { body, requestId: 'request-2' })).toEqual(first);
    expect(aws.executions.size).toBe(1);
  });

  it('has all that is wrong with it told, as its sender spells it', async () => {
    const body = { instanceId: 'i-1', timeout_seconds: 5, timeoutSeconds: 6, surprise: 1, metadata: {}, comment: 4 };
    const answer = await start({ body });
    expect(answer).toMatchObject({ status: 400, headers: { 'content-type': 'application/problem+json' } });
    const { type, title, status, instance, request_id: id, errors } = answer.body;
    expect({ type, title, status, instance, id }).toEqual({
      ...{ type: 'urn:fleetwright:problem:InvalidRequest', title: 'The request is not valid', status: 400 },
      ...{ instance: '/run-commands', id: 'request-1' },
    });
    expect((errors as { path: string }[]).map(({ path }) => path).sort()).toEqual(
      ['comment', 'instanceId', 'metadata', 'surprise', 'timeoutSeconds', 'timeout_seconds'].sort(),
    );
    expect(aws.calls).toEqual([]);
  });

  it.each([
    [{ command_name: 'restart-service', parameters: { seconds: 5 } }, ['parameters.service']],
    [{ commandName: 'restart-service', parameters: { service: 'a', Service: 'b' } }, ['parameters.Service']],
    [{ command_name: 'restart-service' }, ['parameters.service']],
    [{ command_name: 'restart-service', commands: ['ls'] }, ['command_name', 'parameters.service']],
    [{ parameters: {} }, ['parameters']],
    [{ command_name: 'restart-containers', parameters: { names: ['ok', '-x'] } }, ['parameters.names[1]']],
    [{ command_name: 'none' }, ['command_name']],
    [{ commands: ['ok', '{{ssm:x}}'] }, ['commands[1]']],
  ])('of the catalogue has its problems told where they are: %j', async (body, paths) => {
    const { errors } = (await start({ body: { instance_id: INSTANCE, ...body } })).body;
    expect((errors as { path: string }[]).map(({ path }) => path)).toEqual(paths);
  });

  it('names a command of the catalogue', async () => {
    const parameters = { service: 'nginx', seconds: 1 };
    await start({ body: { instance_id: INSTANCE, command_name: 'restart-service', parameters } });
    expect(JSON.parse(only(aws.executions.values()).input)).toMatchObject({
      commandName: 'restart-service',
      parameters,
    });
  });

  it.each([
    ['an AWS error', awsError('AccessDeniedException', `User: ${CALLER} may not states:StartExecution on secret`)],
    ['a bug', new TypeError('secret is undefined at /var/task/index.mjs')],
  ])('that fails by %s tells nothing of our inside', async (_, error) => {
    aws.before['StartExecution'] = () => {
      throw error;
    };
    const { status, body, text } = await start();
    expect({ status, body }).toEqual({
      status: 500,
      body: {
        ...{ type: 'urn:fleetwright:problem:InternalError', title: expect.any(String), status: 500 },
        ...{ detail: 'The logs know more, under the request id.', instance: '/run-commands', request_id: 'request-1' },
      },
    });
    expect(text).not.toMatch(/secret|arn:|var\/task|ada/);
  });

  it.each([
    ['StartExecution', 'ThrottlingException'],
    ['StartExecution', 'ExecutionLimitExceeded'],
    ['StartExecution', 'KmsThrottlingException'],
    ['PutItem', 'ThrottlingException'],
    ['PutItem', 'ProvisionedThroughputExceededException'],
    ['PutItem', 'RequestLimitExceeded'],
  ])('comes too fast where %s answers %s', async (operation, error) => {
    aws.before[operation] = () => {
      throw awsError(error);
    };
    expect(await start()).toMatchObject({
      status: 429,
      headers: { 'retry-after': '5' },
      body: { type: 'urn:fleetwright:problem:TooManyRequests' },
    });
    expect(aws.executions.size).toBe(0);
  });
});

describe('the same key', () => {
  it('is one execution and ten equal answers, ten at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) => keyed('CHG1', { requestId: `request-${index}` })),
    );
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers[0]?.status).toBe(202);
    expect([aws.executions.size, aws.rows.size]).toEqual([1, 1]);
  });

  it('is the same execution when it has ended, too', async () => {
    const first = await keyed('k');
    aws.record(nameOf(first), { status: 'SUCCEEDED', finishedAt: '2026-01-05T09:00:09.000Z' });
    for (const execution of aws.executions.values()) execution.running = false;
    expect(await keyed('k')).toEqual(first);
  });

  it.each([
    ['another body', { body: { ...REQUEST, commands: ['reboot'] } }],
    ['a body that is more', { body: { ...REQUEST, comment: 'x' } }],
  ])('with %s is a conflict', async (_, asked) => {
    await keyed('k');
    const answer = await keyed('k', asked);
    expect(answer).toMatchObject({ status: 409, body: { type: 'urn:fleetwright:problem:IdempotencyConflict' } });
    expect(aws.count('StartExecution')).toBe(1);
  });

  it('is a conflict where the name is taken by what the API did not start', async () => {
    const name = nameOf(await keyed('k'));
    aws.rows.clear();
    aws.record(name, { status: 'RUNNING' });
    expect((await keyed('k')).status).toBe(409);
  });

  it('is another execution from another caller', async () => {
    const authorizers = [
      { iam: { userArn: CALLER } },
      { iam: { userArn: `${CALLER}2` } },
      { jwt: { claims: { iss: 'https://id', sub: 'ada' } } },
      { jwt: { claims: { iss: 'https://id|ada', sub: 'x' } } },
      { lambda: { principalId: 'ada' } },
    ];
    for (const authorizer of authorizers) expect((await keyed('k', { authorizer })).status).toBe(202);
    expect(aws.executions.size).toBe(authorizers.length);
  });

  it.each([[{}], [{ jwt: { claims: { sub: 'ada' } } }], [{ lambda: null }], [{ lambda: { principalId: 7 } }]])(
    'is nobody’s where nobody can be told: %j',
    async (authorizer) => {
      expect((await keyed('k', { authorizer })).status).toBe(500);
      expect(aws.calls).toEqual([]);
    },
  );

  it.each([[''], [' '], ['a,a'], ['é'], ['x'.repeat(256)], ['a\n'], [' a'], ['a ']])('may not be %j', async (key) => {
    const { status, body } = await keyed(key);
    expect({ status, body }).toMatchObject({ status: 400, body: { errors: [{ path: 'header Idempotency-Key' }] } });
  });

  it.each([['a'], ['a b'], ['"7d1e"'], ['x'.repeat(255)], ['!~-+.']])('may be %j', async (key) =>
    expect((await keyed(key)).status).toBe(202),
  );

  it('is not there: every request is an execution, also of one whose key is its request id', async () => {
    await start({ requestId: 'one' });
    await start({ requestId: 'two' });
    await keyed('one');
    expect(aws.executions.size).toBe(3);
    await start({ requestId: 'one' });
    expect(aws.executions.size).toBe(3);
  });
});

describe('a request that is cut off', () => {
  const ends = ['before', 'after'] as const;
  it.each(['PutItem', 'StartExecution'].flatMap((operation) => ends.map((end) => [end, operation] as const)))(
    '%s %s is started by its repeat, once',
    async (end, operation) => {
      aws[end][operation] = () => {
        throw awsError('TimeoutError', 'socket hang up');
      };
      expect((await keyed('k', { requestId: 'first' })).status).toBe(500);
      const claimed = only([...rowsOf(), undefined].slice(0, 1))?.['requestId'] ?? 'second';
      aws[end][operation] = () => undefined;
      const answers = [await keyed('k', { requestId: 'second' }), await keyed('k', { requestId: 'third' })];
      expect(answers.map(({ status }) => status)).toEqual([202, 202]);
      expect(answers[1]).toEqual(answers[0]);
      expect(JSON.parse(only(aws.executions.values()).input)).toMatchObject({ metadata: { requestId: claimed } });
    },
  );

  it('is still a conflict for another body', async () => {
    aws.before['StartExecution'] = () => {
      throw awsError('TimeoutError');
    };
    await keyed('k');
    expect((await keyed('k', { body: { instance_id: INSTANCE } })).status).toBe(409);
    expect(aws.executions.size).toBe(0);
  });
});

describe('Prefer: wait', () => {
  const wait = (seconds: number, asked: Asked = {}) => keyed('k', { ...asked, headers: { prefer: `wait=${seconds}` } });
  const finish = (change: Readonly<Record<string, unknown>>): void => {
    for (const name of aws.executions.keys())
      aws.record(name, { status: 'SUCCEEDED', finishedAt: '2026-01-05T09:00:04.000Z', ...change });
  };

  it('answers with the result when it is there', async () => {
    whileAsleep = () => {
      if (slept > 3000) finish({ result: JSON.stringify(RESULT), warnings: ['late'] });
    };
    const answer = await wait(20);
    expect(answer).toMatchObject({
      status: 200,
      headers: {
        'preference-applied': 'wait=20',
        'content-location': expect.stringContaining('/executions/run-command.api-'),
      },
      body: { status: 'Failed', status_details: 'Failed', exit_code: 2, stdout_truncated: false, warnings: ['late'] },
    });
    expect(slept).toBeLessThan(5000);
    expect(aws.slots).toEqual({});
  });

  it.each([
    ['CommandTimedOut', 504],
    ['TargetNotAllowed', 403],
    ['TargetLocked', 409],
  ])('tells the problem of a run that failed: %s', async (error, status) => {
    aws.after['StartExecution'] = () => finish({ status: 'FAILED', error, cause: `${error} of ${CALLER} because` });
    const answer = await wait(5);
    expect(answer).toMatchObject({
      status,
      body: { type: `urn:fleetwright:problem:${error}`, request_id: 'request-1' },
    });
    expect(answer.body['instance']).toMatch(/^\/executions\/run-command\.api-/);
    expect(answer.text).not.toContain(CALLER);
  });

  it.each([
    [20, 20],
    [600, 25],
    [1, 1],
    [0, 0],
  ])('of %i s ends after %i s, and not before', async (seconds, applied) => {
    const answer = await wait(seconds);
    expect(answer).toMatchObject({ status: 202, headers: { 'preference-applied': `wait=${applied}` } });
    expect(slept).toBe(applied * 1000);
    expect(aws.slots).toEqual({});
    expect(aws.calls.map(({ operation }) => operation)).not.toContain('DescribeExecution');
  });

  it('answers at once, and says so, where all places are taken', async () => {
    Object.assign(aws.slots, { slot0: 9e12, slot1: 9e12 });
    const answer = await wait(20);
    expect(answer.status).toBe(202);
    expect(answer.headers).not.toHaveProperty('preference-applied');
    expect(slept).toBe(0);
  });

  it('takes a place whose holder died, and never that of one who waits', async () => {
    Object.assign(aws.slots, { slot0: 9e12, slot1: 1 });
    expect((await wait(1)).headers['preference-applied']).toBe('wait=1');
    expect(aws.slots).toEqual({ slot0: 9e12 });
  });

  it('answers with the result also where its place cannot be given back', async () => {
    let updates = 0;
    aws.before['UpdateItem'] = () => {
      if (++updates === 2) throw awsError('TimeoutError');
    };
    aws.after['StartExecution'] = () => finish({ result: JSON.stringify(RESULT) });
    expect((await wait(20)).status).toBe(200);
    expect(Object.values(aws.slots)).toEqual([Date.parse('2026-01-05T09:00:30Z')]);
  });

  it.each([
    ['before', 'UpdateItem', 1],
    ['after', 'GetItem', 1],
    ['after', 'GetItem', 2],
  ] as const)('that fails %s %s number %i is still an execution that was started', async (end, operation, nth) => {
    let calls = 0;
    aws[end][operation] = () => {
      if (++calls === nth) throw awsError('TimeoutError');
    };
    const answer = await wait(20);
    expect(answer.status).toBe(202);
    expect(answer.headers).not.toHaveProperty('preference-applied');
    expect(aws.slots).toEqual({});
    expect(aws.executions.size).toBe(1);
  });
});

describe('invoked directly', () => {
  it('answers what 202 answers, once per invocation', async () => {
    const first = await handler(REQUEST, CONTEXT);
    expect(first).toEqual({
      execution_id: expect.stringMatching(/^run-command\.api-/),
      ...{ runbook: 'run-command', requested_at: expect.stringMatching(/Z$/) },
    });
    expect(await handler(REQUEST, CONTEXT)).toEqual(first);
    expect(only(rowsOf())).toMatchObject({ requestedBy: 'lambda', requestId: 'request' });
  });

  it.each([[null], ['text'], [[]], [undefined], [{}], [{ instance_id: 'i-1' }], [JSON.parse('{"__proto__":1}')]])(
    'refuses %j',
    async (document) => {
      await expect(handler(document, CONTEXT)).rejects.toMatchObject({ name: 'InvalidRequest' });
      expect(aws.calls).toEqual([]);
    },
  );
});

/** Mostly what it should be, so that many a request is right as a whole. */
const mostly = (right: unknown, wrong: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 9, arbitrary: fc.constant(right) }, { weight: 1, arbitrary: wrong });
const request = fc
  .record(
    {
      instance_id: mostly(INSTANCE, fc.anything()),
      commands: mostly(['uptime'], fc.anything()),
      command_name: mostly(undefined, fc.anything()),
      parameters: mostly(undefined, fc.anything()),
      timeout_seconds: mostly(60, fc.anything()),
      comment: mostly('why', fc.anything()),
    },
    { requiredKeys: ['instance_id'] },
  )
  .map((body) => JSON.stringify(body, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)));
const junk = fc.oneof(
  fc.json({ maxDepth: 4 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    ...['', '[]', 'null', '{"__proto__": {}}', '['.repeat(50_000), ' '.repeat(258_100)],
    '{"a":'.repeat(40) + '1' + '}'.repeat(40),
  ),
);
const strange = fc.record(
  {
    'content-type': mostly('application/json; charset=utf-8', fc.constantFrom('text/plain', '')),
    'idempotency-key': fc.oneof(fc.uuid(), fc.uuid(), fc.string({ maxLength: 300 })),
    Prefer: fc.oneof(fc.string(), fc.constantFrom('wait=', 'respond-async, wait=0', 'wait="0"; x=","')),
    ['__proto__']: fc.constant('x'),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<Record<string, string>>;

it('answers anything with a start or a problem, and never with a fault of ours', async () => {
  let started = 0;
  await fc.assert(
    fc.asyncProperty(fc.oneof(request, junk), strange, fc.boolean(), async (body, headers, isBase64Encoded) => {
      const sent = isBase64Encoded ? Buffer.from(body).toString('base64') : body;
      const answer = await start({ body: sent, headers, event: { isBase64Encoded } });
      expect(answer.status).toBeLessThan(500);
      if (answer.status === 202) started += 1;
      else expect(() => Problem.parse(camelDocument(Problem, answer.body).document)).not.toThrow();
    }),
    { numRuns: 500 },
  );
  expect(started).toBeGreaterThan(50);
});

import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import fc from 'fast-check';
import { encodeCursor } from '../../functions/lib/list/cursor.ts';
import { ask, type Answer } from './api-support.ts';
import { fakeAws, type Call } from './support.ts';

const RUNBOOKS = ['one', 'two', 'three'];
const arn = (runbook: string, name: string) => `arn:aws:states:eu-central-1:123456789012:execution:${runbook}:${name}`;
process.env['STATE_MACHINES'] = RUNBOOKS.map((name) => `${name}=arn:aws:states:x:1:stateMachine:${name}`).join(',');
const { handler } = await import('../../functions/list-executions.ts');

interface Row {
  readonly runbook: string;
  readonly executionArn: string;
  readonly startedAt: string;
  readonly status: string;
  readonly summary: string;
}
type Items = Parameters<typeof unmarshall>[0];
interface Query {
  readonly Limit: number;
  readonly FilterExpression?: string;
  readonly ExclusiveStartKey?: Items;
  readonly ExpressionAttributeValues: Items;
}

const newestFirst = (a: Row, b: Row): number =>
  a.startedAt === b.startedAt ? (a.executionArn < b.executionArn ? 1 : -1) : a.startedAt < b.startedAt ? 1 : -1;

/** The index as DynamoDB queries it: Limit counts what is looked at, before the filter, and a full page has a last key. */
function query(rows: readonly Row[], { Limit, FilterExpression, ExclusiveStartKey, ExpressionAttributeValues }: Query) {
  const {
    ':runbook': runbook = '',
    ':from': from = '',
    ':to': to = '',
    ':status': status,
  } = unmarshall(ExpressionAttributeValues) as Record<string, string>;
  expect(from <= to).toBe(true);
  const behind = ExclusiveStartKey && (unmarshall(ExclusiveStartKey) as Row);
  if (behind !== undefined) expect(behind.startedAt >= from && behind.startedAt <= to).toBe(true);
  const within = rows
    .filter((row) => row.runbook === runbook && row.startedAt >= from && row.startedAt <= to)
    .sort(newestFirst)
    .filter((row) => behind === undefined || newestFirst(row, behind) > 0);
  const seen = within.slice(0, Limit);
  const last = seen.at(-1);
  return {
    Items: seen.filter((row) => FilterExpression === undefined || row.status === status).map((row) => marshall(row)),
    ...(seen.length === Limit &&
      last && {
        LastEvaluatedKey: marshall({ runbook, startedAt: last.startedAt, executionArn: last.executionArn }),
      }),
  };
}

const table = (rows: readonly Row[]): Call[] => fakeAws({ Query: (input) => query(rows, input as unknown as Query) });
const list = (parameters: Readonly<Record<string, string>> = {}): Promise<Answer> =>
  ask(handler, { path: '/executions', query: parameters });

interface Listed {
  readonly execution_id: string;
  readonly started_at: string;
}

/** The pages of a list, one after the other. */
async function pages(parameters: Readonly<Record<string, string>>): Promise<Listed[][]> {
  const found: Listed[][] = [];
  for (let token: string | undefined; ;) {
    const { status, body } = await list({ ...parameters, ...(token !== undefined && { next_token: token }) });
    expect(status).toBe(200);
    found.push(body['executions'] as Listed[]);
    expect(found.length).toBeLessThan(500);
    if (body['next_token'] === undefined) return found;
    token = body['next_token'] as string;
  }
}

const second = (number: number): string => new Date(Date.parse('2026-01-05T09:00:00Z') + number * 1000).toISOString();
const rowOf = (runbook: string, index: number, at: number, status = 'SUCCEEDED'): Row => ({
  ...{ runbook, executionArn: arn(runbook, `e${index}`), startedAt: second(at), status, summary: 'x' },
});

afterEach(() => {
  jest.restoreAllMocks();
});

describe('the pages of a list', () => {
  const rows = fc
    .array(
      fc.tuple(
        fc.constantFrom(...RUNBOOKS),
        fc.integer({ min: 0, max: 30 }),
        fc.constantFrom('SUCCEEDED', 'SUCCEEDED', 'SUCCEEDED', 'SUCCEEDED', 'FAILED'),
      ),
      { maxLength: 120 },
    )
    .map((all) => all.map(([runbook, at, status], index) => rowOf(runbook, index, at, status)));
  const parameters = fc.record(
    {
      runbook: fc.constantFrom(...RUNBOOKS),
      status: fc.constantFrom('FAILED', 'SUCCEEDED', 'ABORTED'),
      started_after: fc.integer({ min: 0, max: 15 }).map(second),
      started_before: fc.integer({ min: 16, max: 31 }).map(second),
    },
    { requiredKeys: [] },
  );

  it('hold together every row once, the newest first, whatever is asked for', async () => {
    await fc.assert(
      fc.asyncProperty(rows, parameters, fc.integer({ min: 1, max: 30 }), async (all, asked, limit) => {
        table(all);
        const found = await pages({ ...asked, limit: String(limit) });
        for (const page of found) expect(page.length).toBeLessThanOrEqual(limit);
        const { runbook, status, started_after: from = '', started_before: to = 'z' } = asked;
        const expected = all.filter(
          (row) =>
            (runbook ?? row.runbook) === row.runbook &&
            (status ?? row.status) === row.status &&
            row.startedAt >= from &&
            row.startedAt < to,
        );
        const listed = found.flat();
        const ids = expected.map((row) => `${row.runbook}.${row.executionArn.slice(arn(row.runbook, '').length)}`);
        expect(listed.map(({ execution_id: id }) => id).sort()).toEqual(ids.sort());
        const times = listed.map(({ started_at: at }) => at);
        expect(times).toEqual([...times].sort().reverse());
      }),
      { numRuns: 150 },
    );
  });

  it('are short or empty, and go on, where a filter lets little pass', async () => {
    const calls = table([
      ...Array.from({ length: 300 }, (_, index) => rowOf('one', index, 1000 - index)),
      rowOf('one', 300, 0, 'FAILED'),
    ]);
    const found = await pages({ status: 'FAILED', limit: '1' });
    expect(found.flat().map(({ execution_id: id }) => id)).toEqual(['one.e300']);
    expect(found[0]).toEqual([]);
    expect(calls.length).toBeLessThanOrEqual(found.length * 41);
  });
});

it('shows what the index holds, and no principals', async () => {
  table([
    {
      ...rowOf('one', 1, 1),
      summary: 'arn:aws:iam::1:role/x, refused',
      stopRequestedAt: second(2),
      targets: [],
    } as Row,
  ]);
  expect((await list()).body).toEqual({
    executions: [
      {
        ...{ execution_id: 'one.e1', runbook: 'one', status: 'SUCCEEDED', started_at: second(1) },
        ...{ summary: '(a principal of this account), refused', stop_requested_at: second(2) },
      },
    ],
  });
});

describe('parameters', () => {
  const token = (cursor: unknown): string => encodeCursor(cursor as Parameters<typeof encodeCursor>[0]);
  const at = { startedAt: second(0), executionArn: arn('one', 'x') };

  it.each([
    ['runbook', 'four'],
    ['runbook', ''],
    ['runbook', 'constructor'],
    ['status', 'PENDING'],
    ['status', 'FAILED,ABORTED'],
    ['limit', '0'],
    ['limit', '101'],
    ['limit', '1.5'],
    ['started_after', 'yesterday'],
    ['started_after', '2026-02-30T00:00:00Z'],
    ['started_after', '2026-01-01T00:00:00+99:99'],
    ['sort', 'asc'],
    ['next_token', ''],
    ['next_token', 'x'],
    ['next_token', 'a'.repeat(9000)],
    ['next_token', token(null)],
    ['next_token', token([])],
    ['next_token', token({ one: {} })],
    ['next_token', token({ one: { ...at, more: 1 } })],
    ['next_token', token({ one: { ...at, startedAt: '2026' } })],
    ['next_token', token({ one: { ...at, executionArn: '' } })],
    ['next_token', token({ one: { ...at, executionArn: 'arn:\ud800' } })],
    ['next_token', token({ one: { ...at, executionArn: `arn:${'x'.repeat(400)}` } })],
  ])('are refused by name: %s=%s', async (name, value) => {
    const calls = table([]);
    const { status, body } = await list({ [name]: value });
    expect({ status, body }).toMatchObject({ status: 400, body: { errors: [{ path: `query ${name}` }] } });
    expect(calls).toEqual([]);
  });

  it('are all of them looked at before any is refused', async () => {
    const { errors } = (await list({ limit: '0', status: 'x', next_token: '!', runbook: 'y', z: '1' })).body;
    expect((errors as { path: string }[]).map(({ path }) => path).sort()).toEqual(
      ['limit', 'next_token', 'runbook', 'status', 'z'].map((name) => `query ${name}`),
    );
  });

  it.each([
    [second(2), second(1)],
    [second(1), second(1)],
  ])('have their times in order: %s, %s', async (after, before) => {
    const calls = table([]);
    const { status, body } = await list({ started_after: after, started_before: before });
    expect({ status, body }).toMatchObject({ status: 400, body: { errors: [{ path: 'query started_before' }] } });
    expect(calls).toEqual([]);
  });

  it('belong to the token that they came with', async () => {
    const next = token({ one: at });
    expect((await list({ next_token: next, started_after: second(1) })).status).toBe(400);
    expect((await list({ next_token: next, started_before: second(0) })).status).toBe(400);
  });

  it('have times in any zone', async () => {
    table([rowOf('one', 1, 0)]);
    const { body } = await list({
      started_after: '2026-01-05T10:00:00+01:00',
      started_before: '2026-01-05T09:00:00.001Z',
    });
    expect(body['executions']).toHaveLength(1);
  });

  it.each([
    [{ started_after: '9999-12-31T23:59:59-10:00' }, 0],
    [{ started_after: '9999-12-31T23:59:59.999Z' }, 0],
    [{ started_before: '0000-01-01T00:00:00Z' }, 0],
    [{ started_before: '9999-12-31T23:59:59-10:00' }, 1],
    [{ started_after: '0000-01-01T00:00:00+10:00' }, 1],
  ])('have times at the ends of the calendar: %j', async (asked, count) => {
    table([rowOf('one', 1, 0)]);
    const { status, body } = await list(asked);
    expect({ status, executions: (body['executions'] as unknown[]).length }).toEqual({
      status: 200,
      executions: count,
    });
  });

  it('are never a fault of ours', async () => {
    table([rowOf('one', 1, 0)]);
    const position = fc.record({
      startedAt: fc.oneof(fc.string(), fc.constant(second(3))),
      executionArn: fc.string({ unit: 'binary' }),
    });
    const forged = fc.oneof(
      fc.string(),
      fc.dictionary(fc.constantFrom(...RUNBOOKS, '__proto__', 'x'), fc.option(position)).map(token),
      fc.json().map((text) => Buffer.from(text).toString('base64url')),
    );
    const time = fc.oneof(
      fc.string(),
      fc
        .tuple(...[9999, 13, 32, 24, 60, 24, 60].map((max) => fc.nat({ max })))
        .map(([y = 0, ...rest]) => [String(y).padStart(4, '0'), ...rest.map((each) => String(each).padStart(2, '0'))])
        .map(([y, mo, d, h, mi, oh, om]) => `${y}-${mo}-${d}T${h}:${mi}:00${om === '00' ? 'Z' : `+${oh}:${om}`}`),
    );
    const anything = fc.record(
      {
        next_token: forged,
        started_after: time,
        started_before: time,
        limit: fc.string(),
        runbook: fc.string(),
        ['__proto__']: fc.string(),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(anything, async (parameters) => expect((await list(parameters)).status).toBeLessThan(500)),
      { numRuns: 1000 },
    );
  });
});

import * as z from '../zod.ts';
import { invalidRequest } from '../api/errors.ts';
import { problemsIn } from '../problems.ts';
import { ExecutionStatus } from '../schemas/execution-document.ts';
import { decodeCursor, type Cursor } from './cursor.ts';

const DEFAULT_LIMIT = 20;
const MOST = 100;

/** The times that ISO 8601 writes with four digits, which sort as text. */
const [FIRST, LAST] = ['0000-01-01T00:00:00.000Z', '9999-12-31T23:59:59.999Z'];

/** Another zone, or the shift, may lead beyond them; no execution is there. */
const writable = (time: number): number => Math.min(Math.max(time, Date.parse(FIRST)), Date.parse(LAST));

const time = (shift: number) =>
  z.pipe(
    z.iso.datetime({ offset: true, error: 'must be a time such as 2026-01-31T12:00:00Z' }),
    z.transform((text: string) => new Date(writable(Date.parse(text) + shift)).toISOString()),
  );

/** The parameters of the list, by their names on the wire. */
export const Query = z.strictObject({
  runbook: z.optional(z.string()),
  status: z.optional(
    ExecutionStatus.check(z.refine((status: string) => status !== 'PENDING', 'PENDING ones are not listed')),
  ),
  started_after: z.optional(time(0)),
  /** Exclusive, in steps of a millisecond, which is as fine as times are here. */
  started_before: z.optional(time(-1)),
  limit: z.optional(z.string().check(z.regex(/^(?:[1-9]\d?|100)$/, `must be a whole number from 1 to ${MOST}`))),
  next_token: z.optional(z.string()),
});

export interface ListQuery {
  /** Whose executions; in the order in which the pages go through them. */
  readonly runbooks: readonly string[];
  readonly status: string | undefined;
  /** From the first to the last time, both included; ISO 8601 in UTC. */
  readonly from: string;
  readonly to: string;
  readonly limit: number;
  readonly cursor: Cursor;
}

/** The list that a request asks for. Throws InvalidRequest naming every parameter that is wrong. */
export function listQuery(
  parameters: Readonly<Record<string, string | undefined>>,
  runbooks: readonly string[],
): ListQuery {
  const parsed = Query.safeParse(parameters);
  const problems = parsed.success
    ? []
    : problemsIn(parsed.error, (path) => path).listed.map(({ path, reason }) => ({ path: `query ${path}`, reason }));
  const { runbook, next_token: token } = parameters;
  if (runbook !== undefined && !runbooks.includes(runbook))
    problems.push({ path: 'query runbook', reason: `must be one of ${runbooks.join(', ')}` });
  const cursor = token === undefined ? {} : decodeCursor(token);
  if (cursor === undefined) problems.push({ path: 'query next_token', reason: 'is none that a list gave' });
  if (!parsed.success || cursor === undefined || problems.length > 0) throw invalidRequest(problems);
  const { status, started_after: from = FIRST, started_before: to = LAST, limit } = parsed.data;
  // DynamoDB refuses to go on from behind what it was not asked for.
  if (
    Object.values(cursor).some(
      (position) => position !== null && (position.startedAt < from || position.startedAt > to),
    )
  )
    throw invalidRequest([{ path: 'query next_token', reason: 'belongs to a list with other parameters' }]);
  // Nor does it look between two times in the wrong order.
  if (from > to) throw invalidRequest([{ path: 'query started_before', reason: 'must be later than started_after' }]);
  const wanted = runbook === undefined ? runbooks : [runbook];
  return { runbooks: wanted, status, from, to, limit: Number(limit ?? DEFAULT_LIMIT), cursor };
}

import type { Context } from 'aws-lambda';
import * as z from './lib/zod.ts';
import { jsonAnswer, problemAnswer, type HttpAnswer } from './lib/api/answer.ts';
import { api, type ApiRequest } from './lib/api/api.ts';
import { snakeDocument } from './lib/casing.ts';
import { dynamoDbClient, sfnClient } from './lib/clients.ts';
import { readEnv } from './lib/env.ts';
import { InvalidRequest } from './lib/errors.ts';
import { readRow } from './lib/result-table.ts';
import { failureOf, resultOf, type Row } from './lib/rows.ts';
import { AcceptedExecution } from './lib/schemas/execution-document.ts';
import { START_ROUTES } from './lib/schemas/routes.ts';
import { idempotencyKey } from './lib/start/identity.ts';
import { parseRequest } from './lib/start/request.ts';
import { start, type Started } from './lib/start/start.ts';
import { WaitSlots } from './lib/start/wait-slots.ts';
import { waitForEnd, waitSeconds } from './lib/start/wait.ts';

const text = z.string().check(z.minLength(1));
const env = readEnv({
  RUNBOOK: text,
  STATE_MACHINE_ARN: text,
  RESULT_TABLE: text,
  LOCK_TABLE: text,
  WAIT_CONCURRENCY: z.string().check(z.regex(/^\d{1,3}$/)),
});
const route = routeOf(env.RUNBOOK);
const routeKey = `${route.method} ${route.path}`;
const [dynamoDb, sfn] = [dynamoDbClient(), sfnClient()];
const deployed = { dynamoDb, sfn, table: env.RESULT_TABLE, machineArn: env.STATE_MACHINE_ARN };
const slots = new WaitSlots(dynamoDb, env.LOCK_TABLE, Number(env.WAIT_CONCURRENCY));

/** Whoever is asked for a result may be asked again after so many seconds. */
const RETRY_AFTER = '2';
/** A place to wait runs out by itself so long after it should have been given back. */
const SLOT_GRACE_MILLISECONDS = 10_000;

/**
 * Starts the runbook of its route, once for the same caller and Idempotency-Key: 202 with Location; with `Prefer: wait=N`
 * the result (200) or the problem of a run that failed, where it ends in time. Invoked directly with the same document it
 * answers what 202 answers, or throws InvalidRequest. Source: RFC 7240 (Prefer), RFC 9457 (problem documents).
 */
export const handler = api({ body: true, direct: startDirectly }, async (request) => {
  const key = idempotencyKey(request.headers['idempotency-key']);
  const started = await start(deployed, {
    ...{ runbook: route.runbook, route: routeKey, requestId: request.requestId, requestedAt: request.requestedAt },
    request: parseRequest(route, request.body ?? {}),
    caller: request.caller(),
    // No caller's key has a space at its end.
    key: key ?? `${request.requestId} `,
  });
  const seconds = waitSeconds(request.headers['prefer']);
  const waited = seconds === undefined ? undefined : await endWithin(seconds, request, started);
  const applied = waited && { 'preference-applied': `wait=${seconds}` };
  return waited?.row === undefined
    ? acceptedAnswer(request, started, applied)
    : endAnswer(request, started, waited.row, applied);
});

function routeOf(runbook: string): (typeof START_ROUTES)[number] {
  const found = START_ROUTES.find((each) => each.runbook === runbook);
  if (found === undefined)
    throw new Error(`RUNBOOK is ${runbook}, and no route of functions/lib/schemas/routes.ts starts it`);
  return found;
}

/**
 * The one wait inside a Lambda: docs/decisions/0007-one-wait-inside-a-lambda.md. Undefined where nobody waited; without a
 * row where it had not ended by then.
 */
async function endWithin(
  seconds: number,
  { requestedAt, remainingMilliseconds, warn }: ApiRequest,
  { executionArn }: Started,
): Promise<{ readonly row: Row | undefined } | undefined> {
  const now = Date.parse(requestedAt);
  try {
    // The name of an execution ends in digits of a hash.
    const first = Number.parseInt(executionArn.slice(-6), 16);
    const slot = await slots.take(now, now + seconds * 1000 + SLOT_GRACE_MILLISECONDS, first);
    if (slot === undefined) return undefined;
    try {
      const look = () => readRow(dynamoDb, env.RESULT_TABLE, executionArn);
      return { row: await waitForEnd(seconds, remainingMilliseconds, look) };
    } finally {
      await slots
        .give(slot)
        .catch((error: unknown) => warn('could not give a place back; it runs out by itself', error));
    }
  } catch (error) {
    // It has been started all the same, and the answer that says where to look is still true.
    warn('could not wait', error);
    return undefined;
  }
}

/** The header that says for how long a request was let wait. Source: RFC 7240, section 3. */
type Applied = { readonly 'preference-applied': string } | undefined;

/** The path of an execution behind whatever stage or mapping the request came through. */
const locationOf = ({ path }: ApiRequest, { accepted }: Started): string =>
  `${path.endsWith(route.path) ? path.slice(0, -route.path.length) : ''}/executions/${encodeURIComponent(accepted.executionId)}`;

function acceptedAnswer(request: ApiRequest, started: Started, applied: Applied): HttpAnswer {
  return jsonAnswer(202, AcceptedExecution, started.accepted, {
    location: locationOf(request, started),
    'retry-after': RETRY_AFTER,
    ...applied,
  });
}

function endAnswer(request: ApiRequest, started: Started, row: Row, applied: Applied): HttpAnswer {
  const headers = { 'content-location': locationOf(request, started), ...applied };
  const problem = failureOf(route.runbook, row);
  if (problem !== undefined) return problemAnswer({ ...problem, requestId: request.requestId }, headers);
  return jsonAnswer(200, route.result, resultOf(row), headers);
}

async function startDirectly(document: unknown, { awsRequestId }: Context): Promise<unknown> {
  if (typeof document !== 'object' || document === null || Array.isArray(document))
    throw new InvalidRequest('the input: must be an object');
  const { accepted } = await start(deployed, {
    ...{ runbook: route.runbook, route: routeKey, requestId: awsRequestId, caller: 'lambda', key: awsRequestId },
    request: parseRequest(route, document),
    // Nobody but the clock knows when a direct invocation was asked for.
    requestedAt: new Date().toISOString(),
  });
  return snakeDocument(AcceptedExecution, accepted);
}

import type * as z from '../zod.ts';
import { snakeDocument } from '../casing.ts';
import { problemName, problemType } from '../problem-types.ts';
import { Problem } from '../schemas/problem.ts';
import { ApiError } from './errors.ts';
import { withoutPrincipals } from './scrub.ts';

/** What API Gateway expects of a function. Source: payload format 2.0. */
export interface HttpAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

type Headers = Readonly<Record<string, string>>;

/** Answers are about one caller's machines at one moment: nothing on the way may keep them. */
const NEVER_STORED: Headers = { 'cache-control': 'no-store' };

/** A JSON answer in snake_case along its schema; `headers` come on top. */
export function jsonAnswer(
  statusCode: number,
  schema: z.core.$ZodType,
  body: unknown,
  headers: Headers = {},
): HttpAnswer {
  return {
    statusCode,
    headers: { 'content-type': 'application/json', ...NEVER_STORED, ...headers },
    body: JSON.stringify(snakeDocument(schema, body)),
  };
}

export function problemAnswer(problem: Problem, headers: Headers = {}): HttpAnswer {
  const answer = jsonAnswer(problem.status, Problem, problem, headers);
  return { ...answer, headers: { ...answer.headers, 'content-type': 'application/problem+json' } };
}

/** The problem document of an error by its name. What is our side's fault is told without its detail. */
export function problemOf(
  error: string,
  detail: string,
  rest: Pick<Problem, 'instance' | 'requestId' | 'errors'>,
): Problem {
  const name = problemName(error);
  const { status, title } = problemType(name);
  const told = name === 'InternalError' ? 'The logs know more, under the request id.' : withoutPrincipals(detail);
  return { type: `urn:fleetwright:problem:${name}`, title, status, detail: told, ...rest };
}

/** The answer to whatever a function threw. */
export function errorAnswer(
  error: unknown,
  { instance, requestId }: { instance: string; requestId: string },
): HttpAnswer {
  const known = error instanceof ApiError ? error : new ApiError('InternalError', '');
  const errors = known.problems && [...known.problems];
  const problem = problemOf(known.name, known.message, { instance, requestId, ...(errors && { errors }) });
  return problemAnswer(problem, known.headers);
}

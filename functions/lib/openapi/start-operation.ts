import { PROBLEM_TYPES } from '../problem-types.ts';
import type { StartRoute } from '../schemas/routes.ts';
import { ACCEPTED, RESULTS } from './examples.ts';
import { CONTENT_LOCATION, IDEMPOTENCY_KEY, LOCATION, PREFER, PREFERENCE_APPLIED, RETRY_AFTER } from './parameters.ts';
import { failures, jsonBody } from './responses.ts';
import { ref, schemaName } from './schemas.ts';
import type { Authorization } from './security.ts';
import type { Operation } from './types.ts';

/** Every problem but that of routes which name an execution: what ended a run is told to who waits for it. */
const PROBLEMS = Object.keys(PROBLEM_TYPES).filter((name) => !/^ExecutionNot/.test(name));

const ABOUT =
  'Answers at once where the execution is to be found. With `Prefer: wait=N` it waits for the end: the result is 200, and a run that failed is told by its problem.';

const STOPS: Readonly<Record<StartRoute['stops'], string>> = {
  anywhere: 'It can be stopped at any moment.',
  'safe-points': 'A request to stop it is honoured at its next safe point.',
};

/** What the document says of a route that starts a runbook. */
export function startOperation(route: StartRoute, authorization: Authorization): Operation {
  const { operationId, summary, runbook, example, stops } = route;
  const result = RESULTS[runbook];
  return {
    operationId,
    summary,
    description: `Starts the runbook ${runbook}. ${ABOUT} ${STOPS[stops]}`,
    tags: ['runbooks'],
    parameters: [IDEMPOTENCY_KEY, PREFER],
    requestBody: { required: true, content: jsonBody(ref(schemaName(route, 'Request')), example) },
    responses: {
      200: {
        description: 'It ended in time, and this is its result.',
        headers: { 'Content-Location': CONTENT_LOCATION, 'Preference-Applied': PREFERENCE_APPLIED },
        content: jsonBody(ref(schemaName(route, 'Result')), result),
      },
      202: {
        description: 'It has been started, or had been by the same request before.',
        headers: { Location: LOCATION, 'Retry-After': RETRY_AFTER, 'Preference-Applied': PREFERENCE_APPLIED },
        content: jsonBody(ref('AcceptedExecution'), { ...ACCEPTED, runbook }),
      },
      ...failures(PROBLEMS, authorization),
    },
  };
}

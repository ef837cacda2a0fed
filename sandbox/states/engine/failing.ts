import { EvaluationError, StateFailure } from '../failure.ts';
import type { Frame, Visit } from './frame.ts';

const QUERY_EVALUATION_ERROR = 'States.QueryEvaluationError';

/** A failure that the interpreter itself raises, in the words by which AWS says where. */
export function runtimeFailure(error: string, cause: string, { name, eventId }: Visit): StateFailure {
  return new StateFailure(
    error,
    `An error occurred while executing the state '${name}' (entered at the event id #${eventId}). ${cause}`,
  );
}

/** What a thrown error means to Retry and Catch; an expression's error is recorded first. Throws what is no failure. */
export function failureOf(thrown: unknown, visit: Visit, frame: Frame): StateFailure {
  if (thrown instanceof StateFailure) return thrown;
  if (!(thrown instanceof EvaluationError)) throw thrown;
  const { message: cause, location } = thrown;
  frame.record({
    type: 'EvaluationFailed',
    evaluationFailedEventDetails: {
      error: QUERY_EVALUATION_ERROR,
      cause,
      ...(location !== undefined && { location }),
      state: visit.name,
    },
  });
  return runtimeFailure(QUERY_EVALUATION_ERROR, cause, visit);
}

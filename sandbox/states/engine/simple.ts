import type { ChoiceState, FailState, PassState, SucceedState, WaitState } from '../definition/model.ts';
import { evaluateAs } from '../expressions/template.ts';
import { EvaluationError, StateFailure } from '../failure.ts';
import { isTimestamp } from '../timestamp.ts';
import { runtimeFailure } from './failing.ts';
import type { Frame, Visit } from './frame.ts';
import { outcome, type Outcome } from './leave.ts';

/** Hands on its input, or what Output makes of it. */
export function pass(state: PassState | SucceedState, visit: Visit, frame: Frame): Promise<Outcome> {
  return outcome(state, state.next, visit.input, {}, visit, frame);
}

/** Takes the first rule whose Condition holds; a rule's own Output and Assign count, not the state's. */
export async function choice(state: ChoiceState, visit: Visit, frame: Frame): Promise<Outcome> {
  for (const rule of state.choices) {
    if (await evaluateAs(rule.condition, frame.scope(visit), 'boolean')) {
      return outcome(rule, rule.next, visit.input, {}, visit, frame);
    }
  }
  if (state.default !== undefined) return outcome(state, state.default, visit.input, {}, visit, frame);
  const cause = 'Failed to transition out of the state. The state does not point to a next state.';
  throw runtimeFailure('States.Runtime', cause, visit);
}

async function waitMilliseconds({ seconds, timestamp }: WaitState, visit: Visit, frame: Frame): Promise<number> {
  const scope = frame.scope(visit);
  if (seconds !== undefined) {
    const value = await evaluateAs(seconds, scope, 'number');
    if (Number.isInteger(value) && value >= 0) return value * 1000;
    throw new EvaluationError(
      `The value specified for the field 'Seconds' must be a non-negative integer, but was: ${value}`,
      'Seconds',
    );
  }
  const text = timestamp === undefined ? '' : await evaluateAs(timestamp, scope, 'string');
  if (isTimestamp(text)) return Date.parse(text) - frame.platform.world.clock.now();
  throw new EvaluationError(
    `The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: ${text}`,
    'Timestamp',
  );
}

export async function wait(state: WaitState, visit: Visit, frame: Frame): Promise<Outcome> {
  const milliseconds = await waitMilliseconds(state, visit, frame);
  await frame.platform.world.clock.sleep(Math.max(0, milliseconds), frame.signal);
  return outcome(state, state.next, visit.input, {}, visit, frame);
}

/** Ends the flow with the Error and Cause that the definition names, either of which may be missing. */
export async function fail({ error, cause }: FailState, visit: Visit, frame: Frame): Promise<never> {
  const scope = frame.scope(visit);
  throw new StateFailure(
    error && (await evaluateAs(error, scope, 'string')),
    cause && (await evaluateAs(cause, scope, 'string')),
  );
}

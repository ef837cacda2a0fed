import type { TaskState } from '../definition/model.ts';
import { evaluateAs, type Template } from '../expressions/template.ts';
import { EvaluationError, StateFailure } from '../failure.ts';
import { exceedsPayload, type Json } from '../json.ts';
import { Attempt } from '../tasks/attempt.ts';
import { integrate } from '../tasks/integrations.ts';
import type { TaskToken } from '../tasks/tokens.ts';
import { childResult } from './child.ts';
import { payload, type Payload } from './execution.ts';
import type { Frame, Visit } from './frame.ts';
import { dataLimitExceeded, outcome, type Outcome } from './leave.ts';
import { eventsOf, submitFailed, submitted } from './task-events.ts';

async function seconds(template: Template | undefined, visit: Visit, frame: Frame): Promise<number | undefined> {
  if (template === undefined) return undefined;
  const value = await evaluateAs(template, frame.scope(visit), 'number');
  if (Number.isInteger(value) && value > 0) return value;
  throw new EvaluationError(
    `The value specified for the field '${template.location}' must be a positive integer, but was: ${value}`,
    template.location,
  );
}

/** What one attempt works with. */
interface Job {
  readonly state: TaskState;
  readonly value: Json;
  readonly token: TaskToken | undefined;
  readonly timeout: number | undefined;
  readonly heartbeat: number | undefined;
}

async function prepare(state: TaskState, visit: Visit, frame: Frame): Promise<Job> {
  const token = state.resource.pattern === 'token' ? frame.platform.tokens.create() : undefined;
  visit.token = token?.token;
  const value = state.arguments === undefined ? visit.input.value : await state.arguments.evaluate(frame.scope(visit));
  const timeout = await seconds(state.timeoutSeconds, visit, frame);
  return { state, value, token, timeout, heartbeat: await seconds(state.heartbeatSeconds, visit, frame) };
}

async function submit({ state: { resource }, value }: Job, attempt: Attempt, frame: Frame): Promise<Json> {
  const { execution, platform } = frame;
  return attempt.race(integrate({ execution, world: platform.world }, resource, value));
}

/** The call itself, and the wait for what it began. */
async function perform(job: Job, attempt: Attempt, frame: Frame): Promise<Json> {
  const { state, token } = job;
  const answer = await submit(job, attempt, frame);
  if (state.resource.pattern === 'request-response') return answer;
  frame.record(submitted(state.resource, JSON.stringify(answer)));
  if (token === undefined) return childResult(state.resource, answer, attempt, frame);
  token.heartbeat = () => attempt.limit('heartbeat', job.heartbeat);
  token.heartbeat();
  return frame.platform.world.clock.outside(attempt.race(token.result));
}

function recordFailure({ state: { resource } }: Job, begunAt: number, failure: StateFailure, frame: Frame): void {
  const events = eventsOf(resource);
  const submitting = resource.pattern !== 'request-response' && frame.previous === begunAt;
  if (failure.error === 'States.Timeout') frame.record(events.timedOut(failure));
  else frame.record(submitting ? submitFailed(resource, failure) : events.failed(failure));
}

async function attempted(job: Job, frame: Frame): Promise<Payload> {
  const { state, value, token, timeout, heartbeat } = job;
  const { clock, region } = frame.platform.world;
  const events = eventsOf(state.resource);
  const limits = {
    ...(timeout !== undefined && { timeoutInSeconds: timeout }),
    ...(heartbeat !== undefined && { heartbeatInSeconds: heartbeat }),
  };
  frame.record(events.scheduled(JSON.stringify(value), limits, region));
  const begunAt = frame.record(events.started());
  const attempt = new Attempt(clock, frame.signal);
  try {
    attempt.limit('timeout', timeout);
    const result = payload(await perform(job, attempt, frame));
    if (exceedsPayload(result.text)) throw dataLimitExceeded(state.resource.resourceType);
    return result;
  } catch (error) {
    if (error instanceof StateFailure) recordFailure(job, begunAt, error, frame);
    throw error;
  } finally {
    attempt.end();
    if (token !== undefined) frame.platform.tokens.discard(token.token);
  }
}

/** One attempt at a Task: its call, by the role of the machine, and Output from what came back. */
export async function task(state: TaskState, visit: Visit, frame: Frame): Promise<Outcome> {
  const result = await attempted(await prepare(state, visit, frame), frame);
  frame.record(eventsOf(state.resource).succeeded(result.text));
  return outcome(state, state.next, result, { result: result.value }, visit, frame);
}

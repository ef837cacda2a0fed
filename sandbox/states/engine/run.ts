import type { Flow, State } from '../definition/model.ts';
import { StateFailure } from '../failure.ts';
import type { Json } from '../json.ts';
import { payload, type Execution, type Payload } from './execution.ts';
import { failureOf } from './failing.ts';
import { Frame, type Visit } from './frame.ts';
import { leave, type Outcome } from './leave.ts';
import { map } from './map.ts';
import { parallel } from './parallel.ts';
import type { Platform } from './platform.ts';
import { recovering } from './recover.ts';
import { choice, fail, pass, wait } from './simple.ts';
import { task } from './task.ts';

function visited(state: State, visit: Visit, frame: Frame): Promise<Outcome> {
  switch (state.type) {
    case 'Pass':
    case 'Succeed':
      return pass(state, visit, frame);
    case 'Choice':
      return choice(state, visit, frame);
    case 'Wait':
      return wait(state, visit, frame);
    case 'Fail':
      return fail(state, visit, frame);
    case 'Task':
      return recovering(state, visit, frame, () => task(state, visit, frame));
    case 'Parallel':
      return recovering(state, visit, frame, () => parallel(state, visit, frame, runFlow));
    case 'Map':
      return recovering(state, visit, frame, () => map(state, visit, frame, runFlow));
  }
}

/** Runs a flow from its first state to its end and returns its output. Throws StateFailure, or Aborted when ended from outside. */
async function runFlow(flow: Flow, input: Payload, frame: Frame): Promise<Json> {
  let [name, data]: readonly [string | undefined, Payload] = [flow.startAt, input];
  while (name !== undefined) {
    const state: State | undefined = flow.states.get(name);
    if (state === undefined) throw new Error(`the definition names the state ${name} and does not have it`);
    const visit = frame.enter(state, data);
    try {
      const left: Outcome = await visited(state, visit, frame);
      leave(visit, left, frame);
      [name, data] = [left.next, left.output];
    } catch (thrown) {
      throw failureOf(thrown, visit, frame);
    }
  }
  return data.value;
}

/** Runs an execution to its end, which it also is when it is stopped meanwhile. */
export async function runExecution(execution: Execution, platform: Platform): Promise<void> {
  const { clock } = platform.world;
  const { input, machine, startDate } = execution.start;
  const { timeoutSeconds } = machine.definition;
  const cancel =
    timeoutSeconds === undefined
      ? () => undefined
      : clock.schedule(startDate.getTime() + timeoutSeconds * 1000, () => execution.timeOut(clock.date()));
  const frame = new Frame({ platform, execution, signal: execution.signal, item: undefined }, new Map(), 0);
  try {
    const output = await runFlow(
      machine.definition,
      { value: JSON.parse(input) as Json, text: payload(JSON.parse(input) as Json).text },
      frame,
    );
    execution.succeed(JSON.stringify(output), frame.previous, clock.date());
  } catch (thrown) {
    if (execution.end !== undefined) return;
    if (!(thrown instanceof StateFailure)) throw thrown;
    execution.fail(thrown, frame.previous, clock.date());
  } finally {
    cancel();
  }
}

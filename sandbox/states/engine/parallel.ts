import type { Flow, ParallelState } from '../definition/model.ts';
import { runBranches } from './branches.ts';
import { payload, type Payload } from './execution.ts';
import { failureOf } from './failing.ts';
import type { Frame, Visit } from './frame.ts';
import { outcome, type Outcome } from './leave.ts';
import type { Json } from '../json.ts';

/** Runs a flow to its end. */
export type RunFlow = (flow: Flow, input: Payload, frame: Frame) => Promise<Json>;

async function results(state: ParallelState, visit: Visit, frame: Frame, run: RunFlow): Promise<readonly Json[]> {
  const input =
    state.arguments === undefined ? visit.input : payload(await state.arguments.evaluate(frame.scope(visit)));
  frame.record({ type: 'ParallelStateStarted' });
  const { branches } = state;
  return runBranches(frame, {
    count: branches.length,
    concurrency: branches.length,
    run: async (index, branch) => run(branches[index] as Flow, input, branch),
  });
}

/** Runs all branches on the same input; the result holds their outputs in the order of the branches. */
export async function parallel(state: ParallelState, visit: Visit, frame: Frame, run: RunFlow): Promise<Outcome> {
  let result: readonly Json[];
  try {
    result = await results(state, visit, frame, run);
  } catch (thrown) {
    const failure = failureOf(thrown, visit, frame);
    frame.record({ type: 'ParallelStateFailed' });
    throw failure;
  }
  frame.record({ type: 'ParallelStateSucceeded' });
  return outcome(state, state.next, payload(result), { result }, visit, frame);
}

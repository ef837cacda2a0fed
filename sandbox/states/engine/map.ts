import type { MapState } from '../definition/model.ts';
import type { Template } from '../expressions/template.ts';
import { evaluateAs } from '../expressions/template.ts';
import { EvaluationError } from '../failure.ts';
import type { Json } from '../json.ts';
import { runBranches } from './branches.ts';
import { distributed } from './distributed.ts';
import { payload, type Payload } from './execution.ts';
import { failureOf } from './failing.ts';
import type { Frame, Visit } from './frame.ts';
import { outcome, type Outcome } from './leave.ts';
import type { RunFlow } from './parallel.ts';

const INLINE_CONCURRENCY = 40;

async function itemsOf({ items }: MapState, visit: Visit, frame: Frame): Promise<readonly Json[]> {
  if (items !== undefined) return evaluateAs(items, frame.scope(visit), 'array');
  const { value, text } = visit.input;
  if (Array.isArray(value)) return value as readonly Json[];
  throw new EvaluationError(`Map state input must be an array but was: ${text}`);
}

async function numberOf(template: Template | undefined, visit: Visit, frame: Frame): Promise<number> {
  return template === undefined ? 0 : evaluateAs(template, frame.scope(visit), 'number');
}

async function select(state: MapState, index: number, value: Json, visit: Visit, frame: Frame): Promise<Payload> {
  const scope = frame.scope(visit, {}, { index, value });
  return payload(state.itemSelector === undefined ? value : await state.itemSelector.evaluate(scope));
}

async function inline(state: MapState, visit: Visit, frame: Frame, run: RunFlow): Promise<readonly Json[]> {
  const items = await itemsOf(state, visit, frame);
  const concurrency = await numberOf(state.maxConcurrency, visit, frame);
  // An inline Map evaluates its tolerance and tolerates nothing, as on AWS.
  await numberOf(state.toleratedFailureCount, visit, frame);
  await numberOf(state.toleratedFailurePercentage, visit, frame);
  frame.record({ type: 'MapStateStarted', mapStateStartedEventDetails: { length: items.length } });
  const { name } = state;
  return runBranches(frame, {
    count: items.length,
    concurrency: concurrency === 0 ? INLINE_CONCURRENCY : Math.min(concurrency, INLINE_CONCURRENCY),
    item: (index) => ({ index, value: items[index] ?? null }),
    begun: (index, branch) =>
      branch.record({ type: 'MapIterationStarted', mapIterationStartedEventDetails: { name, index } }),
    run: async (index, branch) =>
      run(state.processor, await select(state, index, items[index] ?? null, visit, frame), branch),
    succeeded: (index, branch) =>
      branch.record({ type: 'MapIterationSucceeded', mapIterationSucceededEventDetails: { name, index } }),
    ended: (index, parent, how) =>
      parent.record(
        how === 'Failed'
          ? { type: 'MapIterationFailed', mapIterationFailedEventDetails: { name, index } }
          : { type: 'MapIterationAborted', mapIterationAbortedEventDetails: { name, index } },
      ),
  });
}

/** Runs the processor once for each item, in this execution or in children of it; the result holds the outputs in order. */
export async function map(state: MapState, visit: Visit, frame: Frame, run: RunFlow): Promise<Outcome> {
  let result: Json;
  try {
    result =
      state.distributed === undefined
        ? await inline(state, visit, frame, run)
        : await distributed(state, state.distributed, visit, frame);
  } catch (thrown) {
    const failure = failureOf(thrown, visit, frame);
    frame.record({ type: 'MapStateFailed' });
    throw failure;
  }
  frame.record({ type: 'MapStateSucceeded' });
  return outcome(state, state.next, payload(result), { result }, visit, frame);
}

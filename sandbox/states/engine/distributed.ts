import type { ItemBatcher, MapState } from '../definition/model.ts';
import { evaluateAs, type Template } from '../expressions/template.ts';
import { StateFailure } from '../failure.ts';
import type { Json } from '../json.ts';
import { serviceFailure } from '../tasks/errors.ts';
import type { Frame, Visit } from './frame.ts';
import { sourceItems } from './item-source.ts';
import { runChildren } from './map-children.ts';
import type { MapRun } from './map-run.ts';
import { writeResults } from './result-writer.ts';

type Distributed = NonNullable<MapState['distributed']>;

const DEFAULT_CONCURRENCY = 10_000;
const BATCH_BYTES = 262_144;

async function numberOf(template: Template | undefined, visit: Visit, frame: Frame): Promise<number | undefined> {
  return template && (await evaluateAs(template, frame.scope(visit), 'number'));
}

/** The items as the children get them, by ItemSelector. */
async function select(
  { itemSelector }: MapState,
  items: readonly Json[],
  visit: Visit,
  frame: Frame,
): Promise<readonly Json[]> {
  if (itemSelector === undefined) return items;
  const selected: Json[] = [];
  for (const [index, value] of items.entries())
    selected.push(await itemSelector.evaluate(frame.scope(visit, {}, { index, value })));
  return selected;
}

/** Input of a child, and how many items it stands for. */
interface Batch {
  readonly input: Json;
  readonly size: number;
}

async function batches(
  batcher: ItemBatcher | undefined,
  items: readonly Json[],
  visit: Visit,
  frame: Frame,
): Promise<readonly Batch[]> {
  if (batcher === undefined) return items.map((input) => ({ input, size: 1 }));
  const most = (await numberOf(batcher.maxItemsPerBatch, visit, frame)) ?? Number.POSITIVE_INFINITY;
  const bytes = (await numberOf(batcher.maxInputBytesPerBatch, visit, frame)) ?? BATCH_BYTES;
  const BatchInput = batcher.batchInput && (await batcher.batchInput.evaluate(frame.scope(visit)));
  const wrap = (Items: readonly Json[]): Json => ({ ...(BatchInput !== undefined && { BatchInput }), Items });
  const made: Batch[] = [];
  let batch: Json[] = [];
  for (const item of items) {
    const full =
      batch.length > 0 && (batch.length >= most || Buffer.byteLength(JSON.stringify(wrap([...batch, item]))) > bytes);
    if (full) made.push({ input: wrap(batch), size: batch.length });
    batch = full ? [item] : [...batch, item];
  }
  return batch.length === 0 ? made : [...made, { input: wrap(batch), size: batch.length }];
}

/** The role of a machine with a Distributed Map must be allowed to start the machine itself. */
async function authorize(frame: Frame): Promise<void> {
  const { world } = frame.platform;
  const { caller, arn: executionArn, machine } = frame.execution.start;
  try {
    await world.dispatcher.call(caller, 'states', 'StartMapRun', { stateMachineArn: machine.arn }, { executionArn });
  } catch (error) {
    const resource = {
      arn: '',
      kind: 'optimized',
      pattern: 'request-response',
      service: 'states',
      operation: 'StartExecution',
      resourceType: 'states',
      resource: 'startExecution',
      prefix: 'StepFunctions',
    } as const;
    throw await serviceFailure(error, resource, world);
  }
}

async function begin(
  state: MapState,
  { label }: Distributed,
  sizes: readonly number[],
  visit: Visit,
  frame: Frame,
): Promise<MapRun> {
  const { world } = frame.platform;
  const { machine } = frame.execution.start;
  const concurrency = (await numberOf(state.maxConcurrency, visit, frame)) ?? 0;
  const count = await numberOf(state.toleratedFailureCount, visit, frame);
  const percentage = await numberOf(state.toleratedFailurePercentage, visit, frame);
  const run: MapRun = {
    arn: `arn:aws:states:${world.region}:${world.account}:mapRun:${machine.name}/${label}:${world.random.uuid()}`,
    label,
    parent: frame.execution,
    processor: state.processor,
    startDate: world.clock.date(),
    maxConcurrency: concurrency === 0 ? DEFAULT_CONCURRENCY : concurrency,
    // One tolerance alone leaves the other out of account.
    toleratedFailureCount: count ?? (percentage === undefined ? 0 : Number.POSITIVE_INFINITY),
    toleratedFailurePercentage: percentage ?? (count === undefined ? 0 : 100),
    sizes,
    children: [],
    status: 'RUNNING',
    stopDate: undefined,
    resultsWritten: 0,
  };
  frame.platform.addMapRun(run);
  return run;
}

/** Runs the children; closes the Map Run however they end. */
async function finish(run: MapRun, made: readonly Batch[], frame: Frame): Promise<void> {
  const { clock } = frame.platform.world;
  try {
    await runChildren(
      run,
      made.map(({ input }) => JSON.stringify(input)),
      frame,
    );
    run.status = 'SUCCEEDED';
  } catch (error) {
    run.status = error instanceof StateFailure ? 'FAILED' : 'ABORTED';
    throw error;
  } finally {
    run.stopDate = clock.date();
  }
}

/** A Distributed Map: each item, or batch of items, is an execution of its own. Source: Developer Guide, "Map state in Distributed mode". */
export async function distributed(state: MapState, options: Distributed, visit: Visit, frame: Frame): Promise<Json> {
  const items = await select(state, await sourceItems(state, options.reader, visit, frame), visit, frame);
  const made = await batches(options.batcher, items, visit, frame);
  await authorize(frame);
  frame.record({ type: 'MapStateStarted', mapStateStartedEventDetails: { length: items.length } });
  const run = await begin(
    state,
    options,
    made.map(({ size }) => size),
    visit,
    frame,
  );
  frame.record({ type: 'MapRunStarted', mapRunStartedEventDetails: { mapRunArn: run.arn } });
  try {
    await finish(run, made, frame);
  } catch (error) {
    if (!(error instanceof StateFailure)) throw error;
    frame.record({ type: 'MapRunFailed', mapRunFailedEventDetails: { error: error.error, cause: error.cause } });
    throw error;
  }
  const result =
    options.writer === undefined
      ? outputs(run)
      : await writeResults(run, await options.writer.evaluate(frame.scope(visit)), frame);
  frame.record({ type: 'MapRunSucceeded' });
  return result;
}

/** What the children that succeeded gave, in the order of the items. */
function outputs({ children }: MapRun): Json {
  return children.flatMap(({ end }) => (end?.output === undefined ? [] : [JSON.parse(end.output) as Json]));
}

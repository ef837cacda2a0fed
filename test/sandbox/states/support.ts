import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { ServiceId } from '../../../sandbox/core/service.ts';
import type { Fault } from '../../../sandbox/faults/fault-plan.ts';
import type { Execution } from '../../../sandbox/states/engine/execution.ts';
import { createStates, type States } from '../../../sandbox/states/index.ts';
import { operator, testWorld, type TestWorld } from '../support/world.ts';

export const ROLE = 'arn:aws:iam::123456789012:role/path/runbook';
export const MACHINE = 'arn:aws:states:eu-central-1:123456789012:stateMachine';

export type Flow = Readonly<Record<string, object>>;

/** Step Functions in a test's world, with services that answer as the test says. */
export interface Bench {
  readonly world: TestWorld;
  readonly states: States;
  readonly call: <T = Record<string, unknown>>(operation: string, input: object) => Promise<T>;
  /** Registers a service whose operations are the given functions; whoever may call them may. */
  readonly serve: (id: ServiceId, operations: Readonly<Record<string, (input: never) => unknown>>) => void;
  readonly create: (name: string, definition: object, more?: object) => Promise<string>;
  readonly start: (stateMachineArn: string, input?: unknown, more?: object) => Promise<Execution>;
  /** Creates a machine of these states, runs it to its end and gives the execution. */
  readonly run: (states: Flow, input?: unknown, more?: object) => Promise<Execution>;
  readonly finish: (execution: Execution) => Promise<Execution>;
}

export function bench({
  seed = 1,
  faults = [],
}: { readonly seed?: number; readonly faults?: readonly Fault[] } = {}): Bench {
  const world = testWorld({ seed, faults });
  const states = createStates(world);
  world.dispatcher.register(states.service);
  const call = async <T>(operation: string, input: object) =>
    (await world.dispatcher.call(operator, 'states', operation, input)) as T;
  let machines = 0;
  const self: Bench = {
    world,
    states,
    call,
    serve(id, operations) {
      const table = Object.fromEntries(
        Object.entries(operations).map(([name, handle]) => [name, { permissions: () => [], handle }]),
      );
      world.dispatcher.register({ id, operations: table });
    },
    async create(name, definition, more = {}) {
      const input = { name, definition: JSON.stringify(definition), roleArn: ROLE, ...more };
      return (await call<{ stateMachineArn: string }>('CreateStateMachine', input)).stateMachineArn;
    },
    async start(stateMachineArn, input = {}, more = {}) {
      const started = await call<{ executionArn: string }>('StartExecution', {
        stateMachineArn,
        input: JSON.stringify(input),
        ...more,
      });
      const execution = states.execution(started.executionArn);
      if (execution === undefined) throw new Error('the execution was not recorded');
      return execution;
    },
    async run(flow, input, more = {}) {
      return self.finish(await self.start(await self.create(`machine-${++machines}`, machine(flow, more)), input));
    },
    async finish(execution) {
      if (!(await world.clock.runUntil(() => execution.end !== undefined))) throw new Error('the execution never ends');
      return execution;
    },
  };
  return self;
}

/** A JSONata definition that starts at the first of its states. */
export function machine(states: Flow, more: object = {}): object {
  return { QueryLanguage: 'JSONata', StartAt: Object.keys(states)[0], States: states, ...more };
}

export const end = { End: true };

export const output = ({ end: ended }: Execution): unknown =>
  ended?.output === undefined ? ended : (JSON.parse(ended.output) as unknown);

export const types = ({ history }: Execution): (string | undefined)[] => history.events.map(({ type }) => type);

export const find = ({ history }: Execution, type: string): HistoryEvent[] =>
  history.events.filter((event) => event.type === type);

/** Seconds of virtual time that an execution took. */
export const seconds = ({ start, stopDate }: Execution): number =>
  ((stopDate?.getTime() ?? Number.NaN) - start.startDate.getTime()) / 1000;

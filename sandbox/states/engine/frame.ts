import type { State, StateType } from '../definition/model.ts';
import type { Scope } from '../expressions/scope.ts';
import { Aborted } from '../failure.ts';
import type { Json, JsonObject } from '../json.ts';
import type { Execution, Payload } from './execution.ts';
import type { NewEvent } from './history.ts';
import type { Platform } from './platform.ts';

/** One stay in a state, over all its attempts. */
export interface Visit {
  readonly name: string;
  readonly type: StateType;
  readonly input: Payload;
  readonly enteredTime: string;
  readonly eventId: number;
  retryCount: number;
  token: string | undefined;
}

export interface MapItem {
  readonly index: number;
  readonly value: Json;
}

/** Beside the input, what `$states` holds at one point of a state. */
export interface Extras {
  readonly result?: Json;
  readonly errorOutput?: Json;
}

const RECOVERABLE = new Set<StateType>(['Task', 'Parallel', 'Map']);

/** One line of states being run: the machine's own, a branch, an iteration. Has variables and an end of its own. */
export class Frame {
  readonly platform: Platform;
  readonly execution: Execution;
  readonly signal: AbortSignal;
  readonly variables: Map<string, Json>;
  readonly item: MapItem | undefined;
  /** Id of the last event of this line. */
  previous: number;
  /** The state that the line is in. */
  current: StateType | undefined;

  constructor(
    parent: Pick<Frame, 'platform' | 'execution' | 'signal' | 'item'>,
    variables: ReadonlyMap<string, Json>,
    previous: number,
  ) {
    this.platform = parent.platform;
    this.execution = parent.execution;
    this.signal = parent.signal;
    this.item = parent.item;
    this.variables = new Map(variables);
    this.previous = previous;
  }

  /** A line within this one, ended by a signal of its own. */
  child(signal: AbortSignal, previous: number, item: MapItem | undefined = this.item): Frame {
    return new Frame({ platform: this.platform, execution: this.execution, signal, item }, this.variables, previous);
  }

  /** Adds an event behind the last of this line. Throws Aborted once the line has been ended. */
  record(event: NewEvent): number {
    if (this.signal.aborted) throw new Aborted('the branch has ended');
    this.previous = this.execution.history.add(event, this.previous, this.platform.world.clock.date());
    return this.previous;
  }

  enter(state: State, input: Payload): Visit {
    const { name, type } = state;
    const stateEnteredEventDetails = { name, input: input.text, inputDetails: { truncated: false } };
    const eventId = this.record({ type: `${type}StateEntered`, stateEnteredEventDetails });
    this.execution.transitions++;
    this.current = type;
    return {
      name,
      type,
      input,
      enteredTime: this.platform.world.clock.date().toISOString(),
      eventId,
      retryCount: 0,
      token: undefined,
    };
  }

  /** What the expressions of a state see. */
  scope(visit: Visit, extras: Extras = {}, item: MapItem | undefined = this.item): Scope {
    const { world } = this.platform;
    return {
      states: { input: visit.input.value, ...extras, context: this.#context(visit, item) },
      variables: this.variables,
      now: world.clock.date(),
      random: world.random,
    };
  }

  #context({ name, type, enteredTime, retryCount, token }: Visit, item: MapItem | undefined): JsonObject {
    const { arn, name: machineName } = this.execution.start.machine;
    return {
      Execution: this.execution.context,
      StateMachine: { Id: arn, Name: machineName },
      State: { Name: name, EnteredTime: enteredTime, ...(RECOVERABLE.has(type) && { RetryCount: retryCount }) },
      ...(token !== undefined && { Task: { Token: token } }),
      ...(item !== undefined && { Map: { Item: { Index: item.index, Value: item.value } } }),
    };
  }
}

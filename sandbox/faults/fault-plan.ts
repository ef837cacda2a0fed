import type { Random } from '../core/random.ts';
import type { ServiceId } from '../core/service.ts';
import { type Envelope, type EventFault, matches, reaches } from './event-faults.ts';
import { checkFaults } from './schema.ts';

/** What goes wrong with a call. `lose-answer`: it takes effect and the connection drops. `stop-execution`: StopExecution right before it. */
export type FaultAction =
  | { readonly kind: 'throttle' }
  | { readonly kind: 'server-error' }
  | { readonly kind: 'deny' }
  | { readonly kind: 'lose-answer' }
  | { readonly kind: 'delay'; readonly seconds: number }
  | { readonly kind: 'stop-execution' };

/** Strikes the Nth call (from 1) of an operation that a role makes; calls of the operator are never struck. */
export interface Fault {
  readonly service: ServiceId;
  readonly operation: string;
  readonly nth: number;
  /** How many calls in a row from `nth` on; 1 unless told. */
  readonly times?: number;
  readonly action: FaultAction;
}

/** What a plan declares: a fault of a call, or of the delivery of an event. */
export type AnyFault = Fault | EventFault;

const ofEvents = (fault: AnyFault): fault is EventFault => 'event' in fault;
const ofCalls = (fault: AnyFault): fault is Fault => !ofEvents(fault);

/** A declared plan of what goes wrong when; counts calls and events as they come by. Throws an Error at a plan without sense. */
export class FaultPlan {
  #calls: readonly Fault[] = [];
  #events: readonly EventFault[] = [];
  readonly #counts = new Map<string | EventFault, number>();
  #struck: AnyFault[] = [];

  constructor(faults: readonly AnyFault[] = []) {
    this.arm(faults);
  }

  /** Begins again with other faults: calls and events are counted from here. */
  arm(faults: readonly AnyFault[]): void {
    checkFaults(faults);
    this.#calls = faults.filter(ofCalls);
    this.#events = faults.filter(ofEvents);
    this.#struck = [];
    this.#counts.clear();
  }

  /** Faults that came to pass, so that a test can insist that its fault was not idle. */
  get struck(): readonly AnyFault[] {
    return this.#struck;
  }

  /** Counts one call and returns the action that strikes it, if any. */
  next(service: ServiceId, operation: string): FaultAction | undefined {
    const count = this.#count(`${service}:${operation}`);
    const fault = this.#calls.find(
      ({ nth, times = 1, ...at }) =>
        at.service === service && at.operation === operation && count >= nth && count < nth + times,
    );
    if (fault !== undefined) this.#struck.push(fault);
    return fault?.action;
  }

  /**
   * Counts one event with each fault that it matches and returns the first that strikes it, if any. `mayStrike` says
   * whether a fault is free to; `random` is drawn from for faults with a probability alone.
   */
  nextEvent(event: Envelope, random: Random, mayStrike: (fault: EventFault) => boolean): EventFault | undefined {
    const reached = this.#events.filter((fault) => matches(fault, event) && reaches(fault, this.#count(fault)));
    const fault = reached.find(
      (each) => mayStrike(each) && (each.probability === undefined || random.next() < each.probability),
    );
    if (fault !== undefined) this.#struck.push(fault);
    return fault;
  }

  #count(what: string | EventFault): number {
    const count = (this.#counts.get(what) ?? 0) + 1;
    this.#counts.set(what, count);
    return count;
  }
}

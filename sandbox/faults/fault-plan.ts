import type { ServiceId } from '../core/service.ts';

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

/** A declared plan of what goes wrong when; counts calls as they come by. */
export class FaultPlan {
  #faults: readonly Fault[];
  readonly #counts = new Map<string, number>();
  #struck: Fault[] = [];

  constructor(faults: readonly Fault[] = []) {
    this.#faults = faults;
  }

  /** Begins again with other faults: calls are counted from here. */
  arm(faults: readonly Fault[]): void {
    this.#faults = faults;
    this.#struck = [];
    this.#counts.clear();
  }

  /** Faults that came to pass, so that a test can insist that its fault was not idle. */
  get struck(): readonly Fault[] {
    return this.#struck;
  }

  /** Counts one call and returns the action that strikes it, if any. */
  next(service: ServiceId, operation: string): FaultAction | undefined {
    const key = `${service}:${operation}`;
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    const fault = this.#faults.find(
      ({ nth, times = 1, ...at }) =>
        at.service === service && at.operation === operation && count >= nth && count < nth + times,
    );
    if (fault !== undefined) this.#struck.push(fault);
    return fault?.action;
  }
}

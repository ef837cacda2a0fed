import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { StateFailure } from '../failure.ts';

/** Events in the history of one execution, the last included. Source: Developer Guide, "Service quotas". */
const EVENT_LIMIT = 25_000;

export type NewEvent = Omit<HistoryEvent, 'id' | 'previousEventId' | 'timestamp'>;

/** The events of one execution, numbered from 1. */
export class History {
  readonly events: HistoryEvent[] = [];
  readonly #listen: (event: HistoryEvent) => void;

  constructor(listen: (event: HistoryEvent) => void) {
    this.#listen = listen;
  }

  /** Adds an event and returns its id. Throws States.Runtime where only the end of the execution still fits. */
  add(event: NewEvent, previousEventId: number, timestamp: Date): number {
    if (this.events.length >= EVENT_LIMIT - 1) {
      throw new StateFailure(
        'States.Runtime',
        `The execution reached the maximum number of history events (${EVENT_LIMIT}).`,
      );
    }
    return this.#add(event, previousEventId, timestamp);
  }

  /** Adds the event that ends the execution. */
  close(event: NewEvent, previousEventId: number, timestamp: Date): void {
    this.#add(event, previousEventId, timestamp);
  }

  #add(event: NewEvent, previousEventId: number, timestamp: Date): number {
    const id = this.events.length + 1;
    const added: HistoryEvent = { timestamp, ...event, id, previousEventId };
    this.events.push(added);
    this.#listen(added);
    return id;
  }
}

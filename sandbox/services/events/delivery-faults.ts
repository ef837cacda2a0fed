import type { World } from '../../core/world.ts';
import { type EventFault, matches } from '../../faults/event-faults.ts';
import type { FaultPlan } from '../../faults/fault-plan.ts';
import type { Event } from './event.ts';

/** Hands an event to its targets once; calls `ended` when each of them has it, or never will. */
type Send = (ended: () => void) => void;

const LONGEST_HOLD = 60;
const nothing = (): void => undefined;

/** Stands between the bus and the deliveries, and does to events what the fault plan says: at least once, in any order. */
export class FaultyDelivery {
  readonly #world: World;
  readonly #faults: FaultPlan;
  /** What lets go the one event that a `reorder` holds. */
  readonly #held = new Map<EventFault, () => void>();

  constructor(world: World, faults: FaultPlan) {
    this.#world = world;
    this.#faults = faults;
  }

  send(event: Event, send: Send): void {
    const releases = [...this.#held].filter(([fault]) => matches(fault, event)).map(([, release]) => release);
    const ended = (): void => {
      for (const release of releases) release();
    };
    const fault = this.#faults.nextEvent(event, this.#world.random, (each) => !this.#held.has(each));
    if (fault === undefined) send(ended);
    else this.#strike(fault, send, ended);
  }

  #strike(fault: EventFault, send: Send, ended: () => void): void {
    const { action } = fault;
    switch (action.kind) {
      case 'drop':
        return;
      case 'delay':
        this.#after(action.seconds, () => send(ended));
        return;
      case 'reorder':
        this.#hold(fault, action.seconds ?? LONGEST_HOLD, () => send(ended));
        return;
      case 'duplicate':
        send(ended);
        for (let copy = 1; copy < (action.copies ?? 2); copy++)
          this.#after(copy * (action.seconds ?? 1), () => send(nothing));
    }
  }

  #hold(fault: EventFault, seconds: number, send: () => void): void {
    const release = (): void => {
      if (this.#held.get(fault) !== release) return;
      this.#held.delete(fault);
      cancel();
      send();
    };
    const cancel = this.#after(seconds, release);
    this.#held.set(fault, release);
  }

  #after(seconds: number, task: () => void): () => void {
    const { clock } = this.#world;
    return clock.schedule(clock.now() + seconds * 1000, task);
  }
}

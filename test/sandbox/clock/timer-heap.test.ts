import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { TimerHeap, type Timer } from '../../../sandbox/clock/timer-heap.ts';

const timer = (at: number, order: number): Timer => ({ at, order, task: () => undefined, cancelled: false });

function drain(heap: TimerHeap): Timer[] {
  const drained: Timer[] = [];
  for (let next = heap.pop(); next !== undefined; next = heap.pop()) drained.push(next);
  return drained;
}

it('gives timers by time, equal ones as they came, and none that was cancelled', () => {
  const scheduled = fc.array(fc.record({ at: fc.nat(20), cancelled: fc.boolean() }));
  fc.assert(
    fc.property(scheduled, (given) => {
      const heap = new TimerHeap();
      const timers = given.map(({ at }, order) => timer(at, order));
      for (const one of timers) heap.push(one);
      for (const [index, one] of timers.entries()) one.cancelled = given[index]?.cancelled === true;
      const expected = timers.filter(({ cancelled }) => !cancelled).sort((a, b) => a.at - b.at || a.order - b.order);
      expect(drain(heap)).toEqual(expected);
    }),
  );
});

it('keeps its order while timers come and go', () => {
  const step = fc.oneof(fc.nat(50), fc.constant('pop' as const));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const heap = new TimerHeap();
      const model: Timer[] = [];
      for (const [order, at] of steps.entries()) {
        if (at === 'pop') {
          model.sort((a, b) => a.at - b.at || a.order - b.order);
          expect(heap.pop()).toBe(model.shift());
        } else {
          const one = timer(at, order);
          heap.push(one);
          model.push(one);
        }
      }
    }),
  );
});

import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bakeWait } from '../../../../functions/lib/rollout/bake.ts';

it('looks at most 21 times, never later than the end, and at the end', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 172_800 }), (bakeSeconds) => {
      let [elapsed, looks] = [0, 0];
      for (let wait = bakeWait(bakeSeconds, 0); wait !== undefined; wait = bakeWait(bakeSeconds, elapsed)) {
        elapsed += wait;
        looks++;
      }
      expect(elapsed).toBe(bakeSeconds);
      expect(looks).toBeLessThanOrEqual(21);
    }),
  );
});

it('looks every 15 seconds at the most', () => {
  expect(bakeWait(60, 0)).toBe(15);
  expect(bakeWait(60, 50)).toBe(10);
  expect(bakeWait(60, 60)).toBeUndefined();
  expect(bakeWait(86_400, 0)).toBe(4320);
});

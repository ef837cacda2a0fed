import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bakeWait, MOST_WAVES } from '../../../../functions/lib/rollout/bake.ts';

/** Events that a wave takes besides its looks, a window that closes before it included, and those of a look, as counted in a history. */
const [OF_WAVE, OF_LOOK, HISTORY] = [60, 9, 25_000];

it('looks until the end, never later, and so seldom that the history of all waves has room', () => {
  const seconds = fc.integer({ min: 0, max: 172_800 });
  fc.assert(
    fc.property(seconds, fc.integer({ min: 1, max: MOST_WAVES }), (bakeSeconds, waves) => {
      let [elapsed, looks] = [0, 0];
      for (
        let wait = bakeWait(bakeSeconds, 0, waves);
        wait !== undefined;
        wait = bakeWait(bakeSeconds, elapsed, waves)
      ) {
        elapsed += wait;
        looks++;
      }
      expect(elapsed).toBe(bakeSeconds);
      expect(looks).toBeLessThanOrEqual(21);
      expect(waves * (OF_WAVE + OF_LOOK * looks)).toBeLessThan(HISTORY);
    }),
  );
});

it('looks every 15 seconds at the most', () => {
  expect(bakeWait(60, 0, 5)).toBe(15);
  expect(bakeWait(60, 50, 5)).toBe(10);
  expect(bakeWait(60, 60, 5)).toBeUndefined();
  expect(bakeWait(86_400, 0, 5)).toBe(4320);
  expect(bakeWait(300, 0, MOST_WAVES)).toBe(150);
});

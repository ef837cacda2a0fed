import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { inOrder, inWaves, waveSizes } from '../../../../functions/lib/rollout/waves.ts';

const share = fc.oneof(
  fc.integer({ min: 1, max: 2000 }),
  fc.integer({ min: 1, max: 100 }).map((share) => `${share}%`),
);
const policy = (canary: number | string, batch: number | string) => ({
  ...{ canary, batch },
  ...{ concurrency: 10, maxFailures: 0, bakeSeconds: 0 },
});

describe('waveSizes', () => {
  it('begins with the canary and goes on in batches of one size', () => {
    expect(waveSizes(10, policy(1, 4))).toEqual([1, 4, 4, 1]);
    expect(waveSizes(10, policy('20%', '50%'))).toEqual([2, 5, 3]);
    expect(waveSizes(3, policy(5, 5))).toEqual([3]);
    expect(waveSizes(0, policy(1, 1))).toEqual([]);
  });

  it('puts each target into one wave, none of them empty or too large, whatever the policy', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3000 }), share, share, (all, canary, batch) => {
        const sizes = waveSizes(all, policy(canary, batch));
        expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(all);
        for (const size of sizes) expect(size >= 1 && size <= 200).toBe(true);
      }),
    );
  });
});

describe('inOrder and inWaves', () => {
  it('let the smallest group with instances be the canary, and roll those without at the end', () => {
    const groups = [
      { name: 'empty', desiredCapacity: 0 },
      { name: 'large', desiredCapacity: 40 },
      { name: 'small-b', desiredCapacity: 2 },
      { name: 'small-a', desiredCapacity: 2 },
    ];
    const ordered = inOrder(groups);
    expect(ordered.map(({ name }) => name)).toEqual(['small-a', 'small-b', 'large', 'empty']);
    expect(inWaves(ordered, [1, 2, 1]).map(({ wave }) => wave)).toEqual([0, 1, 1, 2]);
  });

  it('come to the same order from whichever one', () => {
    const group = fc.record({ name: fc.string({ minLength: 1 }), desiredCapacity: fc.integer({ min: 0, max: 5 }) });
    const groups = fc.uniqueArray(group, { selector: ({ name }) => name });
    fc.assert(fc.property(groups, (some) => expect(inOrder(some.toReversed())).toEqual(inOrder(some))));
  });
});

import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Random } from '../../../sandbox/core/random.ts';

it('gives the same for the same seed, and something else for another', () => {
  const drawn = (seed: number) => {
    const random = new Random(seed);
    return [random.uuid(), random.hex(17), random.alphanumeric(20), random.below(1000), random.next()];
  };
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      expect(drawn(seed)).toEqual(drawn(seed));
      expect(drawn(seed)).not.toEqual(drawn(seed + 1));
    }),
  );
});

it('stays within its bounds and formats', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 1000 }), (seed, below) => {
      const random = new Random(seed);
      expect(random.next()).toBeLessThan(1);
      expect(random.next()).toBeGreaterThanOrEqual(0);
      const number = random.below(below);
      expect(Number.isInteger(number) && number >= 0 && number < below).toBe(true);
      expect(random.uuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(random.hex(below)).toMatch(new RegExp(`^[0-9a-f]{${below}}$`));
      expect(random.alphanumeric(12)).toMatch(/^[A-Z2-7]{12}$/);
    }),
  );
});

it('spreads evenly enough to choose by', () => {
  const random = new Random(7);
  const draws = Array.from({ length: 10_000 }, () => random.below(10));
  for (let value = 0; value < 10; value++) {
    expect(Math.abs(draws.filter((draw) => draw === value).length - 1000)).toBeLessThan(150);
  }
});

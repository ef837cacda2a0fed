import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { RateControl, rateLimit } from '../../../../sandbox/services/ssm/rate-control.ts';

/** Begins as many as may, ends all of them, and so on: how many there were in each round. */
function rounds(maxConcurrency: string, targets: number): number[] {
  const rate = new RateControl(maxConcurrency, '0', targets);
  const sizes: number[] = [];
  for (let left = targets; left > 0;) {
    let begun = 0;
    for (; rate.free && begun < left; begun++) rate.begin();
    for (let ended = 0; ended < begun; ended++) rate.end();
    sizes.push(begun);
    left -= begun;
  }
  return sizes;
}

describe('a rate control', () => {
  it.each([
    ['50', 200, [1, 2, 4, 8, 16, 32, 50, 50, 37]],
    ['10%', 100, [1, 2, 4, 8, 10, 10, 10, 10, 10, 10, 10, 10, 5]],
    ['1', 3, [1, 1, 1]],
    ['1%', 7, [1, 1, 1, 1, 1, 1, 1]],
    ['100%', 10, [1, 2, 4, 3]],
  ])('of %s for %i targets lets as many begin as %j', (maxConcurrency, targets, expected) => {
    expect(rounds(maxConcurrency, targets)).toEqual(expected);
  });

  it.each([
    ['10%', 50, 5],
    ['10%', 59, 5],
    ['2%', 49, 0],
    ['2%', 10_000, 200],
    ['29%', 100, 29],
    ['7', 3, 7],
  ])('takes %s of %i as %i', (text, targets, expected) => {
    expect(rateLimit(text, targets)).toBe(expected);
  });

  it('has enough with one error more than MaxErrors', () => {
    const rate = new RateControl('10', '10%', 50);
    expect([4, 5, 6].map((errors) => rate.exceededBy(errors))).toEqual([false, false, true]);
  });

  it('never lets more be under way than MaxConcurrency, nor none for ever, whatever ends or is suspended', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.array(fc.constantFrom('end', 'suspend')), (most, steps) => {
        const rate = new RateControl(String(most), '0', 1000);
        let underWay = 0;
        for (const step of steps) {
          for (; rate.free; underWay++) rate.begin();
          expect(underWay).toBeGreaterThan(0);
          expect(underWay).toBeLessThanOrEqual(most);
          rate[step]();
          underWay--;
        }
      }),
    );
  });
});

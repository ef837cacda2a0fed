import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import type { Row } from '../../../../functions/lib/rows.ts';

let now = 0;
jest.unstable_mockModule('node:timers/promises', () => ({
  setTimeout: (milliseconds: number) => {
    now += Math.max(milliseconds, 1);
    return Promise.resolve();
  },
}));
const { waitForEnd, waitSeconds } = await import('../../../../functions/lib/start/wait.ts');

beforeEach(() => {
  now = 0;
});

describe('Prefer', () => {
  it.each<[string | undefined, number | undefined]>([
    [undefined, undefined],
    ['', undefined],
    ['respond-async', undefined],
    ['wait=10', 10],
    ['WAIT = 10', 10],
    ['wait="10"', 10],
    ['wait=0', 0],
    ['wait=26', 25],
    [`wait=${'9'.repeat(400)}`, 25],
    ['respond-async, wait=10', 10],
    ['respond-async,wait=10,handling=lenient', 10],
    ['wait=10; foo="some parameter"', 10],
    ['foo; bar="a, wait=5", wait=10', 10],
    ['foo="a, wait=5"', undefined],
    ['foo="\\", wait=5", wait=10', 10],
    ['wait=10, wait=20', 10],
    ['wait=abc, wait=20', undefined],
    ['wait, wait=20', undefined],
    ['wait', undefined],
    ['wait=', undefined],
    ['wait=-1', undefined],
    ['wait=1.5', undefined],
    ['wait="5', undefined],
    ['waiting=5', undefined],
    ['x-wait=5', undefined],
    ['wait=5 6', undefined],
  ])('%j asks for %p', (prefer, seconds) => expect(waitSeconds(prefer)).toBe(seconds));

  it('is a number within bounds or nothing, whatever it holds', () => {
    const piece = fc.constantFrom('wait', '=', '"', '\\', ',', ';', ' ', '5', '99', 'x');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 200 }), (pieces) => {
        const seconds = waitSeconds(pieces.join('')) ?? 0;
        expect(seconds >= 0 && seconds <= 25).toBe(true);
      }),
    );
  });

  it('takes no time to read, however it is quoted', () => {
    const began = performance.now();
    for (const header of ['"\\'.repeat(5000), '"'.repeat(10_001), `wait=${' '.repeat(10_000)}x`]) waitSeconds(header);
    expect(performance.now() - began).toBeLessThan(2000);
  });
});

describe('the wait', () => {
  const row = (finishedAt: string | undefined): Row => ({ executionArn: 'x', targets: [], warnings: [], finishedAt });

  it('ends in time, after at most a second more than the run, and leaves Lambda time to answer', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 25 }),
        fc.integer({ min: 0, max: 29_000 }),
        fc.integer({ min: 0, max: 40_000 }),
        fc.integer({ min: 0, max: 800 }),
        async (seconds, remaining, finished, latency) => {
          now = 0;
          const look = () => {
            now += latency;
            return Promise.resolve(row(now >= finished ? 'then' : undefined));
          };
          const found = await waitForEnd(seconds, () => remaining - now, look);
          const end = Math.min(seconds * 1000, remaining - 3000);
          expect(now).toBeLessThanOrEqual(Math.max(end, 0) + latency);
          if (found === undefined) expect(now).toBeGreaterThanOrEqual(end);
          else expect(now).toBeLessThanOrEqual(finished + 1000 + latency);
        },
      ),
    );
  });

  it('looks 28 times in 25 s, as docs/decisions/0007 says', async () => {
    const look = jest.fn(() => Promise.resolve(undefined));
    expect(await waitForEnd(25, () => 29_000 - now, look)).toBeUndefined();
    expect(look).toHaveBeenCalledTimes(28);
  });
});

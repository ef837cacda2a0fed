import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { WaitSlots } from '../../../../functions/lib/start/wait-slots.ts';
import { Aws } from '../../api-support.ts';

const slots = (count: number): WaitSlots => new WaitSlots(new DynamoDBClient(), 'locks', count);

afterEach(() => {
  jest.restoreAllMocks();
});

describe('places to wait', () => {
  it('are never held by more than there are, and are there again when given back or run out', async () => {
    const step = fc.record({
      wait: fc.integer({ min: 1, max: 30 }),
      pass: fc.integer({ min: 0, max: 10 }),
      give: fc.boolean(),
      first: fc.nat(),
    });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 4 }), fc.array(step, { maxLength: 40 }), async (count, steps) => {
        new Aws();
        const places = slots(count);
        let held: { attribute: string; until: string }[] = [];
        let now = 1;
        for (const { wait, pass, give, first: begin } of steps) {
          now += pass;
          held = held.filter(({ until }) => Number(until) >= now);
          const slot = await places.take(now, now + wait, begin);
          expect(slot !== undefined).toBe(held.length < count);
          if (slot !== undefined) held.push(slot);
          expect(new Set(held.map(({ attribute }) => attribute)).size).toBe(held.length);
          const [first] = held;
          if (!give || first === undefined) continue;
          await places.give(first);
          held.shift();
        }
      }),
      { numRuns: 60 },
    );
  });

  it('are shared by those who come at once', async () => {
    const aws = new Aws();
    const taken = await Promise.all(Array.from({ length: 8 }, (_, index) => slots(3).take(1, 100 + index, 7 * index)));
    expect(taken.filter((slot) => slot !== undefined)).toHaveLength(3);
    expect(Object.keys(aws.slots)).toHaveLength(3);
  });

  it('stay with who has them by now, when a late one gives back', async () => {
    const aws = new Aws();
    const late = await slots(1).take(1, 5, 0);
    await slots(1).take(6, 20, 1);
    await slots(1).give(late ?? { attribute: '', until: '' });
    expect(aws.slots).toEqual({ slot0: 20 });
  });

  it('are looked for from where one is told to begin', async () => {
    const aws = new Aws();
    for (const first of [5, 5, 0xffffff]) await slots(4).take(1, 100 + first, first);
    expect(aws.slots).toEqual({ slot1: 105, slot2: 105, slot3: 100 + 0xffffff });
    expect(aws.count('UpdateItem')).toBe(3);
  });

  it('cost no call where there are none', async () => {
    const aws = new Aws();
    expect(await slots(0).take(1, 5, 0)).toBeUndefined();
    expect(aws.calls).toEqual([]);
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { boundsOf } from '../../../../sandbox/services/autoscaling/refresh-bounds.ts';
import { nextStep } from '../../../../sandbox/services/autoscaling/refresh-plan.ts';
import { GROUP, groupWorld, MINUTE, sampledUntilEnd } from './support.ts';

/** Percentages as StartInstanceRefresh takes them; the maximum may be left out. */
const percentages = fc
  .record({
    least: fc.integer({ min: 0, max: 100 }),
    most: fc.option(fc.integer({ min: 100, max: 200 }), { nil: undefined }),
  })
  .filter(({ least, most }) => most === undefined || most - least <= 100);

interface Percentages {
  readonly least: number;
  readonly most: number | undefined;
}

/** What a refresh promises: the percentages in instances, and one instance beyond where they leave no room. */
function promised(desired: number, { least, most }: Percentages) {
  const [floor, ceiling] = [Math.floor((desired * least) / 100), Math.ceil((desired * (most ?? 100)) / 100)];
  if (most === undefined) return { floor: Math.min(floor, Math.max(0, desired - 1)), ceiling };
  const noRoom = Math.ceil((desired * least) / 100) >= desired && Math.floor((desired * most) / 100) <= desired;
  return { floor, ceiling: noRoom ? Math.max(ceiling, desired + 1) : ceiling };
}

describe('whatever the size and the percentages', () => {
  it('no step of the plan leaves the bounds, and the refresh comes to its end', () =>
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60 }), percentages, (desired, given) => {
        const { least, most } = given;
        const bounds = boundsOf(desired, { minHealthyPercentage: least, maxHealthyPercentage: most });
        const { floor, ceiling } = promised(desired, given);
        let [old, fresh] = [desired, 0];
        let steps = 0;
        while (old > 0 || fresh < desired) {
          expect(++steps).toBeLessThanOrEqual(2 * desired + 2);
          const total = old + fresh;
          const step = nextStep(
            {
              ...{ desired, total, inService: total, ready: total, current: fresh, goal: desired },
              replaceable: Array.from({ length: old }, () => true),
            },
            bounds,
          );
          old -= step.terminate;
          expect(old + fresh).toBeGreaterThanOrEqual(floor);
          fresh += step.launch + Math.max(0, desired - (old + fresh + step.launch));
          expect(old + fresh).toBeLessThanOrEqual(ceiling);
        }
      }),
      { numRuns: 500 },
    ));

  it('the machines of a group stay within them from the first to the last', () =>
    fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 12 }),
        percentages,
        fc.integer({ min: 0, max: 400 }),
        fc.integer({ min: 1, max: 1000 }),
        async (desired, given, InstanceWarmup, seed) => {
          const on = await groupWorld({ seed });
          await on.group(desired, { MaxSize: 3 * desired });
          await on.start('2', {
            MinHealthyPercentage: given.least,
            MaxHealthyPercentage: given.most,
            InstanceWarmup,
          });
          const samples = await sampledUntilEnd(on, () => on.autoscaling.inService(GROUP));
          const { floor, ceiling } = promised(desired, given);
          expect(Math.min(...samples)).toBeGreaterThanOrEqual(floor);
          expect(Math.max(...samples)).toBeLessThanOrEqual(ceiling);
          expect(on.refreshEvents()).toEqual(['Started', 'Succeeded']);
          await on.clock.runFor(MINUTE);
          expect(on.autoscaling.inService(GROUP)).toBe(desired);
        },
      ),
      { numRuns: 40 },
    ));

  it('a refresh ends, with whatever AMI and whatever the instances do', () =>
    fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 6 }),
        percentages,
        fc.constantFrom('fails-health-checks', 'crashes', 'never-reaches-ssm'),
        fc.integer({ min: 1, max: 3600 }),
        fc.boolean(),
        async (desired, given, defect, afterSeconds, AutoRollback) => {
          const on = await groupWorld();
          on.ec2.setDefect(on.bad, defect, afterSeconds);
          await on.group(desired, { MaxSize: 3 * desired });
          await on.start('3', { MinHealthyPercentage: given.least, MaxHealthyPercentage: given.most, AutoRollback });
          const { Status: status } = await on.ended();
          expect(['Successful', AutoRollback ? 'RollbackSuccessful' : 'Failed']).toContain(status);
        },
      ),
      { numRuns: 30 },
    ));
});

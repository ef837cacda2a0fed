import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { limitsFor } from '../../../../functions/lib/fleet/limits.ts';
import { begin, commanded, errorsOf, freePlaces, judged, nextStep } from '../../../../functions/lib/fleet/plan.ts';
import { deliverySeconds, gatedAgain } from '../../../../functions/lib/fleet/sent.ts';
import type { Batch, FleetPlan, Progress } from '../../../../functions/lib/schemas/fleet-command-run.ts';
import { after, COMMAND, START } from '../../support.ts';

const plans = fc
  .record({
    eligible: fc.integer({ min: 1, max: 3000 }),
    maxConcurrency: fc.oneof(fc.integer({ min: 1, max: 400 }), fc.constantFrom('1%', '10%', '100%')),
    maxErrors: fc.oneof(fc.integer({ min: 0, max: 50 }), fc.constantFrom('0%', '5%')),
    canary: fc.option(fc.oneof(fc.integer({ min: 1, max: 60 }), fc.constant('10%')), { nil: undefined }),
  })
  .map(({ eligible, ...asked }): FleetPlan => ({
    ...limitsFor(asked, eligible),
    ...{ prefix: 'p', bucket: 'b', targets: eligible, eligible, timeoutSeconds: 60, lockTimeoutSeconds: 0 },
  }));

/** Machines of an imaginary run: how many end between two looks, and what share of them fails. */
const courses = fc.record({
  plan: plans,
  ends: fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 20 }),
  fails: fc.array(fc.boolean(), { minLength: 1, maxLength: 20 }),
});

type Course = typeof courses extends fc.Arbitrary<infer C> ? C : never;

/** Plays a run: gates whenever it may, lets some machines end otherwise, and shows every step. */
function play({ plan, ends, fails }: Course, show: (progress: Progress, now: string) => void): Progress {
  let progress = begin(plan, 0);
  for (let turn = 0; turn < 20_000; turn++) {
    const now = after(turn * 2);
    progress = judged(plan, progress);
    const step = nextStep(plan, progress, START, now);
    if (step.next === 'Finish') return progress;
    if (step.next === 'Gate')
      progress = gate(progress, Math.min(step.most, plan.eligible - progress.cursor), step.free, now);
    else progress = endSome(progress, ends[turn % ends.length] ?? 1, fails, turn, now);
    show(progress, now);
  }
  throw new Error('the run does not end');
}

function gate(progress: Progress, size: number, free: number, now: string): Progress {
  const batch = progress.batches + 1;
  const entry = { batch, commandId: COMMAND, size, share: Math.min(free, size), sentAt: now, completed: 0, errors: 0 };
  const active = [...progress.active, { ...entry, progressAt: now, stopped: false, sweptAt: null, overdueAt: null }];
  return { ...progress, step: progress.step + 1, batches: batch, cursor: progress.cursor + size, active };
}

/** Ends machines of the oldest command, and takes it in when it is through. */
function endSome(progress: Progress, most: number, fails: readonly boolean[], turn: number, now: string): Progress {
  const [oldest, ...others] = progress.active;
  if (oldest === undefined) return progress;
  const ended = Math.min(most, oldest.size - oldest.completed);
  const errors = Array.from({ length: ended }, (_, index) => fails[(turn + index) % fails.length]).filter(
    Boolean,
  ).length;
  const next = { ...oldest, completed: oldest.completed + ended, errors: oldest.errors + errors, progressAt: now };
  if (next.completed < next.size) return { ...progress, active: [next, ...others] };
  const { counts } = progress;
  const taken = { ...counts, Failed: counts.Failed + next.errors, Success: counts.Success + next.size - next.errors };
  return { ...progress, counts: taken, active: others };
}

describe('the plan of a fleet command', () => {
  it('never has more machines in flight than maxConcurrency, nor a batch above 50, nor more than are meant', () =>
    fc.assert(
      fc.property(courses, (course) => {
        play(course, (progress) => {
          expect(freePlaces(course.plan, progress)).toBeGreaterThanOrEqual(0);
          for (const { size, share } of progress.active) {
            expect(size).toBeGreaterThanOrEqual(1);
            expect(size).toBeLessThanOrEqual(50);
            expect(share).toBeGreaterThanOrEqual(1);
          }
          expect(commanded(progress)).toBeLessThanOrEqual(course.plan.eligible);
        });
      }),
      { numRuns: 200 },
    ));

  it('ends: with all machines sent to, or with a reason', () =>
    fc.assert(
      fc.property(courses, (course) => {
        const { plan } = course;
        const end = play(course, () => undefined);
        if (end.stop === null) expect(commanded(end)).toBe(plan.eligible);
        else expect(['CanaryFailed', 'MaxErrorsExceeded']).toContain(end.stop.reason);
        if (end.stop?.reason === 'MaxErrorsExceeded') expect(errorsOf(end)).toBeGreaterThan(plan.maxErrors);
        if (end.stop === null && plan.canary === 0) expect(errorsOf(end)).toBeLessThanOrEqual(plan.maxErrors);
      }),
      { numRuns: 200 },
    ));

  it('sends nothing more once it is to stop, and to nobody but the canary before that has passed', () =>
    fc.assert(
      fc.property(courses, (course) => {
        let sentWhenStopped = Infinity;
        play(course, (progress) => {
          if (progress.phase === 'canary') expect(commanded(progress)).toBeLessThanOrEqual(course.plan.canary);
          if (progress.stop === null) return;
          sentWhenStopped = Math.min(sentWhenStopped, commanded(progress));
          expect(commanded(progress)).toBe(sentWhenStopped);
        });
      }),
      { numRuns: 200 },
    ));

  it('looks fewer than 1,000 times in two weeks, however much goes on', () => {
    const plan = { ...begun().plan };
    const progress = { ...begun().progress, cursor: 1000 };
    let looks = 0;
    for (let elapsed = 0; elapsed < 14 * 86_400; looks++) {
      const now = after(elapsed);
      const active = [{ ...entryOf(), sentAt: now, progressAt: now }];
      const step = nextStep(plan, { ...progress, active }, START, now);
      elapsed += step.next === 'Wait' ? step.seconds : NaN;
    }
    expect(looks).toBeLessThan(1000);
  });
});

function begun() {
  const limits = limitsFor({ maxConcurrency: 1, maxErrors: 0 }, 1000);
  const plan: FleetPlan = {
    ...limits,
    ...{ prefix: 'p', bucket: 'b', targets: 1000, eligible: 1000, timeoutSeconds: 60, lockTimeoutSeconds: 0 },
  };
  return { plan, progress: begin(plan, 0) };
}

const entryOf = () => ({
  ...{ batch: 1, commandId: COMMAND, size: 50, share: 1, completed: 0, errors: 0 },
  ...{ stopped: false, sweptAt: null, overdueAt: null },
});

const ids = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `i-${index.toString(16).padStart(17, '0')}`);
const batchOf = (count: number, attempt: number, share = 1): Batch => ({
  ...{ number: 1, document: 'AWS-RunShellScript', ids: ids(count), share, maxErrors: 0, attempt },
});

describe('a batch that is refused as a whole', () => {
  it('is gated again, then split until one machine is left, and loses none', () =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), (count) => {
        const waiting = [batchOf(count, 0)];
        const single: string[] = [];
        for (let batch = waiting.shift(); batch !== undefined; batch = waiting.shift()) {
          const again = gatedAgain(begun().progress, batch);
          if (again === undefined) single.push(...batch.ids);
          else waiting.push(...again.queue.map((each) => ({ ...batchOf(1, 0), ...each })));
        }
        expect(single.sort()).toEqual(ids(count));
      }),
    ));
});

describe('the time that SSM has for handing a batch out', () => {
  it.each([
    [1, 1, 600],
    [50, 50, 3660 * 6],
    [50, 1, 3660 * 50],
    [50, 10, 3660 * 8],
  ])('to %d machines, %d at once, is %d s at an hour each', (count, share, seconds) =>
    expect(
      deliverySeconds(batchOf(count, 0, share), { ...begun().plan, timeoutSeconds: count === 1 ? 30 : 3600 }),
    ).toBe(seconds),
  );
});

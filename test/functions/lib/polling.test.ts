import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { lookAgainSeconds, PROPAGATION_SECONDS, waitSeconds } from '../../../functions/lib/polling.ts';

const EVENT_LIMIT = 25_000;
const EVENTS_PER_ROUND = 9;

/** The times at which something is looked at until its deadline, when each look takes so many seconds. */
function looks(deadlineSeconds: number, lookSeconds = 0): number[] {
  const times: number[] = [];
  let elapsedSeconds = 0;
  for (;;) {
    const wait = waitSeconds({ elapsedSeconds, deadlineSeconds });
    if (wait === undefined) return times;
    elapsedSeconds += wait + lookSeconds;
    times.push(elapsedSeconds);
  }
}

const deadline = fc.integer({ min: 30, max: 48 * 3600 });

describe('waitSeconds', () => {
  it('leaves half of the event budget free, up to 48 h', () =>
    fc.assert(fc.property(deadline, (seconds) => looks(seconds).length * EVENTS_PER_ROUND <= EVENT_LIMIT / 2)));

  it('leaves half of the event budget free even over a year', () =>
    expect(looks(365 * 86_400).length * EVENTS_PER_ROUND).toBeLessThanOrEqual(EVENT_LIMIT / 2));

  it('looks for the last time at the deadline, at most a second late', () =>
    fc.assert(
      fc.property(deadline, fc.double({ min: 0, max: 0.9, noNaN: true }), (seconds, lookSeconds) => {
        const last = looks(seconds, lookSeconds).at(-1) ?? 0;
        expect(last).toBeGreaterThanOrEqual(seconds);
        expect(last).toBeLessThan(seconds + 1 + lookSeconds);
      }),
    ));

  it('notices the end within an eighth of the duration, or 3 s', () =>
    fc.assert(
      fc.property(deadline, fc.double({ min: 0, max: 1, noNaN: true }), (seconds, part) => {
        const duration = seconds * part;
        const noticed = looks(seconds).find((time) => time >= duration) ?? Number.NaN;
        expect(noticed - duration).toBeLessThanOrEqual(Math.max(duration / 8 + 1, 3));
      }),
    ));

  it('notices within five minutes whatever the duration', () => {
    const times = looks(48 * 3600);
    expect(Math.max(...times.map((time, index) => time - (times[index - 1] ?? 0)))).toBe(300);
  });

  it.each([
    [0, 3600, 2],
    [-0.2, 3600, 2],
    [80, 3600, 10],
    [3595.5, 3600, 5],
    [3600, 3600, undefined],
    [4000, 3600, undefined],
  ])('after %d s of %d waits %p', (elapsedSeconds, deadlineSeconds, expected) =>
    expect(waitSeconds({ elapsedSeconds, deadlineSeconds })).toBe(expected),
  );
});

describe('lookAgainSeconds', () => {
  it('looks six times in the window', () => {
    const times = [0];
    for (let wait = lookAgainSeconds(0); wait !== undefined; wait = lookAgainSeconds(times.at(-1) ?? 0))
      times.push((times.at(-1) ?? 0) + wait);
    expect(times).toEqual([0, 5, 10, 20, 40, PROPAGATION_SECONDS]);
  });
});

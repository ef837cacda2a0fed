import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { windowAt } from '../../../../functions/lib/rollout/window.ts';
import type { ChangeWindow } from '../../../../functions/lib/schemas/rollout-policy.ts';

const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'] as const;
const window = (changes: Partial<ChangeWindow> = {}): ChangeWindow => ({
  ...{ days: ['MON'], start: '22:00', end: '05:00', timeZone: 'UTC' },
  ...changes,
});

describe('windowAt', () => {
  it.each([
    // 2026-11-30 is a Monday.
    ['before', '2026-11-30T21:59:59Z', { open: false, opensAt: '2026-11-30T22:00:00.000Z' }],
    ['at its start', '2026-11-30T22:00:00Z', { open: true, closesAt: '2026-12-01T05:00:00.000Z' }],
    ['after midnight', '2026-12-01T04:59:59Z', { open: true, closesAt: '2026-12-01T05:00:00.000Z' }],
    ['at its end', '2026-12-01T05:00:00Z', { open: false, opensAt: '2026-12-07T22:00:00.000Z' }],
  ])('%s', (_, now, state) => expect(windowAt(window(), now)).toEqual(state));

  it('goes by the clocks of its zone, which are put back', () => {
    const night = window({ days: ['SAT'], start: '23:00', end: '06:00', timeZone: 'Europe/Berlin' });
    expect(windowAt(night, '2026-10-24T20:59:00Z')).toEqual({ open: false, opensAt: '2026-10-24T21:00:00.000Z' });
    expect(windowAt(night, '2026-10-25T04:59:00Z')).toEqual({ open: true, closesAt: '2026-10-25T05:00:00.000Z' });
  });

  it('opens later where its start is left out by clocks that are put forward', () => {
    const early = window({ days: ['SUN'], start: '02:30', end: '04:00', timeZone: 'Europe/Berlin' });
    expect(windowAt(early, '2026-03-29T00:00:00Z')).toEqual({ open: false, opensAt: '2026-03-29T01:30:00.000Z' });
  });

  it('tells the same from every moment until it changes, and changes then', () => {
    const time = fc.integer({ min: 0, max: 95 }).map((quarter) => {
      const [hour, minute] = [Math.floor(quarter / 4), (quarter % 4) * 15];
      return `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
    });
    const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe'];
    const any = fc
      .record({
        days: fc.uniqueArray(fc.constantFrom(...DAYS), { minLength: 1 }),
        start: time,
        end: time,
        timeZone: fc.constantFrom(...zones),
      })
      .filter(({ start, end }) => start !== end);
    const from = Date.parse('2026-01-01T00:00:00Z');
    const instant = fc.integer({ min: 0, max: 365 * 86_400 }).map((second) => from + second * 1000);
    fc.assert(
      fc.property(any, instant, fc.double({ min: 0, max: 0.999, noNaN: true }), (some, now, share) => {
        const state = windowAt(some, new Date(now).toISOString());
        const change = Date.parse(state.open ? state.closesAt : state.opensAt);
        expect(change).toBeGreaterThan(now);
        const between = new Date(Math.floor(now + (change - now) * share)).toISOString();
        expect(windowAt(some, between).open).toBe(state.open);
        if (!state.open) expect(windowAt(some, state.opensAt).open).toBe(true);
      }),
    );
  });
});

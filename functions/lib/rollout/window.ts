import type { ChangeWindow } from '../schemas/rollout-policy.ts';

const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'] as const;
const DAY = 86_400_000;
/** A window that opens on one day of the week opens within eight days from any moment. */
const DAYS_AHEAD = 8;

/** Whether a window is open, and when that changes; times in ISO 8601. */
export type WindowState =
  { readonly open: true; readonly closesAt: string } | { readonly open: false; readonly opensAt: string };

/** Whether a change window is open at a time, by the clocks of its time zone, which may be put forward or back. */
export function windowAt(window: ChangeWindow, now: string): WindowState {
  const at = Date.parse(now);
  const openings = openingsAround(window, at);
  const current = openings.filter(({ from, to }) => from <= at && at < to);
  if (current.length > 0) return { open: true, closesAt: iso(Math.max(...current.map(({ to }) => to))) };
  return { open: false, opensAt: iso(Math.min(...openings.filter(({ from }) => from > at).map(({ from }) => from))) };
}

const iso = (at: number): string => new Date(at).toISOString();

interface Opening {
  readonly from: number;
  readonly to: number;
}

/** From the day before, whose window may still be open, to a week ahead. */
function openingsAround({ days, start, end, timeZone }: ChangeWindow, at: number): Opening[] {
  const clock = new ZoneClock(timeZone);
  const today = Math.floor(clock.localOf(at) / DAY) * DAY;
  return Array.from({ length: DAYS_AHEAD + 2 }, (_, index) => today + (index - 1) * DAY)
    .filter((day) => days.includes(DAYS[new Date(day).getUTCDay()] ?? 'SUN'))
    .map((day) => ({
      from: clock.instantOf(day + timeOf(start)),
      to: clock.instantOf(day + timeOf(end) + (end <= start ? DAY : 0)),
    }));
}

const timeOf = (clock: string): number => Date.parse(`1970-01-01T${clock}:00Z`);

/** Turns instants into what the clocks of a time zone show, written as if it were UTC, and back. */
class ZoneClock {
  readonly #format: Intl.DateTimeFormat;

  constructor(timeZone: string) {
    const digits = { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' } as const;
    this.#format = new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', second: '2-digit', ...digits });
  }

  localOf(instant: number): number {
    const parts = new Map(this.#format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
    const [year, month, day] = [parts.get('year') ?? 0, parts.get('month') ?? 1, parts.get('day') ?? 1];
    const [hour, minute, second] = [parts.get('hour') ?? 0, parts.get('minute') ?? 0, parts.get('second') ?? 0];
    return Date.UTC(year, month - 1, day, hour, minute, second) + (instant % 1000);
  }

  /** Of a time that the clocks show twice the first, of one that they leave out the one that they show instead. */
  instantOf(local: number): number {
    const offsets = [-DAY, DAY].map((near) => this.localOf(local + near) - (local + near));
    const candidates = offsets.map((offset) => local - offset);
    const exact = candidates.filter((candidate) => this.localOf(candidate) === local);
    return exact.length > 0 ? Math.min(...exact) : Math.max(...candidates);
  }
}

import { AwsError } from '../../core/aws-error.ts';

/** The first time after `after` (epoch milliseconds, UTC) at which a schedule is due; undefined when there is none left. */
export type Schedule = (after: number) => number | undefined;

const MINUTE = 60_000;
const DAY = 86_400_000;
const LAST_YEAR = 2199;
const UNITS: Readonly<Record<string, number>> = { minute: MINUTE, hour: 60 * MINUTE, day: DAY };
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

const refuse = (): never => {
  throw new AwsError('ValidationException', 'Parameter ScheduleExpression is not valid.');
};

/**
 * Reads `rate(5 minutes)` or `cron(minutes hours day-of-month month day-of-week year)`, which is in UTC. Source:
 * EventBridge User Guide, "Creating a rule that runs on a schedule".
 * @param start when the rule was created: a rate counts from there
 * @throws AwsError ValidationException
 */
export function parseSchedule(expression: string, start: number): Schedule {
  const rate = /^rate\((\d+) (minute|hour|day)(s?)\)$/u.exec(expression);
  if (rate !== null) return everyInterval(rate, start);
  const fields = /^cron\(([^)]*)\)$/u.exec(expression)?.[1]?.split(/\s+/u);
  return fields?.length === 6 ? cron(fields) : refuse();
}

function everyInterval([, count = '', unit = '', plural]: RegExpExecArray, start: number): Schedule {
  const value = Number(count);
  if (value < 1 || (value === 1) !== (plural === '')) refuse();
  const interval = value * (UNITS[unit] ?? refuse());
  return (after) => start + (Math.floor((after - start) / interval) + 1) * interval;
}

function cron([
  minutes = '',
  hours = '',
  date = '',
  months = '',
  weekday = '',
  years = '',
]: readonly string[]): Schedule {
  if ((date === '?') === (weekday === '?')) refuse();
  const times = listed(hours, 0, 23).flatMap((hour) =>
    listed(minutes, 0, 59).map((minute) => (hour * 60 + minute) * MINUTE),
  );
  const inMonth = new Set(listed(months, 1, 12, MONTHS));
  const inYear = new Set(listed(years, 1970, LAST_YEAR));
  const onDay = weekday === '?' ? dayOfMonth(date) : dayOfWeek(weekday);
  return (after) => {
    let day = Math.floor(after / DAY) * DAY;
    for (;;) {
      const at = new Date(day);
      const [year, month] = [at.getUTCFullYear(), at.getUTCMonth()];
      if (year > LAST_YEAR) return undefined;
      // Whole years and months at once: what is due in 2099 would else be looked for day by day.
      if (!inYear.has(year)) day = Date.UTC(year + 1, 0);
      else if (!inMonth.has(month + 1)) day = Date.UTC(year, month + 1);
      else {
        const time = onDay(at) ? times.find((offset) => day + offset > after) : undefined;
        if (time !== undefined) return day + time;
        day += DAY;
      }
    }
  };
}

/** The values of a field in order: `*`, `a`, `a-b`, `a,b`, steps of `/n`, `a-b/n`; names where the field has them. */
function listed(field: string, lowest: number, highest: number, names: readonly string[] = []): number[] {
  const values = field.split(',').flatMap((part) => {
    const [, range = '', , step] = /^([^/]+)(\/(\d+))?$/u.exec(part) ?? refuse();
    const [from, to] = bounds(range, step !== undefined, { lowest, highest, names });
    const every = step === undefined ? 1 : Number(step);
    if (every < 1 || from > to) refuse();
    return Array.from({ length: Math.floor((to - from) / every) + 1 }, (_, index) => from + index * every);
  });
  return [...new Set(values)].sort((a, b) => a - b);
}

interface Limits {
  readonly lowest: number;
  readonly highest: number;
  readonly names: readonly string[];
}

function bounds(range: string, stepped: boolean, limits: Limits): [from: number, to: number] {
  if (range === '*') return [limits.lowest, limits.highest];
  const [first = '', last, ...more] = range.split('-');
  if (more.length > 0) refuse();
  const from = valueOf(first, limits);
  return [from, last === undefined ? (stepped ? limits.highest : from) : valueOf(last, limits)];
}

function valueOf(text: string, { lowest, highest, names }: Limits): number {
  const named = names.indexOf(text.toUpperCase());
  const value = named >= 0 ? named + lowest : /^\d+$/u.test(text) ? Number(text) : refuse();
  return value < lowest || value > highest ? refuse() : value;
}

const lastOfMonth = (at: Date): number => new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 0)).getUTCDate();

/** A list of days, `L` for the last, `15W` for the weekday nearest to the 15th, `LW` for the last weekday. */
function dayOfMonth(field: string): (at: Date) => boolean {
  const near = /^(\d+|L)W$/u.exec(field)?.[1];
  if (near !== undefined) {
    const wanted = near === 'L' ? undefined : valueOf(near, { lowest: 1, highest: 31, names: [] });
    return (at) => at.getUTCDate() === nearestWeekday(at, wanted);
  }
  if (field === 'L') return (at) => at.getUTCDate() === lastOfMonth(at);
  const days = new Set(listed(field, 1, 31));
  return (at) => days.has(at.getUTCDate());
}

/** Never in another month, as AWS defines it. */
function nearestWeekday(at: Date, wanted: number | undefined): number | undefined {
  const last = lastOfMonth(at);
  const date = wanted ?? last;
  if (date > last) return undefined;
  const weekday = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), date)).getUTCDay();
  if (weekday === 6) return date > 1 ? date - 1 : date + 2;
  if (weekday === 0) return date < last ? date + 1 : date - 2;
  return date;
}

/** A list of 1-7 or SUN-SAT, `6L` for the last Friday, `3#2` for the second Tuesday, `L` for Saturday. */
function dayOfWeek(field: string): (at: Date) => boolean {
  const limits: Limits = { lowest: 1, highest: 7, names: DAYS };
  const last = /^(\w+)L$/u.exec(field)?.[1];
  if (last !== undefined) {
    const wanted = valueOf(last, limits);
    return (at) => at.getUTCDay() + 1 === wanted && at.getUTCDate() + 7 > lastOfMonth(at);
  }
  const [, weekday, nth] = /^(\w+)#([1-5])$/u.exec(field) ?? [];
  if (weekday !== undefined) {
    const wanted = valueOf(weekday, limits);
    return (at) => at.getUTCDay() + 1 === wanted && Math.ceil(at.getUTCDate() / 7) === Number(nth);
  }
  if (field === 'L') return (at) => at.getUTCDay() === 6;
  const days = new Set(listed(field, 1, 7, DAYS));
  return (at) => days.has(at.getUTCDay() + 1);
}

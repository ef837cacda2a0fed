import { AwsError } from '../../core/aws-error.ts';
import { parseSchedule } from '../events/schedule-expression.ts';
import { TimeZone } from './time-zone.ts';

/** When a schedule is due. */
export interface Times {
  readonly recurring: boolean;
  /** The first time after an instant (epoch milliseconds); undefined when there is none left. */
  next(after: number): number | undefined;
}

interface Given {
  readonly expression: string;
  readonly timeZone: string | undefined;
  readonly startDate: Date | undefined;
  readonly endDate: Date | undefined;
  /** When the schedule was made or changed: a rate without a start date counts from there. */
  readonly now: number;
}

const invalid = (message: string): AwsError => new AwsError('ValidationException', message);

/**
 * Reads `rate(…)`, which begins at once or at the start date, `cron(…)` and `at(…)` in a time zone. Source: EventBridge
 * Scheduler User Guide, "Schedule types": a wall time that daylight saving skips is skipped, one that comes twice is due
 * once. @throws AwsError ValidationException
 */
export function timesOf(given: Given): Times {
  const { expression, startDate, endDate, now } = given;
  const zone = zoneOf(given.timeZone ?? 'UTC');
  const [start, end] = [startDate?.getTime() ?? -Infinity, endDate?.getTime() ?? Infinity];
  if (start >= end) throw invalid('The StartDate you specify must come before the EndDate.');
  if (expression.startsWith('at(')) return { recurring: false, next: once(expression, zone) };
  const next = expression.startsWith('rate(')
    ? everySince(expression, startDate?.getTime() ?? now)
    : onWallTimes(expression, zone);
  return {
    recurring: true,
    next: (after) => {
      const at = next(Math.max(after, start - 1));
      return at === undefined || at > end ? undefined : at;
    },
  };
}

function zoneOf(name: string): TimeZone {
  try {
    return new TimeZone(name);
  } catch {
    throw invalid(`The ScheduleExpressionTimezone ${name} is not a time zone.`);
  }
}

const notAnExpression = (expression: string): AwsError => invalid(`Invalid Schedule Expression ${expression}.`);

function once(expression: string, zone: TimeZone): Times['next'] {
  const text = /^at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)$/.exec(expression)?.[1];
  const at = text === undefined ? NaN : Date.parse(`${text}Z`);
  const due = Number.isNaN(at) ? undefined : zone.instant(at);
  if (due === undefined) throw notAnExpression(expression);
  return (after) => (due > after ? due : undefined);
}

/** As rules read it, in the words of Scheduler where they refuse it. */
function parsed(expression: string, start: number): Times['next'] {
  try {
    return parseSchedule(expression, start);
  } catch (error) {
    throw error instanceof AwsError ? notAnExpression(expression) : error;
  }
}

function everySince(expression: string, start: number): Times['next'] {
  const next = parsed(expression, start);
  return (after) => (after < start ? start : next(after));
}

function onWallTimes(expression: string, zone: TimeZone): Times['next'] {
  const next = parsed(expression, 0);
  return (after) => {
    for (let wall = next(zone.wallTime(after)); wall !== undefined; wall = next(wall)) {
      const at = zone.instant(wall);
      if (at !== undefined && at > after) return at;
    }
    return undefined;
  };
}

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseSchedule } from '../../../../sandbox/services/events/schedule-expression.ts';

const START = Date.UTC(2026, 0, 5, 9, 0, 30);

function due(expression: string, times = 3, after = START): string[] {
  const schedule = parseSchedule(expression, START);
  const found: string[] = [];
  for (let at = schedule(after); at !== undefined && found.length < times; at = schedule(at)) {
    found.push(new Date(at).toISOString().replace(':00.000Z', ''));
  }
  return found;
}

describe('schedule expressions', () => {
  it('count a rate from the creation of the rule', () => {
    const schedule = parseSchedule('rate(5 minutes)', START);
    expect(schedule(START)).toBe(START + 300_000);
    expect(schedule(START + 299_999)).toBe(START + 300_000);
    expect(schedule(START + 300_000)).toBe(START + 600_000);
    expect(parseSchedule('rate(1 day)', START)(START)).toBe(START + 86_400_000);
  });

  it.each([
    ['cron(0 10 * * ? *)', ['2026-01-05T10:00', '2026-01-06T10:00', '2026-01-07T10:00']],
    ['cron(0/15 9 ? * MON *)', ['2026-01-05T09:15', '2026-01-05T09:30', '2026-01-05T09:45']],
    ['cron(*/20 * * * ? *)', ['2026-01-05T09:20', '2026-01-05T09:40', '2026-01-05T10:00']],
    ['cron(15 12,18-20/2 ? * 2-6 *)', ['2026-01-05T12:15', '2026-01-05T18:15', '2026-01-05T20:15']],
    ['cron(0 18 ? JAN-MAR FRI 2026)', ['2026-01-09T18:00', '2026-01-16T18:00', '2026-01-23T18:00']],
    ['cron(0 0 L * ? *)', ['2026-01-31T00:00', '2026-02-28T00:00', '2026-03-31T00:00']],
    ['cron(0 0 LW * ? *)', ['2026-01-30T00:00', '2026-02-27T00:00', '2026-03-31T00:00']],
    ['cron(0 0 1W * ? *)', ['2026-02-02T00:00', '2026-03-02T00:00', '2026-04-01T00:00']],
    ['cron(0 0 29 2 ? *)', ['2028-02-29T00:00', '2032-02-29T00:00', '2036-02-29T00:00']],
    ['cron(0 0 ? * 6L *)', ['2026-01-30T00:00', '2026-02-27T00:00', '2026-03-27T00:00']],
    ['cron(0 0 ? * 3#2 *)', ['2026-01-13T00:00', '2026-02-10T00:00', '2026-03-10T00:00']],
    ['cron(0 0 ? * L *)', ['2026-01-10T00:00', '2026-01-17T00:00', '2026-01-24T00:00']],
    ['cron(0 0 1 1 ? 2027)', ['2027-01-01T00:00']],
    ['cron(0 0 1 1 ? 2020)', []],
  ])('%s', (expression, expected) => {
    expect(due(expression)).toEqual(expected);
  });

  it.each([
    'rate(0 minutes)',
    'rate(1 minutes)',
    'rate(5 minute)',
    'rate(5 seconds)',
    'cron(0 12 * * * *)',
    'cron(0 12 ? * ? *)',
    'cron(0 12 * * ?)',
    'cron(60 12 * * ? *)',
    'cron(0 24 * * ? *)',
    'cron(0 12 ? * FOO *)',
    'cron(5-1 12 * * ? *)',
    'cron(0 12 ? * 3#6 *)',
    'every day',
  ])('%s is none', (expression) => {
    expect(() => parseSchedule(expression, START)).toThrow(
      expect.objectContaining({ code: 'ValidationException', message: 'Parameter ScheduleExpression is not valid.' }),
    );
  });

  it('are due at the first minute that matches every field, and at none before', () => {
    const minute = fc.nat(59);
    fc.assert(
      fc.property(
        minute,
        fc.nat(23),
        fc.integer({ min: 1, max: 28 }),
        fc.nat(10_000),
        (minutes, hours, date, later) => {
          const after = START + later * 60_000;
          const at = parseSchedule(`cron(${minutes} ${hours} ${date} * ? *)`, START)(after) ?? 0;
          const found = new Date(at);
          expect([found.getUTCMinutes(), found.getUTCHours(), found.getUTCDate()]).toEqual([minutes, hours, date]);
          expect(at).toBeGreaterThan(after);
          expect(at - after).toBeLessThanOrEqual(31 * 86_400_000);
        },
      ),
    );
  });
});

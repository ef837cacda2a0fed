import { describe, expect, it } from '@jest/globals';
import { timesOf } from '../../../../sandbox/services/scheduler/times.ts';

const NOW = Date.UTC(2026, 2, 1, 12);

/** The first times of an expression from a moment on, as ISO texts. */
function due(expression: string, given: Partial<Parameters<typeof timesOf>[0]> & { from?: string } = {}, count = 3) {
  const { from, ...rest } = given;
  const times = timesOf({
    expression,
    timeZone: undefined,
    startDate: undefined,
    endDate: undefined,
    now: NOW,
    ...rest,
  });
  const found: string[] = [];
  for (let at = times.next(from === undefined ? NOW - 1 : Date.parse(from)); at !== undefined; at = times.next(at)) {
    if (found.push(new Date(at).toISOString().slice(0, 16)) === count) break;
  }
  return found;
}

describe('rate', () => {
  it('begins at once', () =>
    expect(due('rate(30 minutes)')).toEqual(['2026-03-01T12:00', '2026-03-01T12:30', '2026-03-01T13:00']));

  it('begins at the start date, and ends at the end date', () =>
    expect(
      due('rate(1 hour)', { startDate: new Date('2026-03-02T00:10Z'), endDate: new Date('2026-03-02T01:30Z') }),
    ).toEqual(['2026-03-02T00:10', '2026-03-02T01:10']));
});

describe('cron', () => {
  it('is in UTC unless told', () => expect(due('cron(0 3 * * ? *)', {}, 1)).toEqual(['2026-03-02T03:00']));

  it('skips the wall times that spring skips', () =>
    expect(due('cron(30 2 * * ? *)', { timeZone: 'Europe/Berlin', from: '2026-03-27T12:00Z' })).toEqual([
      '2026-03-28T01:30',
      '2026-03-30T00:30',
      '2026-03-31T00:30',
    ]));

  it('is due once where autumn has a wall time twice', () =>
    expect(due('cron(30 2 * * ? *)', { timeZone: 'Europe/Berlin', from: '2026-10-24T12:00Z' }, 2)).toEqual([
      '2026-10-25T00:30',
      '2026-10-26T01:30',
    ]));

  it('knows zones of half hours, and heeds the start date', () =>
    expect(
      due('cron(0 9 ? * MON-FRI *)', { timeZone: 'Asia/Kolkata', startDate: new Date('2026-03-06T03:31Z') }, 1),
    ).toEqual(['2026-03-09T03:30']));
});

describe('at', () => {
  it('is due once, in its time zone', () =>
    expect(due('at(2026-03-05T10:00:00)', { timeZone: 'America/New_York' })).toEqual(['2026-03-05T15:00']));

  it('is never due when it has passed', () => expect(due('at(2026-02-05T10:00:00)')).toEqual([]));
});

it.each([
  ['rate(1 hours)', {}, /^Invalid Schedule Expression rate\(1 hours\)\.$/],
  ['cron(0 0 * * * *)', {}, /^Invalid Schedule Expression/],
  ['at(2026-03-05 10:00)', {}, /^Invalid Schedule Expression/],
  ['at(2026-03-29T02:30:00)', { timeZone: 'Europe/Berlin' }, /^Invalid Schedule Expression/],
  ['every(day)', {}, /^Invalid Schedule Expression/],
  ['rate(1 hour)', { timeZone: 'Mars/Olympus' }, /Mars\/Olympus/],
  ['rate(1 hour)', { startDate: new Date(2), endDate: new Date(1) }, /StartDate/],
])('refuses %s %j', (expression, given, message) => expect(() => due(expression, given)).toThrow(message));

const DAY = 86_400_000;

/** A time zone by its name in the IANA database. Wall times are written as the epoch milliseconds that they would be in UTC. */
export class TimeZone {
  readonly #format: Intl.DateTimeFormat;

  /** @throws RangeError for a name that there is not */
  constructor(name: string) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' },
    });
  }

  /** What the clocks on the wall show at an instant. */
  wallTime(instant: number): number {
    const parts = new Map(this.#format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
    const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = [
      ...[parts.get('year'), parts.get('month'), parts.get('day')],
      ...[parts.get('hour'), parts.get('minute'), parts.get('second')],
    ];
    return Date.UTC(year, month - 1, day, hour, minute, second) + (instant % 1000);
  }

  /** When the clocks first show a time; undefined where they skip it, as they do in spring. */
  instant(wallTime: number): number | undefined {
    const offsets = [wallTime - DAY, wallTime + DAY].map((near) => this.wallTime(near) - near);
    const candidates = offsets.map((offset) => wallTime - offset).filter((each) => this.wallTime(each) === wallTime);
    return candidates.length === 0 ? undefined : Math.min(...candidates);
  }
}

import { beforeEach, expect, it } from '@jest/globals';
import { PacedClock, type Host } from '../../../sandbox/clock/paced-clock.ts';

const START = Date.UTC(2026, 0, 1);

/** A host whose time goes on only while the clock waits for its next tick, or when a test says so. */
class ManualHost implements Host {
  time = START;

  now(): number {
    return this.time;
  }

  async sleep(milliseconds: number): Promise<void> {
    this.time += milliseconds;
  }
}

const elsewhere = () => new Promise<void>((resolve) => setImmediate(() => setImmediate(() => setImmediate(resolve))));

let host: ManualHost;
let clock: PacedClock;
beforeEach(() => {
  host = new ManualHost();
  clock = new PacedClock(60, host);
});

it("begins with the host's time and goes so many times as fast", async () => {
  expect(clock.now()).toBe(START);
  const fired: number[] = [];
  for (const seconds of [30, 90, 600])
    clock.schedule(START + seconds * 1000, () => void fired.push(host.time - START, clock.now() - START));
  clock.schedule(START + 660_000, () => clock.stop());
  await clock.run();
  expect(fired).toEqual([500, 30_000, 1500, 90_000, 10_000, 600_000]);
  expect([clock.now() - START, host.time - START]).toEqual([660_000, 11_010]);
});

it('stands still while work is in flight, and makes up for it afterwards', async () => {
  const seen: [string, number][] = [];
  const note = (what: string): void => void seen.push([what, clock.now() - START]);
  clock.schedule(START + 1000, async () => {
    const cancelTimeOut = clock.schedule(clock.now() + 3000, () => note('timed out'));
    host.time += 5000; // what the host's processor takes is five minutes at this speed
    await elsewhere();
    note('worked');
    cancelTimeOut();
  });
  clock.schedule(START + 60_000, () => note('late'));
  clock.schedule(START + 400_000, () => clock.stop());
  await clock.run();
  expect(seen).toEqual([
    ['worked', 1000],
    ['late', 60_000],
  ]);
  expect(host.time - START).toBeLessThan(7000);
});

it('runs no more once it was stopped, and ends with the error of what it runs', async () => {
  const fired: string[] = [];
  clock.schedule(START + 1000, () => clock.stop());
  clock.schedule(START + 1001, () => void fired.push('after the stop'));
  await clock.run();
  expect(fired).toEqual([]);
  const other = new PacedClock(600, host);
  other.schedule(other.now() + 1000, () => {
    throw new Error('of a timer');
  });
  await expect(other.run()).rejects.toThrow('of a timer');
});

import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { RealClock } from '../../../sandbox/clock/real-clock.ts';

beforeEach(() => {
  jest.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => {
  jest.useRealTimers();
});

it('fires once its time has come, also when that is beyond the longest time-out', () => {
  const clock = new RealClock();
  const fired: number[] = [];
  const DAYS_60 = 60 * 86_400_000;
  clock.schedule(clock.now() + DAYS_60, () => void fired.push(clock.now()));
  jest.advanceTimersByTime(DAYS_60 - 1);
  expect(fired).toEqual([]);
  jest.advanceTimersByTime(1);
  expect(fired).toEqual([1_000_000 + DAYS_60]);
});

it('fires nothing that was cancelled or stopped', () => {
  const clock = new RealClock();
  const fired: string[] = [];
  clock.schedule(clock.now() + 10, () => void fired.push('cancelled'))();
  clock.schedule(clock.now() + 10, () => void fired.push('stopped'));
  clock.stop();
  jest.advanceTimersByTime(100);
  expect(fired).toEqual([]);
  expect(jest.getTimerCount()).toBe(0);
});

it('sleeps, and wakes early at a signal', async () => {
  const clock = new RealClock();
  const slept = clock.sleep(50);
  await jest.advanceTimersByTimeAsync(50);
  await slept;
  const controller = new AbortController();
  const interrupted = clock.sleep(50, controller.signal);
  controller.abort(new Error('enough'));
  await expect(interrupted).rejects.toThrow('enough');
  expect(jest.getTimerCount()).toBe(0);
});

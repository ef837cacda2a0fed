import { describe, expect, it } from '@jest/globals';
import { commandSuite, measureCommand } from '../../bench/command.ts';
import { median } from '../../bench/lib/measure.ts';
import { pollingLambdaDollars } from '../../bench/lib/polling-lambda.ts';
import { testAssembly } from '../support/assembly.ts';

describe('a command through run-command', () => {
  it('takes the transitions, events and GB-seconds that its one look makes', async () => {
    const row = await measureCommand(testAssembly(), 1);
    expect(row).toMatchObject({ seconds: 1, transitions: 13, events: 52 });
    // Four invocations of 256 MB, each a cold start.
    expect(row.lambdaGbSeconds).toBeGreaterThan(4 * 0.25 * 0.12);
    expect(row.lambdaGbSeconds).toBeLessThan(4 * 0.25 * 0.5);
    expect(row.dollars).toBeCloseTo(13 * 0.000025 + row.lambdaGbSeconds * 0.0000133334 + 4 * 0.0000002, 6);
    expect(row.lagSeconds).toBeGreaterThan(0);
    expect(row.lagSeconds).toBeLessThan(3);
  });

  it('stays within the history and notices the end within five minutes, at the longest deadline', async () => {
    const row = await measureCommand(testAssembly(), 172_000);
    expect(row.events).toBeLessThan(12_500);
    expect(row.lagSeconds).toBeLessThan(302);
  });
});

describe('a function that waits inside itself', () => {
  it.each([
    [1, 2 * 0.5 * 0.0000133334 + 0.0000002],
    [900, 900 * 0.5 * 0.0000133334 + 0.0000002],
    [3600, 3600 * 0.5 * 0.0000133334 + 4 * 0.0000002],
  ])('of %i s is billed to its next look, and once more per 15 minutes', (seconds, dollars) => {
    expect(pollingLambdaDollars(seconds)).toBeCloseTo(dollars, 12);
  });
});

it('says which is cheaper', () => {
  const row = { transitions: 0, events: 0, lambdaGbSeconds: 0, lagSeconds: 0, dollars: 2 };
  const rows = [
    { ...row, seconds: 1, pollingLambdaDollars: 1 },
    { ...row, seconds: 60, pollingLambdaDollars: 3 },
  ];
  expect(commandSuite.verdict(rows)).toBe(
    'The polling function is cheaper for commands of 1 s; run-command for the others.',
  );
});

it('takes the value in the middle, or the mean of two', () => {
  expect([median([3, 1, 2]), median([4, 1, 3, 2])]).toEqual([2, 2.5]);
  expect(() => median([])).toThrow('no values');
});

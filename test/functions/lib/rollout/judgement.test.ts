import { describe, expect, it } from '@jest/globals';
import { breachOf, verdictOn } from '../../../../functions/lib/rollout/judgement.ts';
import type { WaveResult } from '../../../../functions/lib/schemas/ami-rollout-run.ts';

const result = (name: string, changes: Partial<WaveResult> = {}): WaveResult => ({
  ...{ name, status: 'Refreshed', error: null, reason: '', repairCommand: null },
  ...changes,
});
const failed = (name: string) => result(name, { status: 'RolledBack', reason: 'it was unhealthy' });

describe('verdictOn', () => {
  it.each([
    ['Refreshed', null, 'good'],
    ['NothingToDo', null, 'good'],
    ['RolledBack', null, 'failed'],
    ['Failed', null, 'failed'],
    ['Refused', 'TargetLocked', 'failed'],
    ['Refused', 'States.Timeout', 'failed'],
    ['Refused', 'TargetNotAllowed', 'skipped'],
    ['Refused', 'TargetNotFound', 'skipped'],
  ] as const)('%s with %s is %s', (status, error, verdict) =>
    expect(verdictOn(result('a', { status, error }))).toBe(verdict),
  );
});

describe('breachOf', () => {
  it('lets no failure of the canary pass, whatever may fail', () => {
    const wave = [failed('a')];
    expect(breachOf(wave, wave, { maxFailures: 5, isCanary: true })).toBe('The canary failed: a (it was unhealthy).');
  });

  it('counts the failures of all waves', () => {
    const wave = [failed('c'), result('d')];
    const all = [result('a'), failed('b'), ...wave];
    expect(breachOf(wave, all, { maxFailures: 2, isCanary: false })).toBeUndefined();
    expect(breachOf(wave, all, { maxFailures: 1, isCanary: false })).toBe(
      '2 targets failed, and maxFailures is 1; in this wave: c (it was unhealthy).',
    );
  });

  it('names the first five', () => {
    const wave = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map(failed);
    expect(breachOf(wave, wave, { maxFailures: 0, isCanary: false })).toMatch(/ e \(it was unhealthy\) and 2 more\.$/);
  });

  it('takes what has been excluded since the plan for no failure', () => {
    const wave = [result('a', { status: 'Refused', error: 'TargetNotAllowed' })];
    expect(breachOf(wave, wave, { maxFailures: 0, isCanary: true })).toBeUndefined();
  });
});

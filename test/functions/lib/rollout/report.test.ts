import { expect, it } from '@jest/globals';
import { countsOf, countsText, targetsOf, urgentFirst } from '../../../../functions/lib/rollout/report.ts';
import type { Plan, PlannedTarget, WaveResult } from '../../../../functions/lib/schemas/ami-rollout-run.ts';

const planned = (name: string, wave: number): PlannedTarget => ({
  ...{ name, wave, desiredCapacity: 1, reports: true },
  previous: [{ override: null, launchTemplateId: 'lt-1', version: '1', imageId: 'ami-0123456789abcdef0' }],
});
const result = (name: string, status: WaveResult['status'], error: string | null = null): [string, WaveResult] => [
  name,
  { name, status, error, reason: 'why', repairCommand: status === 'Failed' ? 'aws repair' : null },
];

const plan: Plan = {
  planned: [planned('a', 0), planned('b', 1), planned('c', 1), planned('d', 1), planned('e', 2), planned('f', 1)],
  others: [
    { kind: 'auto-scaling-group', name: 'up', wave: null, status: 'UpToDate', reason: '' },
    { kind: 'instance', name: 'i-0123456789abcdef0', wave: null, status: 'Skipped', reason: 'TargetNotRollable: no' },
  ],
};
const results = new Map([
  result('a', 'Refreshed'),
  result('b', 'Failed'),
  result('c', 'RolledBack'),
  result('d', 'Refused', 'TargetLocked'),
  result('f', 'Refused', 'TargetNotAllowed'),
]);

it('says of each target what became of it, those that need somebody first', () => {
  const targets = urgentFirst(targetsOf(plan, results));
  expect(targets.map(({ name, status }) => `${name} ${status}`)).toEqual([
    'b Failed',
    'c RolledBack',
    'd Refused',
    'f Refused',
    'e Planned',
    'i-0123456789abcdef0 Skipped',
    'a Refreshed',
    'up UpToDate',
  ]);
  expect(targets[0]).toMatchObject({ repairCommand: 'aws repair', reason: 'why', wave: 1 });
  expect(targets[2]).toMatchObject({ reason: 'TargetLocked: why' });
});

it('counts each planned target once', () => {
  const counts = countsOf(targetsOf(plan, results), results);
  expect(counts).toEqual({
    ...{ targets: 8, upToDate: 1, skipped: 2, planned: 6 },
    ...{ refreshed: 1, failed: 2, rolledBack: 1, untouched: 1 },
  });
  expect(countsText(counts)).toBe(
    '1 of 6 targets are on the AMI, 1 were rolled back, 2 failed, 1 were not begun, 2 were left alone, 1 had it already',
  );
});

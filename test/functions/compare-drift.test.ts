import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { DriftReport } from '../../functions/lib/schemas/check-drift.ts';
import { CONTEXT, EXECUTION, fakeAws } from './support.ts';

process.env['ROLLOUT_TABLE'] = 'rollouts';
const { handler } = await import('../../functions/compare-drift.ts');

afterEach(() => {
  jest.restoreAllMocks();
});

const report = (parameter: string, status: 'UpToDate' | 'Held' | 'Running' | 'Unusable', version = 3): DriftReport => ({
  ...{ parameter, status, version, imageId: 'ami-0123456789abcdef0', reason: 'Because.' },
  ...{ behind: 1, names: ['web'] },
});
const drifted = (repair: boolean): DriftReport => ({ ...report('/c', 'Held'), status: 'Drifted', repair });
const compare = (reports: readonly DriftReport[], told?: object) => {
  fakeAws({ GetItem: () => (told === undefined ? {} : { Item: { told: { S: JSON.stringify(told) } } }) });
  return handler({ execution: EXECUTION, reports }, CONTEXT);
};

describe('compare-drift', () => {
  it('tells what needs somebody, once', async () => {
    const reports = [report('/a', 'UpToDate'), report('/b', 'Held'), drifted(false), report('/d', 'Running')];
    const first = await compare(reports);
    expect(first).toMatchObject({
      status: 'Changed',
      summary: 'AMI parameters: 1 Drifted, 1 Held, 1 Running, 1 UpToDate',
      message:
        '/b: Held. Because. 1 targets are not on the AMI: web\n/c: Drifted. Because. 1 targets are not on the AMI: web',
    });
    const told = JSON.parse((first as { told: string }).told) as object;
    expect(told).toEqual({ '/b': 'Held 3', '/c': 'Drifted 3' });
    expect(await compare(reports, told)).toMatchObject({ status: 'Same' });
  });

  it('tells a new version that is held, and what needs nobody any more', async () => {
    expect(await compare([report('/b', 'Held', 4)], { '/b': 'Held 3' })).toMatchObject({ status: 'Changed' });
    expect(await compare([report('/b', 'UpToDate')], { '/b': 'Held 3' })).toMatchObject({
      status: 'Changed',
      message: '/b: needs nobody any more.',
      told: '{}',
    });
  });

  it('keeps quiet of what is repaired, and where nothing is followed', async () => {
    expect(await compare([drifted(true)])).toMatchObject({ status: 'Same' });
    expect(await compare([])).toEqual({ status: 'Same', summary: 'No AMI parameter is followed' });
  });
});

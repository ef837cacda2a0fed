import { describe, expect, it } from '@jest/globals';
import { judge, type Seen } from '../../../../functions/lib/rollout/drift.ts';
import type { OutcomeName } from '../../../../functions/lib/rollout/rollout-table.ts';

const missed: Seen = { behind: 2, outcome: undefined, isRunning: false, begun: 'never', drift: 'repair' };
const with_ = (outcome: OutcomeName, more: Partial<Seen> = {}): Seen => ({
  ...missed,
  outcome: { executionArn: 'arn', outcome, attempt: 1, imageId: 'ami-1', at: 'then' },
  ...more,
});

describe('the drift check', () => {
  it('repairs a version of which nothing is known, and only that, and only where it may', () => {
    expect(judge(missed)).toMatchObject({ status: 'Drifted', repair: true });
    expect(judge({ ...missed, drift: 'report' })).toMatchObject({ status: 'Drifted', repair: false });
    for (const outcome of ['Completed', 'CompletedWithFailures', 'NothingToDo'] as const)
      expect(judge(with_(outcome))).toMatchObject({ status: 'Drifted', repair: false });
  });

  it.each(['Failed', 'RolledBack', 'Superseded', 'Running'] as const)('holds a version that ended as %s', (outcome) => {
    const judgement = judge(with_(outcome));
    expect(judgement.status).toBe('Held');
    expect(judgement.reason).toContain('"retry": true');
  });

  it('waits for a rollout that runs, whether it has noted so or not', () => {
    expect(judge(with_('Running', { isRunning: true }))).toMatchObject({ status: 'Running' });
    expect(judge({ ...missed, begun: 'runs' })).toMatchObject({ status: 'Running' });
    expect(judge({ ...missed, begun: 'ended' })).toMatchObject({ status: 'Held' });
  });

  it('is content where everything is on the AMI, whatever became of the rollout', () => {
    expect(judge({ ...missed, behind: 0 })).toEqual({ status: 'UpToDate', reason: '' });
    expect(judge(with_('Failed', { behind: 0 }))).toEqual({ status: 'UpToDate', reason: '' });
  });
});

import { amis } from '../support/groups.ts';
import { refreshing } from './refresh-asg.ts';
import { sweep } from './sweep.ts';

await sweep({
  ...refreshing('a group that goes back when its time is up', {
    imageId: amis.good,
    preferences: { minHealthyPercentage: 50, instanceWarmup: 0, checkpointPercentages: [50], checkpointDelay: 7200 },
    timeoutSeconds: 600,
  }),
  // What comes before is failed where the group is refreshed.
  choose: (calls) => calls.slice(calls.findIndex(({ operation }) => operation === 'RollbackInstanceRefresh') - 3),
});

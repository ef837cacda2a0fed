import { createHash } from 'node:crypto';
import type { PlannedTarget, Rollout, WaveItem } from '../schemas/ami-rollout-run.ts';
import type { Execution } from '../schemas/common.ts';

/** The name of a child, the same for every repeat: of a rollout, a group, and what is done to it. */
export const childName = ({ arn }: Execution, group: string, step: 'refresh' | 'roll-back'): string =>
  `rollout-${createHash('sha256').update([arn, group, step].join('|')).digest('hex').slice(0, 40)}`;

const shared = ({ policy }: Rollout, name: string) => ({
  autoScalingGroupName: name,
  preferences: { ...policy.preferences, ...policy.asgConfigurations[name] },
  onInstanceRefreshInProgress: policy.onInstanceRefreshInProgress,
});

/** What brings a group onto the AMI of the rollout. */
export const refreshItem = (execution: Execution, rollout: Rollout, { name }: PlannedTarget): WaveItem => ({
  executionName: childName(execution, name, 'refresh'),
  request: { ...shared(rollout, name), imageId: rollout.imageId },
});

/** What brings a group back onto what it ran before. A refresh that is still under way is in the way of that. */
export const rollBackItem = (
  execution: Execution,
  rollout: Rollout,
  { name, previous }: Pick<PlannedTarget, 'name' | 'previous'>,
): WaveItem => ({
  executionName: childName(execution, name, 'roll-back'),
  request: {
    ...shared(rollout, name),
    onInstanceRefreshInProgress: 'cancel',
    imageId: previous.find(({ override }) => override === null)?.imageId ?? previous[0]?.imageId ?? rollout.imageId,
    backTo: previous,
  },
});

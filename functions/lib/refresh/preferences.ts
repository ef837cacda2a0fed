import type { RefreshPreferences as AwsPreferences } from '@aws-sdk/client-auto-scaling';
import type { RefreshPreferences } from '../schemas/refresh-asg.ts';

/** AWS's own default, which a maximum must be given together with. */
const MIN_HEALTHY = 90;

/**
 * A request's preferences in Auto Scaling's words. A minimum goes with an explicit maximum, because Auto Scaling honours the
 * minimum of a small group only then: it launches first what it would otherwise replace. Checkpoints end at 100, because a
 * refresh ends at the last of them. Source: API reference, RefreshPreferences.
 */
export function preferencesOf(given: RefreshPreferences): AwsPreferences {
  const { minHealthyPercentage: least, maxHealthyPercentage: most, checkpointPercentages: at, alarms = [] } = given;
  return {
    AutoRollback: true,
    SkipMatching: given.skipMatching ?? true,
    ...healthy(least, most),
    ...(given.instanceWarmup !== undefined && { InstanceWarmup: given.instanceWarmup }),
    ...(at !== undefined && {
      CheckpointPercentages: at.at(-1) === 100 ? at : [...at, 100],
      ...(given.checkpointDelay !== undefined && { CheckpointDelay: given.checkpointDelay }),
    }),
    ...(given.bakeTime !== undefined && { BakeTime: given.bakeTime }),
    ...(alarms.length > 0 && { AlarmSpecification: { Alarms: alarms } }),
    ...untouched(given),
  };
}

/**
 * The same for going back: at once, without pauses, whatever the alarms say of the AMI that is left, and not back again.
 */
export const preferencesBack = (given: RefreshPreferences): AwsPreferences => ({
  AutoRollback: false,
  SkipMatching: true,
  ...healthy(given.minHealthyPercentage, given.maxHealthyPercentage),
  ...(given.instanceWarmup !== undefined && { InstanceWarmup: given.instanceWarmup }),
  ...untouched(given),
});

const healthy = (least: number | undefined, most: number | undefined): AwsPreferences =>
  least === undefined && most === undefined
    ? {}
    : { MinHealthyPercentage: least ?? MIN_HEALTHY, MaxHealthyPercentage: most ?? 100 };

const untouched = ({ scaleInProtectedInstances, standbyInstances }: RefreshPreferences): AwsPreferences => ({
  ScaleInProtectedInstances: scaleInProtectedInstances ?? 'Ignore',
  StandbyInstances: standbyInstances ?? 'Ignore',
});

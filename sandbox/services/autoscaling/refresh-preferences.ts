import type {
  RefreshPreferences,
  ScaleInProtectedInstances,
  StandbyInstances,
  StartInstanceRefreshType,
} from '@aws-sdk/client-auto-scaling';
import { notImplemented } from '../../core/aws-error.ts';
import { only } from '../../core/only.ts';
import { invalid, oneOf, within } from './errors.ts';
import type { Group } from './model.ts';

/** The preferences of an instance refresh with the defaults that apply to its group. Times in seconds. */
export interface Preferences {
  readonly minHealthyPercentage: number;
  readonly maxHealthyPercentage: number | undefined;
  readonly instanceWarmup: number;
  readonly checkpointPercentages: readonly number[];
  readonly checkpointDelay: number | undefined;
  readonly bakeTime: number;
  readonly skipMatching: boolean;
  readonly autoRollback: boolean;
  readonly scaleInProtectedInstances: ScaleInProtectedInstances;
  readonly standbyInstances: StandbyInstances;
  readonly alarms: readonly string[];
}

const TWO_DAYS = 172_800;
const MOST_ALARMS = 10;
const HEEDED = [
  ...['AlarmSpecification', 'AutoRollback', 'BakeTime', 'CheckpointDelay', 'CheckpointPercentages', 'InstanceWarmup'],
  ...['MaxHealthyPercentage', 'MinHealthyPercentage', 'ScaleInProtectedInstances', 'SkipMatching', 'StandbyInstances'],
];

function checkRanges(given: RefreshPreferences): void {
  within(given.MinHealthyPercentage, 'preferences.minHealthyPercentage', 0, 100);
  within(given.MaxHealthyPercentage, 'preferences.maxHealthyPercentage', 100, 200);
  within(given.InstanceWarmup, 'preferences.instanceWarmup', 0, Number.MAX_SAFE_INTEGER);
  within(given.CheckpointDelay, 'preferences.checkpointDelay', 0, TWO_DAYS);
  within(given.BakeTime, 'preferences.bakeTime', 0, TWO_DAYS);
  oneOf(given.ScaleInProtectedInstances, 'preferences.scaleInProtectedInstances', ['Ignore', 'Wait', 'Refresh']);
  oneOf(given.StandbyInstances, 'preferences.standbyInstances', ['Terminate', 'Ignore', 'Wait']);
  for (const percentage of given.CheckpointPercentages ?? [])
    within(percentage, 'preferences.checkpointPercentages', 1, 100);
}

/** Refuses a pair of percentages that the API has no meaning for; of a refresh or of a maintenance policy. */
export function checkHealthyPercentages(least: number | undefined, most: number | undefined): void {
  if (most === undefined) return;
  if (least === undefined)
    throw invalid("The request isn't valid. You must specify MinHealthyPercentage with MaxHealthyPercentage.");
  if (most - least > 100)
    throw invalid(
      "The request isn't valid. The difference between MaxHealthyPercentage and MinHealthyPercentage cannot be greater than 100.",
    );
}

function checkCombinations(given: RefreshPreferences, desired: StartInstanceRefreshType['DesiredConfiguration']): void {
  checkHealthyPercentages(given.MinHealthyPercentage, given.MaxHealthyPercentage);
  const checkpoints = given.CheckpointPercentages ?? [];
  if (checkpoints.some((percentage, index) => percentage <= (checkpoints[index - 1] ?? 0)))
    throw invalid("The request isn't valid. CheckpointPercentages must be unique and in ascending order.");
  if (given.CheckpointDelay !== undefined && checkpoints.length === 0)
    throw invalid("The request isn't valid. You must specify CheckpointPercentages with CheckpointDelay.");
  if ((given.AlarmSpecification?.Alarms?.length ?? 0) > MOST_ALARMS)
    throw invalid(`The request isn't valid. You can specify a maximum of ${MOST_ALARMS} alarms.`);
  if (given.AutoRollback === true && desired === undefined)
    throw invalid(
      "The request isn't valid. The AutoRollback parameter cannot be set to true when the DesiredConfiguration parameter is empty. Set AutoRollback to false or specify a desired configuration and try again.",
    );
}

/**
 * Reads the preferences of StartInstanceRefresh. Source: API reference, RefreshPreferences, and the guide's "Understand
 * the default values for an instance refresh".
 */
export function preferencesOf(group: Group, input: StartInstanceRefreshType): Preferences {
  const { Preferences: given = {}, Strategy: strategy, DesiredConfiguration: desired } = input;
  oneOf(strategy, 'strategy', ['Rolling', 'ReplaceRootVolume']);
  if (strategy === 'ReplaceRootVolume')
    throw notImplemented('autoscaling:StartInstanceRefresh with the strategy ReplaceRootVolume');
  only('autoscaling:StartInstanceRefresh', given, HEEDED);
  checkRanges(given);
  checkCombinations(given, desired);
  const { maintenancePolicy, defaultInstanceWarmup, gracePeriod } = group;
  const checkpointPercentages = given.CheckpointPercentages ?? [];
  return {
    minHealthyPercentage: given.MinHealthyPercentage ?? maintenancePolicy?.MinHealthyPercentage ?? 90,
    // A request with a minimum of its own has the default maximum, not the policy's: the two belong together.
    maxHealthyPercentage:
      given.MinHealthyPercentage === undefined ? maintenancePolicy?.MaxHealthyPercentage : given.MaxHealthyPercentage,
    instanceWarmup: given.InstanceWarmup ?? defaultInstanceWarmup ?? gracePeriod,
    checkpointPercentages,
    checkpointDelay: given.CheckpointDelay ?? (checkpointPercentages.length > 0 ? 3600 : undefined),
    bakeTime: given.BakeTime ?? 0,
    skipMatching: given.SkipMatching ?? false,
    autoRollback: given.AutoRollback ?? false,
    scaleInProtectedInstances: given.ScaleInProtectedInstances ?? 'Wait',
    standbyInstances: given.StandbyInstances ?? 'Wait',
    alarms: given.AlarmSpecification?.Alarms ?? [],
  };
}

/** As DescribeInstanceRefreshes shows them. */
export const shownPreferences = (preferences: Preferences): RefreshPreferences => ({
  MinHealthyPercentage: preferences.minHealthyPercentage,
  MaxHealthyPercentage: preferences.maxHealthyPercentage,
  InstanceWarmup: preferences.instanceWarmup,
  CheckpointPercentages:
    preferences.checkpointPercentages.length > 0 ? [...preferences.checkpointPercentages] : undefined,
  CheckpointDelay: preferences.checkpointDelay,
  BakeTime: preferences.bakeTime,
  SkipMatching: preferences.skipMatching,
  AutoRollback: preferences.autoRollback,
  ScaleInProtectedInstances: preferences.scaleInProtectedInstances,
  StandbyInstances: preferences.standbyInstances,
  AlarmSpecification: preferences.alarms.length > 0 ? { Alarms: [...preferences.alarms] } : undefined,
});

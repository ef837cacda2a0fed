import * as z from '../zod.ts';
import { ParameterState, RolloutCounts, RolloutTarget, Trigger } from './ami-rollout.ts';
import {
  AutoScalingGroupName,
  ImageId,
  OnRefreshInProgress,
  RefreshPreferences,
  RefreshStatus,
  TemplateVersions,
} from './refresh-asg.ts';
import { RolloutPolicy } from './rollout-policy.ts';

const Count = z.int().check(z.minimum(0));

/** What one execution rolls out, and how; handed from state to state. */
export const Rollout = z.strictObject({
  ...ParameterState.shape,
  imageId: ImageId,
  trigger: Trigger,
  dryRun: z.boolean(),
  retry: z.boolean(),
  /** Whoever wanted it: of the request, and of the version of the parameter. None of them may approve it. */
  requestedBy: z.array(z.string()),
  policy: RolloutPolicy,
});
export type Rollout = z.infer<typeof Rollout>;

/** A target that is to be rolled, as the plan keeps it and as a wave's item is made from it. */
export const PlannedTarget = z.strictObject({
  name: AutoScalingGroupName,
  wave: Count,
  desiredCapacity: Count,
  /** What it runs on now, to go back to. */
  previous: TemplateVersions,
  /** Whether its machines report to Systems Manager, so that new ones have to. */
  reports: z.boolean(),
});
export type PlannedTarget = z.infer<typeof PlannedTarget>;

/** The plan as S3 holds it. */
export const Plan = z.strictObject({ planned: z.array(PlannedTarget), others: z.array(RolloutTarget) });
export type Plan = z.infer<typeof Plan>;

/** The plan as the state machine holds it. */
export const PlanSummary = z.strictObject({ waves: Count, counts: RolloutCounts });
export type PlanSummary = z.infer<typeof PlanSummary>;

/** An item of the Distributed Map: the input of one execution of refresh-asg, and its name. */
export const WaveItem = z.strictObject({
  executionName: z.string().check(z.minLength(1), z.maxLength(80)),
  request: z.strictObject({
    autoScalingGroupName: AutoScalingGroupName,
    imageId: ImageId,
    preferences: RefreshPreferences,
    onInstanceRefreshInProgress: OnRefreshInProgress,
    backTo: z.optional(TemplateVersions),
  }),
});
export type WaveItem = z.infer<typeof WaveItem>;

/** How one child of a wave ended. `Refused`: refresh-asg failed, with the name of its error. */
export const WaveResult = z.strictObject({
  name: AutoScalingGroupName,
  status: z.enum([...RefreshStatus.options, 'Refused']),
  error: z.nullable(z.string()),
  reason: z.string(),
  repairCommand: z.nullable(z.string()),
});
export type WaveResult = z.infer<typeof WaveResult>;

/** How a rollout ends: with a status, or with the error that the execution fails with. */
export const Ending = z.union([
  z.strictObject({
    status: z.enum(['Completed', 'NothingToDo', 'Planned', 'Duplicate', 'Held', 'Superseded']),
    reason: z.string(),
  }),
  z.strictObject({ error: z.string(), cause: z.string() }),
]);
export type Ending = z.infer<typeof Ending>;

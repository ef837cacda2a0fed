import * as z from '../zod.ts';
import {
  AutoScalingGroupName,
  ImageId,
  OnRefreshInProgress,
  RefreshPreferences,
  TemplateVersions,
} from './refresh-asg.ts';

/** A validated request, as `refresh-asg` hands it to its functions. */
export const RefreshPlan = z.strictObject({
  autoScalingGroupName: AutoScalingGroupName,
  imageId: ImageId,
  preferences: RefreshPreferences,
  onInstanceRefreshInProgress: OnRefreshInProgress,
  backTo: z.nullable(TemplateVersions),
  /** When the way forward is given up, ISO 8601. */
  deadline: z.iso.datetime(),
  /** How many instances the group had, for whoever follows. */
  instanceCount: z.int(),
});
export type RefreshPlan = z.infer<typeof RefreshPlan>;

/** To new versions, or back to those that the group had. */
export const Direction = z.enum(['roll', 'back']);

/** How the last instance refresh of a group ended. `Unknown`: it could not be started or followed to its end. */
export const RefreshEnd = z.strictObject({
  status: z.enum(['Successful', 'Failed', 'RolledBack', 'Cancelled', 'Overdue', 'Gone', 'Unknown']),
  reason: z.string(),
});
export type RefreshEnd = z.infer<typeof RefreshEnd>;

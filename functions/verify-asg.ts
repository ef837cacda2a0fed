import * as z from './lib/zod.ts';
import { autoScalingClient, ec2Client } from './lib/clients.ts';
import { readGroup } from './lib/groups/group.ts';
import { isActive, refreshesOf } from './lib/refresh/refreshes.ts';
import { look, verdictOf } from './lib/refresh/verdict.ts';
import { Execution } from './lib/schemas/common.ts';
import { RefreshAsgResult, TemplateVersions } from './lib/schemas/refresh-asg.ts';
import { RefreshEnd, RefreshPlan } from './lib/schemas/refresh-asg-run.ts';
import { task } from './lib/task.ts';

const clients = { autoScaling: autoScalingClient(), ec2: ec2Client() };

export const Input = z.strictObject({
  execution: Execution,
  plan: RefreshPlan,
  previous: TemplateVersions,
  target: TemplateVersions,
  end: RefreshEnd,
  instanceRefreshIds: z.array(z.string()),
  warnings: z.array(z.string()),
});
export const Output = RefreshAsgResult;

/**
 * Says what became of a group by what is true now, whatever its instance refresh said. Source: Auto Scaling
 * DescribeAutoScalingGroups, DescribeInstanceRefreshes, EC2 DescribeInstances, DescribeLaunchTemplateVersions.
 */
export const handler = task(
  { input: Input, output: Output, target: ({ plan }) => plan.autoScalingGroupName },
  async (input): Promise<RefreshAsgResult> => {
    const { plan, previous, instanceRefreshIds, warnings } = input;
    const { autoScalingGroupName, imageId } = plan;
    const told = { autoScalingGroupName, imageId, previous, instanceRefreshIds };
    const group = await readGroup(clients.autoScaling, autoScalingGroupName);
    if (group === undefined) {
      const statusReason = 'The group was deleted meanwhile.';
      return { ...told, status: 'Failed', statusReason, current: previous, instances: {}, warnings };
    }
    const seen = await look(clients.ec2, group);
    const active = (await refreshesOf(clients.autoScaling, autoScalingGroupName))?.find(isActive);
    const { status, statusReason, repairCommand, kept } = verdictOf(input, seen, active);
    const leftAlone = kept.map(
      ({ id, isProtected }) =>
        `InstanceNotReplaced: ${id} is ${isProtected ? 'protected from scale-in' : 'in standby'} and runs another AMI`,
    );
    return {
      ...told,
      status,
      statusReason,
      // Versions that were deleted meanwhile have neither a number nor an AMI.
      current: seen.current.every(({ version }) => version !== '') ? seen.current : previous,
      instances: seen.images,
      ...(repairCommand !== undefined && { repairCommand }),
      warnings: [...warnings, ...leftAlone],
    };
  },
);

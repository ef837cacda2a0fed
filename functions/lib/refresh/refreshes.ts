import {
  AutoScalingServiceException,
  DescribeInstanceRefreshesCommand,
  type AutoScalingClient,
  type InstanceRefresh,
} from '@aws-sdk/client-auto-scaling';
import type { TemplateVersion } from '../schemas/refresh-asg.ts';
import { sameVersions, versionsIn } from './configuration.ts';

/** As many as a page has: of the newest, which come first. */
const LATEST = 100;

const ACTIVE: ReadonlySet<string> = new Set(['Pending', 'InProgress', 'Baking', 'Cancelling', 'RollbackInProgress']);

export const isActive = ({ Status }: InstanceRefresh): boolean => Status !== undefined && ACTIVE.has(Status);

/**
 * The latest instance refreshes of a group, the newest first; undefined where there is no such group.
 * Source: Auto Scaling DescribeInstanceRefreshes.
 */
export async function refreshesOf(
  autoScaling: AutoScalingClient,
  name: string,
  ids?: string[],
): Promise<InstanceRefresh[] | undefined> {
  try {
    const { InstanceRefreshes = [] } = await autoScaling.send(
      new DescribeInstanceRefreshesCommand({
        AutoScalingGroupName: name,
        ...(ids === undefined ? { MaxRecords: LATEST } : { InstanceRefreshIds: ids }),
      }),
    );
    return InstanceRefreshes;
  } catch (error) {
    if (isMissingGroup(error)) return undefined;
    throw error;
  }
}

/** Auto Scaling says so in words alone. */
export const isMissingGroup = (error: unknown): boolean =>
  error instanceof Error && /^AutoScalingGroup name not found/i.test(error.message);

/** The refresh that an earlier try has started although its answer was lost: StartInstanceRefresh takes no token. */
export const startedSince = (
  refreshes: readonly InstanceRefresh[],
  target: readonly TemplateVersion[],
  since: string,
): InstanceRefresh | undefined =>
  refreshes.find(
    ({ StartTime, DesiredConfiguration }) =>
      // One that is still pending may have no time yet; times may be of whole seconds.
      (StartTime === undefined || StartTime.getTime() >= Math.floor(Date.parse(since) / 1000) * 1000) &&
      DesiredConfiguration !== undefined &&
      sameVersions(versionsIn(DesiredConfiguration), target),
  );

/** Auto Scaling said no, and did nothing; its other answers may be to what it did. */
export function isRefusal(error: unknown): error is AutoScalingServiceException {
  if (!(error instanceof AutoScalingServiceException)) return false;
  const { httpStatusCode: status = 0 } = error.$metadata;
  return status >= 400 && status < 500 && status !== 408 && !/Throttl|RequestLimitExceeded|Contention/.test(error.name);
}

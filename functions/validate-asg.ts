import * as z from './lib/zod.ts';
import { autoScalingClient, ec2Client, ssmClient } from './lib/clients.ts';
import { rollableGroup } from './lib/groups/assess.ts';
import { isOnImage } from './lib/groups/images-of.ts';
import type { SurveyedGroup } from './lib/groups/survey.ts';
import { versionsOf } from './lib/groups/templates.ts';
import { later } from './lib/polling.ts';
import { sameVersions } from './lib/refresh/configuration.ts';
import { Execution, Timestamp } from './lib/schemas/common.ts';
import { RefreshAsgRequest, RefreshAsgResult, TemplateVersions } from './lib/schemas/refresh-asg.ts';
import { RefreshPlan } from './lib/schemas/refresh-asg-run.ts';
import { task } from './lib/task.ts';

const clients = { autoScaling: autoScalingClient(), ec2: ec2Client(), ssm: ssmClient() };

export const Input = z.strictObject({ execution: Execution, request: RefreshAsgRequest, startedAt: Timestamp });

const NothingToDo = z.strictObject({ status: z.literal('NothingToDo'), result: RefreshAsgResult });
const Valid = z.strictObject({ status: z.literal('Valid'), plan: RefreshPlan, previous: TemplateVersions });
export const Output = z.discriminatedUnion('status', [NothingToDo, Valid]);
type Output = z.infer<typeof Output>;

/**
 * Says whether a group can be refreshed to an AMI, or is on it already. Throws InvalidRequest, TargetNotFound, TargetNotAllowed,
 * TargetNotRollable, TemplateNotPinned, ImageDoesNotFit and ExclusionsUnreadable. Source: see survey.ts.
 */
export const handler = task(
  { input: Input, output: Output, target: ({ request }) => request.autoScalingGroupName },
  async ({ request, startedAt }): Promise<Output> => {
    const surveyed = await rollableGroup(clients, request);
    const previous = versionsOf(surveyed.templates);
    if (isThere(surveyed, request))
      return { status: 'NothingToDo', result: { ...nothingDone(request, surveyed), previous, current: previous } };
    const { timeoutSeconds, backTo = null, ...plan } = request;
    const deadline = later(startedAt, timeoutSeconds);
    const instanceCount = surveyed.group.instances.length;
    return { status: 'Valid', plan: { ...plan, backTo, deadline, instanceCount }, previous };
  },
);

function isThere({ group, templates, images }: SurveyedGroup, { imageId, backTo }: RefreshAsgRequest): boolean {
  if (backTo === undefined) return isOnImage(templates, images, imageId);
  const wanted = new Set(backTo.map((version) => version.imageId));
  return sameVersions(group.templates, backTo) && Object.keys(images).every((each) => wanted.has(each));
}

const nothingDone = (
  { autoScalingGroupName, imageId }: RefreshAsgRequest,
  { images }: SurveyedGroup,
): Omit<RefreshAsgResult, 'previous' | 'current'> => ({
  autoScalingGroupName,
  imageId,
  status: 'NothingToDo',
  statusReason: 'All that the group runs and launches is on the AMI already.',
  instanceRefreshIds: [],
  instances: images,
  warnings: [],
});

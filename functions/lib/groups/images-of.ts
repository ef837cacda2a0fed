import type { EC2Client, Instance } from '@aws-sdk/client-ec2';
import { byIds } from '../fleet/instances.ts';
import type { GroupState } from './group.ts';
import type { ResolvedTemplate } from './templates.ts';

/** An instance that is about to leave its group says nothing about it any more. */
const LEAVING = /^(?:Terminat|Detach)/;

/** The instances that a group has and keeps, whether they are in service or not. */
export const staying = ({ instances }: GroupState): GroupState['instances'] =>
  instances.filter(({ lifecycleState }) => !LEAVING.test(lifecycleState));

/** The instances of groups, by id, as EC2 shows them. Source: EC2 DescribeInstances. */
export async function membersOf(ec2: EC2Client, groups: readonly GroupState[]): Promise<Map<string, Instance>> {
  const ids = groups.flatMap((group) => staying(group).map(({ id }) => id));
  return new Map((await byIds(ec2, ids)).map((instance) => [instance.InstanceId ?? '', instance]));
}

/** How many instances of a group run which AMI. */
export function imagesOf(group: GroupState, members: ReadonlyMap<string, Instance>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { id } of staying(group)) {
    const imageId = members.get(id)?.ImageId;
    if (imageId !== undefined) counts[imageId] = (counts[imageId] ?? 0) + 1;
  }
  return counts;
}

/** Whether all that a group launches, and all that it runs, is of one AMI already. */
export const isOnImage = (
  templates: readonly ResolvedTemplate[],
  images: Readonly<Record<string, number>>,
  imageId: string,
): boolean =>
  templates.length > 0 &&
  templates.every((template) => template.imageId === imageId) &&
  Object.keys(images).every((each) => each === imageId);

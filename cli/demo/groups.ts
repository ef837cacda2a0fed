import { type AutoScalingClient, paginateDescribeAutoScalingGroups } from '@aws-sdk/client-auto-scaling';
import { DescribeInstancesCommand, type EC2Client } from '@aws-sdk/client-ec2';

/** A group as the demo tells about it. */
export interface Group {
  readonly name: string;
  readonly desired: number;
  /** Every member, whatever its state. */
  readonly members: number;
  /** Members in service that run the AMI asked for. */
  readonly renewed: number;
}

/** Whether a group has as many machines as it should have, and all of them run the AMI asked for. */
export const isRenewed = ({ desired, members, renewed }: Group): boolean => members === desired && renewed === desired;

interface Member {
  readonly id: string;
  readonly inService: boolean;
}

async function imagesOf(ec2: EC2Client, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [...ids] }));
  const instances = Reservations.flatMap(({ Instances = [] }) => Instances);
  return new Map(instances.map(({ InstanceId = '', ImageId = '' }) => [InstanceId, ImageId]));
}

/** The groups with a tag, by name, and how far each is on an AMI. Source: DescribeAutoScalingGroups, DescribeInstances. */
export async function describeGroups(
  { autoScaling, ec2 }: { readonly autoScaling: AutoScalingClient; readonly ec2: EC2Client },
  tag: { readonly key: string; readonly value: string },
  imageId: string,
): Promise<Group[]> {
  const found: { name: string; desired: number; members: Member[] }[] = [];
  const Filters = [{ Name: `tag:${tag.key}`, Values: [tag.value] }];
  for await (const page of paginateDescribeAutoScalingGroups({ client: autoScaling }, { Filters }))
    for (const {
      AutoScalingGroupName: name = '',
      DesiredCapacity: desired = 0,
      Instances = [],
    } of page.AutoScalingGroups ?? []) {
      const members = Instances.map(({ InstanceId: id = '', LifecycleState: state }) => ({
        id,
        inService: state === 'InService',
      }));
      found.push({ name, desired, members });
    }
  const ids = found.flatMap(({ members }) => members.map(({ id }) => id));
  const images = await imagesOf(ec2, ids);
  return found
    .map(({ name, desired, members }) => ({
      ...{ name, desired, members: members.length },
      renewed: members.filter(({ id, inService }) => inService && images.get(id) === imageId).length,
    }))
    .sort((a, b) => a.name.localeCompare(b.name));
}

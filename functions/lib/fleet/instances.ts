import {
  paginateDescribeInstances,
  type DescribeInstancesCommandInput,
  type EC2Client,
  type Filter,
  type Instance,
} from '@aws-sdk/client-ec2';
import {
  DescribeInstanceInformationCommand,
  type DescribeInstanceInformationCommandOutput,
  type InstanceInformation,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import type { FleetCommandRequest } from '../schemas/fleet-command.ts';

/** EC2's limit on the values of one filter. */
const MOST_VALUES = 200;
const PAGE = 1000;
/** DescribeInstanceInformation's largest page. */
const AGENTS_PAGE = 50;

/** EC2 takes `*` and `?` in filters for wildcards. */
const literal = (value: string): string => value.replaceAll(/[\\*?]/g, '\\$&');

/** The instances that a request means, each once. Source: EC2 DescribeInstances, every page, by filters and never by tag Targets. */
export async function selected(ec2: EC2Client, targets: FleetCommandRequest['targets']): Promise<Instance[]> {
  if ('instanceIds' in targets) return byIds(ec2, targets.instanceIds);
  if ('autoScalingGroups' in targets)
    return inChunks(targets.autoScalingGroups, (groups) =>
      filtered(ec2, [{ Name: 'tag:aws:autoscaling:groupName', Values: groups.map(literal) }, ALIVE]),
    );
  const tags = Object.entries(targets.tags).map(([key, value]) => ({
    Name: `tag:${key}`,
    Values: [value].flat().map(literal),
  }));
  return filtered(ec2, [...tags, ALIVE]);
}

/** A terminated instance keeps its tags for an hour; whoever selects by tag does not mean it. */
const ALIVE: Filter = { Name: 'instance-state-name', Values: ['pending', 'running', 'stopping', 'stopped'] };

/** The instances that there are of these; by filter, because one unknown id would fail a call by ids. */
export const byIds = (ec2: EC2Client, ids: readonly string[]): Promise<Instance[]> =>
  inChunks(ids, (some) => filtered(ec2, [{ Name: 'instance-id', Values: [...some] }]));

async function filtered(ec2: EC2Client, Filters: Filter[]): Promise<Instance[]> {
  const input: DescribeInstancesCommandInput = { Filters, MaxResults: PAGE };
  const found: Instance[] = [];
  for await (const { Reservations = [] } of paginateDescribeInstances({ client: ec2 }, input))
    found.push(...Reservations.flatMap(({ Instances = [] }) => Instances));
  return found;
}

async function inChunks<R>(values: readonly string[], of: (some: readonly string[]) => Promise<R[]>): Promise<R[]> {
  const found: R[] = [];
  for (let from = 0; from < values.length; from += MOST_VALUES)
    found.push(...(await of(values.slice(from, from + MOST_VALUES))));
  return found;
}

/** What SSM knows of the agents on these instances; of some it may know nothing. Source: SSM DescribeInstanceInformation. */
export async function agentsOf(ssm: SSMClient, ids: readonly string[]): Promise<Map<string, InstanceInformation>> {
  const agents = new Map<string, InstanceInformation>();
  let NextToken: string | undefined;
  do {
    const page: DescribeInstanceInformationCommandOutput = await ssm.send(
      new DescribeInstanceInformationCommand({
        Filters: [{ Key: 'InstanceIds', Values: [...ids] }],
        MaxResults: AGENTS_PAGE,
        NextToken,
      }),
    );
    for (const agent of page.InstanceInformationList ?? []) agents.set(agent.InstanceId ?? '', agent);
    ({ NextToken } = page);
    // The last page may say so with an empty token (API reference).
  } while (NextToken !== undefined && NextToken !== '');
  return agents;
}

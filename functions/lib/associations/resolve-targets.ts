import { DescribeInstancesCommand, type EC2Client, type Instance } from '@aws-sdk/client-ec2';
import {
  DescribeAssociationCommand,
  paginateDescribeInstanceInformation,
  type AssociationDescription,
  type SSMClient,
  type Target,
} from '@aws-sdk/client-ssm';
import { AssociationNotFound, TargetNotAllowed } from '../errors.ts';

/** A run locks each of its instances, one write each, before it starts anything. */
const MOST_INSTANCES = 1000;
/** Values that a filter of DescribeInstances may have. */
const MOST_FILTERED = 200;

const namesInstances = (key = ''): boolean => /^instanceids$/i.test(key);

/** Throws AssociationNotFound. Source: SSM DescribeAssociation. */
export async function describeAssociation(ssm: SSMClient, associationId: string): Promise<AssociationDescription> {
  const { AssociationDescription: association } = await ssm
    .send(new DescribeAssociationCommand({ AssociationId: associationId }))
    .catch((error: unknown) => {
      if (error instanceof Error && error.name === 'AssociationDoesNotExist')
        throw new AssociationNotFound(`There is no association ${associationId} in this account and region`);
      throw error;
    });
  if (association === undefined) throw new AssociationNotFound(`There is no association ${associationId}`);
  return association;
}

/**
 * The ids of the managed nodes on which State Manager would run an association now, sorted. Throws TargetNotAllowed where
 * they cannot be enumerated, or are too many. Source: SSM DescribeInstanceInformation; User Guide, "Understanding targets
 * and rate controls in State Manager associations".
 */
export async function targetedNodes(ssm: SSMClient, association: AssociationDescription): Promise<string[]> {
  const targets = enumerable(association);
  const Filters = targets
    .filter(({ Key, Values }) => !(namesInstances(Key) && Values?.includes('*')))
    .map(({ Key = '', Values = [] }) => ({ Key: namesInstances(Key) ? 'InstanceIds' : Key, Values }));
  const found: string[] = [];
  for await (const page of paginateDescribeInstanceInformation({ client: ssm, pageSize: 50 }, { Filters })) {
    found.push(...(page.InstanceInformationList ?? []).flatMap(({ InstanceId }) => InstanceId ?? []));
    if (found.length > MOST_INSTANCES)
      throw new TargetNotAllowed(
        `Association ${association.AssociationId} has more than ${MOST_INSTANCES} targets, which a run must lock one by one. ` +
          'Divide it into several, or leave it to its schedule',
      );
  }
  return found.sort();
}

/** The association's targets, where they are of a kind that can be told before it runs. */
function enumerable(association: AssociationDescription): readonly Target[] {
  const { AssociationId: id, InstanceId, Targets: targets = [] } = association;
  const refuse = (what: string) =>
    new TargetNotAllowed(`The targets of association ${id} cannot be enumerated, because ${what}`);
  if (association.AutomationTargetParameterName !== undefined) throw refuse('its document is an Automation runbook');
  if (association.TargetMaps?.length) throw refuse('it has TargetMaps');
  if (association.TargetLocations?.length) throw refuse('it has TargetLocations, of other accounts or regions');
  const unknown = targets.find(({ Key = '' }) => !namesInstances(Key) && Key !== 'tag-key' && !Key.startsWith('tag:'));
  if (unknown !== undefined) throw refuse(`it has targets by ${unknown.Key}`);
  if (targets.length > 0) return targets;
  if (InstanceId !== undefined) return [{ Key: 'InstanceIds', Values: [InstanceId] }];
  throw refuse('it has none of its own: its document is an Automation runbook');
}

/** The instances by their ids, as far as there are any. Source: EC2 DescribeInstances. */
export async function describeInstances(ec2: EC2Client, ids: readonly string[]): Promise<Map<string, Instance>> {
  const found = new Map<string, Instance>();
  for (let start = 0; start < ids.length; start += MOST_FILTERED) {
    const Values = ids.slice(start, start + MOST_FILTERED);
    // By a filter, because one id that is gone would fail a request that names it.
    const byIds = new DescribeInstancesCommand({ Filters: [{ Name: 'instance-id', Values }], MaxResults: 1000 });
    const { Reservations = [] } = await ec2.send(byIds);
    for (const { Instances = [] } of Reservations)
      for (const instance of Instances) found.set(instance.InstanceId ?? '', instance);
  }
  return found;
}

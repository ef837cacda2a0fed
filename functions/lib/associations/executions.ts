import {
  paginateDescribeAssociationExecutions,
  paginateDescribeAssociationExecutionTargets,
  type AssociationExecution,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import type { AssociationTarget, ResourceCounts } from '../schemas/start-association.ts';

interface Started {
  readonly associationId: string;
  /** ISO 8601; only executions created later count. */
  readonly startedAt: string;
}

/** The executions of an association since it was started, the earliest first. Source: SSM DescribeAssociationExecutions. */
export async function executionsSince(
  ssm: SSMClient,
  { associationId, startedAt }: Started,
): Promise<AssociationExecution[]> {
  const pages = paginateDescribeAssociationExecutions(
    { client: ssm, pageSize: 50 },
    { AssociationId: associationId, Filters: [{ Key: 'CreatedTime', Value: startedAt, Type: 'GREATER_THAN' }] },
  );
  const found: AssociationExecution[] = [];
  for await (const { AssociationExecutions = [] } of pages) found.push(...AssociationExecutions);
  const created = ({ CreatedTime }: AssociationExecution) => CreatedTime?.getTime() ?? 0;
  return found.sort((one, other) => created(one) - created(other));
}

/** The targets of an execution: those that did not succeed first, then by id. Source: SSM DescribeAssociationExecutionTargets. */
export async function targetsOf(
  ssm: SSMClient,
  associationId: string,
  executionId: string,
): Promise<AssociationTarget[]> {
  const pages = paginateDescribeAssociationExecutionTargets(
    { client: ssm, pageSize: 50 },
    { AssociationId: associationId, ExecutionId: executionId },
  );
  const found: AssociationTarget[] = [];
  for await (const { AssociationExecutionTargets: targets = [] } of pages)
    for (const { ResourceId = '', ResourceType = '', Status = '', DetailedStatus = Status } of targets)
      found.push({
        resourceId: ResourceId,
        resourceType: ResourceType,
        status: Status,
        detailedStatus: DetailedStatus,
      });
  const rank = ({ status, resourceId }: AssociationTarget) => `${status === 'Success' ? 1 : 0}${resourceId}`;
  return found.sort((one, other) => (rank(one) < rank(other) ? -1 : 1));
}

/** `{Success=2, Failed=1}`, as AWS writes it, as a record. */
export const countsIn = (written = ''): ResourceCounts =>
  Object.fromEntries([...written.matchAll(/(\w+)=(\d+)/g)].map(([, status = '', count]) => [status, Number(count)]));

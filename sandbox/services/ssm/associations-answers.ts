import type * as ssm from '@aws-sdk/client-ssm';
import { type Association, type AssociationExecution, countByStatus, targetStatus } from './associations-model.ts';
import type { Invocation } from './model.ts';

const optionalDate = (time: number | undefined): Date | undefined => (time === undefined ? undefined : new Date(time));

/** The executions that the describing operations know at a time, newest first. */
export const visibleExecutions = ({ executions }: Association, now: number): readonly AssociationExecution[] =>
  executions.filter(({ visibleAt }) => visibleAt <= now).sort((one, other) => other.createdAt - one.createdAt);

const statusOf = ({ run }: AssociationExecution): string => run?.status ?? 'Pending';

function overview(latest: AssociationExecution | undefined): ssm.AssociationOverview {
  if (latest?.run === undefined) return { Status: 'Pending', DetailedStatus: 'Creating' };
  const status = statusOf(latest);
  return {
    Status: status,
    DetailedStatus: status,
    AssociationStatusAggregatedCount: Object.fromEntries(countByStatus(latest.run.command)),
  };
}

/** The Association shape, as ListAssociations answers it. */
export function listedAssociation(association: Association, now: number): ssm.Association {
  const { id, version, definition } = association;
  const [latest] = visibleExecutions(association, now);
  return {
    Name: definition.Name,
    AssociationId: id,
    AssociationVersion: String(version),
    DocumentVersion: definition.DocumentVersion ?? '$DEFAULT',
    Targets: definition.Targets,
    TargetMaps: definition.TargetMaps,
    LastExecutionDate: optionalDate(latest?.createdAt),
    Overview: overview(latest),
    ScheduleExpression: definition.ScheduleExpression,
    AssociationName: definition.AssociationName,
  };
}

/** The AssociationDescription shape, as CreateAssociation, UpdateAssociation and DescribeAssociation answer it. */
export function describedAssociation(association: Association, now: number): ssm.AssociationDescription {
  const { definition, createdAt, updatedAt } = association;
  const succeeded = visibleExecutions(association, now).find((execution) => statusOf(execution) === 'Success');
  return {
    ...definition,
    ...listedAssociation(association, now),
    Date: new Date(createdAt),
    LastUpdateAssociationDate: new Date(updatedAt),
    ApplyOnlyAtCronInterval: definition.ApplyOnlyAtCronInterval ?? false,
    LastSuccessfulExecutionDate: optionalDate(succeeded?.createdAt),
  };
}

/** The status counts as AWS writes them: `{Success=2, Failed=1}`. */
const written = ({ run }: AssociationExecution): string =>
  `{${run === undefined ? '' : [...countByStatus(run.command)].map((entry) => entry.join('=')).join(', ')}}`;

export function listedExecution({ id }: Association, execution: AssociationExecution): ssm.AssociationExecution {
  const status = statusOf(execution);
  return {
    AssociationId: id,
    AssociationVersion: String(execution.version),
    ExecutionId: execution.id,
    Status: status,
    DetailedStatus: status,
    CreatedTime: new Date(execution.createdAt),
    LastExecutionDate: optionalDate(execution.run?.changedAt),
    ResourceCountByStatus: written(execution),
  };
}

/** One target of an execution; what waits for its agent has no more to say than that. */
export function listedTarget(
  { id }: Association,
  { id: executionId, version, run }: AssociationExecution,
  { instanceId, details }: Invocation,
): ssm.AssociationExecutionTarget {
  const target = run?.targets.get(instanceId);
  return {
    AssociationId: id,
    AssociationVersion: String(version),
    ExecutionId: executionId,
    ResourceId: instanceId,
    ResourceType: 'ManagedInstance',
    Status: targetStatus(details),
    DetailedStatus: details === 'Delayed' ? 'Pending' : details,
    LastExecutionDate: optionalDate(target?.changedAt),
    OutputSource: { OutputSourceId: target?.outputSourceId, OutputSourceType: 'RunCommand' },
  };
}

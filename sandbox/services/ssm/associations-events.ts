import type { World } from '../../core/world.ts';
import {
  type Association,
  type AssociationExecution,
  type AssociationStatus,
  countByStatus,
  targetStatus,
} from './associations-model.ts';
import { documentArn } from './associations-permissions.ts';
import type { Command, Invocation } from './model.ts';

const iso = (time: number): string => new Date(time).toISOString();

/** What both kinds of events say of the association. */
function common(
  { id, createdAt, updatedAt }: Association,
  { version, definition, createdAt: begun }: AssociationExecution,
) {
  return {
    'association-id': id,
    'document-name': definition.Name,
    'association-version': String(version),
    'document-version': definition.DocumentVersion ?? '$DEFAULT',
    targets: JSON.stringify((definition.Targets ?? []).map(({ Key, Values }) => ({ key: Key, values: Values }))),
    'creation-date': iso(createdAt),
    'last-updated-date': iso(updatedAt),
    'last-execution-date': iso(begun),
  };
}

/** "EC2 State Manager Association State Change" (EventBridge Events Reference). */
export function associationChanged(
  world: World,
  association: Association,
  execution: AssociationExecution,
  { status, command }: { readonly status: AssociationStatus; readonly command: Command },
): void {
  const { ScheduleExpression: schedule, AssociationName: name, Name: document = '' } = execution.definition;
  world.emit({
    source: 'aws.ssm',
    'detail-type': 'EC2 State Manager Association State Change',
    resources: [documentArn(world, document)],
    detail: {
      ...common(association, execution),
      ...(name !== undefined && { 'association-name': name }),
      ...(schedule !== undefined && { 'schedule-expression': schedule }),
      status,
      'association-status-aggregated-count': JSON.stringify(Object.fromEntries(countByStatus(command))),
      'association-cwe-version': '1.0',
    },
  });
}

/** "EC2 State Manager Instance Association State Change" (EventBridge Events Reference). */
export function targetChanged(
  world: World,
  association: Association,
  execution: AssociationExecution,
  { instanceId, details }: Invocation,
): void {
  world.emit({
    source: 'aws.ssm',
    'detail-type': 'EC2 State Manager Instance Association State Change',
    resources: [
      `arn:aws:ec2:${world.region}:${world.account}:instance/${instanceId}`,
      documentArn(world, execution.definition.Name ?? ''),
    ],
    detail: {
      ...common(association, execution),
      'instance-id': instanceId,
      status: targetStatus(details),
      'detailed-status': details,
      'instance-association-cwe-version': '1',
    },
  });
}

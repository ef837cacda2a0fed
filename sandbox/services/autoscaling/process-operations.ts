import type * as sdk from '@aws-sdk/client-auto-scaling';
import { type Operation, operation } from '../../core/service.ts';
import { invalid } from './errors.ts';
import type { Parts } from './parts.ts';

/** Source: Auto Scaling User Guide, "Suspend and resume Amazon EC2 Auto Scaling processes". */
export const PROCESSES = [
  'Launch',
  'Terminate',
  'AddToLoadBalancer',
  'AlarmNotification',
  'AZRebalance',
  'HealthCheck',
  'InstanceRefresh',
  'ReplaceUnhealthy',
  'ScheduledActions',
] as const;
const isProcess = (name: string): boolean => PROCESSES.some((process) => process === name);

function checked(processes: readonly string[] | undefined): readonly string[] {
  if (processes === undefined || processes.length === 0) return PROCESSES;
  const unknown = processes.find((process) => !isProcess(process));
  if (unknown !== undefined) throw invalid(`Process type ${unknown} is not a valid process type.`);
  return processes;
}

/** SuspendProcesses and ResumeProcesses; all of them where none is named. */
export function processOperations({
  world,
  groups,
  permissions,
  supervisor,
}: Parts): Readonly<Record<string, Operation>> {
  return {
    SuspendProcesses: operation<sdk.SuspendProcessesCommandInput, sdk.SuspendProcessesCommandOutput>(
      ({ AutoScalingGroupName: name }) => permissions.on('SuspendProcesses', name),
      ({ AutoScalingGroupName: name, ScalingProcesses: processes }) => {
        const group = groups.get(name);
        const reason = `User suspended at ${world.clock.date().toISOString().slice(0, 19)}Z`;
        for (const process of checked(processes))
          if (!group.suspended.has(process)) group.suspended.set(process, reason);
        supervisor.touch(group);
        return {};
      },
    ),
    ResumeProcesses: operation<sdk.ResumeProcessesCommandInput, sdk.ResumeProcessesCommandOutput>(
      ({ AutoScalingGroupName: name }) => permissions.on('ResumeProcesses', name),
      ({ AutoScalingGroupName: name, ScalingProcesses: processes }) => {
        const group = groups.get(name);
        for (const process of checked(processes)) group.suspended.delete(process);
        supervisor.touch(group);
        return {};
      },
    ),
  };
}

import type { CommandInvocation } from '@aws-sdk/client-ssm';
import type { MachineStatus } from '../schemas/fleet-command.ts';
import type { Active, ResultLine } from '../schemas/fleet-command-run.ts';

type CalledBack = Pick<Active, 'stopped' | 'sweptAt' | 'overdueAt'>;

const STATUSES: Readonly<Record<string, MachineStatus>> = {
  Success: 'Success',
  Failed: 'Failed',
  ExecutionTimedOut: 'TimedOut',
  TimedOut: 'TimedOut',
  DeliveryTimedOut: 'Undelivered',
  Undeliverable: 'Undelivered',
  InvalidPlatform: 'Undelivered',
  Terminated: 'NotRun',
};
/** Those of a machine that is given up although its agent may still be at work. */
const UNFINISHED: Readonly<Record<string, MachineStatus>> = {
  Pending: 'Undelivered',
  Delayed: 'Undelivered',
  InProgress: 'TimedOut',
  Cancelling: 'TimedOut',
};

/** SSM's finer terms; the console's spelling has spaces in it. */
const detailsOf = ({ Status, StatusDetails = Status ?? '' }: CommandInvocation): string =>
  StatusDetails.replaceAll(' ', '');

/**
 * What became of a machine, by its invocation; undefined where SSM refused it in its caller's name, which is no failure
 * of the machine's. Source: user guide, "Understanding command statuses".
 */
export function statusOf(invocation: CommandInvocation, calledBack: CalledBack): MachineStatus | undefined {
  const details = detailsOf(invocation);
  if (details === 'AccessDenied') return undefined;
  if (details === 'Cancelled') return ofCancelled(invocation, calledBack);
  return STATUSES[details] ?? UNFINISHED[details] ?? 'Failed';
}

function ofCancelled({ CommandPlugins = [] }: CommandInvocation, { stopped, sweptAt, overdueAt }: CalledBack) {
  const began = CommandPlugins.some(({ ResponseStartDateTime }) => ResponseStartDateTime !== undefined);
  if (began) return overdueAt === null ? 'Cancelled' : 'TimedOut';
  return !stopped && (sweptAt !== null || overdueAt !== null) ? 'Undelivered' : 'NotRun';
}

/** A machine's line in the results. `outputs` is the S3 folder of all outputs. */
export function lineOf(
  invocation: CommandInvocation,
  status: MachineStatus,
  { batch, outputs }: { readonly batch: number; readonly outputs: string },
): ResultLine {
  const { InstanceId: instanceId = '', CommandId: commandId = null, CommandPlugins: [plugin] = [] } = invocation;
  const startedAt = plugin?.ResponseStartDateTime?.toISOString();
  const endedAt = plugin?.ResponseFinishDateTime?.toISOString();
  return {
    instanceId,
    status,
    statusDetails: detailsOf(invocation),
    exitCode: plugin?.ResponseCode ?? -1,
    output: plugin?.Output ?? '',
    commandId,
    batch,
    ...(startedAt !== undefined && { startedAt }),
    ...(endedAt !== undefined && { endedAt }),
    ...(startedAt !== undefined && { outputUri: `${outputs}/${commandId ?? ''}/${instanceId}/` }),
  };
}

/** The line of a machine whose command, or whose part in it, SSM does not show. */
export const lostLine = (instanceId: string, { batch, commandId }: Active): ResultLine => ({
  instanceId,
  status: 'Unknown',
  statusDetails: 'CommandStateUnknown',
  exitCode: -1,
  output: '',
  commandId,
  batch,
});

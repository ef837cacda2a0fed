import type * as ssm from '@aws-sdk/client-ssm';
import { type Command, type Details, type Invocation, outputPrefix, statusOf } from './model.ts';
import { pluginOutput } from './output.ts';

const FINISHED: readonly Details[] = ['Success', 'Failed', 'Cancelled', 'ExecutionTimedOut'];

/** The Command shape, as SendCommand and ListCommands answer it. */
export function answerOf(command: Command): ssm.Command {
  const { tally } = command;
  return {
    CommandId: command.commandId,
    DocumentName: command.document.name,
    DocumentVersion: command.documentVersion,
    Comment: command.comment,
    ExpiresAfter: new Date(command.expiresAt),
    Parameters: mutable(command.parameters),
    InstanceIds: [...command.instanceIds],
    Targets: [...command.targets],
    RequestedDateTime: new Date(command.requestedAt),
    Status: command.status,
    StatusDetails: command.statusDetails,
    OutputS3Region: '',
    OutputS3BucketName: command.bucket,
    OutputS3KeyPrefix: command.keyPrefix,
    MaxConcurrency: command.maxConcurrency,
    MaxErrors: command.maxErrors,
    TargetCount: tally.total,
    CompletedCount: tally.completed,
    ErrorCount: tally.errors,
    DeliveryTimedOutCount: tally.of('DeliveryTimedOut'),
    ServiceRole: '',
    NotificationConfig: { NotificationArn: '', NotificationEvents: [], NotificationType: undefined },
    CloudWatchOutputConfig: { CloudWatchLogGroupName: '', CloudWatchOutputEnabled: false },
    TimeoutSeconds: command.timeoutSeconds,
  };
}

const mutable = (parameters: Command['parameters']): Record<string, string[]> =>
  Object.fromEntries(Object.entries(parameters).map(([name, values]) => [name, [...values]]));

function outputUrl(command: Command, { instanceId }: Invocation, region: string, stream: 'stdout' | 'stderr'): string {
  if (command.bucket === '') return '';
  return `https://s3.${region}.amazonaws.com/${command.bucket}/${outputPrefix(command, instanceId)}/${stream}`;
}

/** GetCommandInvocation's answer; what has not run yet has response code -1 and empty times. */
export function invocationDetails(command: Command, invocation: Invocation, region: string) {
  const { startedAt, endedAt, details } = invocation;
  const ran = startedAt !== undefined && endedAt !== undefined && FINISHED.includes(details);
  return {
    CommandId: command.commandId,
    InstanceId: invocation.instanceId,
    Comment: command.comment,
    DocumentName: command.document.name,
    DocumentVersion: command.documentVersion,
    PluginName: command.document.pluginName,
    ResponseCode: invocation.responseCode,
    ExecutionStartDateTime: startedAt === undefined ? '' : new Date(startedAt).toISOString(),
    ExecutionElapsedTime: ran ? `PT${(endedAt - startedAt) / 1000}S` : '',
    ExecutionEndDateTime: ran ? new Date(endedAt).toISOString() : '',
    Status: statusOf(details),
    StatusDetails: details,
    StandardOutputContent: invocation.stdout,
    StandardOutputUrl: outputUrl(command, invocation, region, 'stdout'),
    StandardErrorContent: invocation.stderr,
    StandardErrorUrl: outputUrl(command, invocation, region, 'stderr'),
    CloudWatchOutputConfig: { CloudWatchLogGroupName: '', CloudWatchOutputEnabled: false },
  };
}

/** One element of ListCommandInvocations; its plugins only where Details asks for them. */
export function listedInvocation(
  command: Command,
  invocation: Invocation,
  region: string,
  details: boolean,
): ssm.CommandInvocation {
  return {
    CommandId: command.commandId,
    InstanceId: invocation.instanceId,
    InstanceName: invocation.computerName,
    Comment: command.comment,
    DocumentName: command.document.name,
    DocumentVersion: command.documentVersion,
    RequestedDateTime: new Date(invocation.requestedAt),
    Status: statusOf(invocation.details),
    StatusDetails: invocation.details,
    StandardOutputUrl: outputUrl(command, invocation, region, 'stdout'),
    StandardErrorUrl: outputUrl(command, invocation, region, 'stderr'),
    CommandPlugins: details ? [plugin(command, invocation, region)] : [],
    ServiceRole: '',
    NotificationConfig: { NotificationArn: '', NotificationEvents: [], NotificationType: undefined },
    CloudWatchOutputConfig: { CloudWatchLogGroupName: '', CloudWatchOutputEnabled: false },
  };
}

/** A plugin knows fewer statuses than the invocation. */
function pluginStatusOf(details: Details): ssm.CommandPluginStatus {
  const status = statusOf(details);
  if (status === 'Cancelling') return 'InProgress';
  return status === 'Delayed' ? 'Pending' : status;
}

function plugin(command: Command, invocation: Invocation, region: string): ssm.CommandPlugin {
  const { startedAt, endedAt, details, stdout, stderr } = invocation;
  return {
    Name: command.document.pluginName,
    Status: pluginStatusOf(details),
    StatusDetails: details,
    ResponseCode: invocation.responseCode,
    ...(startedAt === undefined ? {} : { ResponseStartDateTime: new Date(startedAt) }),
    ...(endedAt === undefined ? {} : { ResponseFinishDateTime: new Date(endedAt) }),
    Output: pluginOutput(stdout, stderr),
    StandardOutputUrl: outputUrl(command, invocation, region, 'stdout'),
    StandardErrorUrl: outputUrl(command, invocation, region, 'stderr'),
    OutputS3Region: region,
    OutputS3BucketName: command.bucket,
    OutputS3KeyPrefix: command.bucket === '' ? '' : outputPrefix(command, invocation.instanceId),
  };
}

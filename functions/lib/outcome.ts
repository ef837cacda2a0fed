import type { GetCommandInvocationCommandOutput } from '@aws-sdk/client-ssm';
import {
  AccessDenied,
  CommandTimedOut,
  DeliveryTimedOut,
  InvalidPlatform,
  Terminated,
  Undeliverable,
} from './errors.ts';
import type { CommandOutcome } from './schemas/command-outcome.ts';

/** GetCommandInvocation's limit, in characters. */
const STDOUT_LIMIT = 24_000;

interface Sent {
  readonly commandId: string;
  readonly instanceId: string;
  readonly timeoutSeconds: number;
}

/**
 * What an invocation that has ended came to. Throws where it never ran, or was stopped at its deadline: SSM tells these
 * apart by StatusDetails alone, most of them under the status Failed.
 */
export function outcomeOf(
  invocation: GetCommandInvocationCommandOutput,
  { commandId, instanceId, timeoutSeconds }: Sent,
): CommandOutcome {
  const { Status: status = '', StandardOutputContent: stdout = '', StandardErrorContent: stderr = '' } = invocation;
  // The console's spelling has spaces in it.
  const statusDetails = (invocation.StatusDetails ?? status).replaceAll(' ', '');
  const what = `Command ${commandId} on ${instanceId}`;
  switch (statusDetails) {
    case 'Undeliverable':
      throw new Undeliverable(
        `${what} could not be delivered: the instance does not exist any more or does not answer`,
      );
    case 'DeliveryTimedOut':
      throw new DeliveryTimedOut(`${what} was not fetched by the agent in time; it never ran`);
    case 'AccessDenied':
      throw new AccessDenied(`${what}: SSM reports AccessDenied; its sender may not command the instance`);
    case 'InvalidPlatform':
      throw new InvalidPlatform(`${what}: its document does not run on the instance's platform`);
    case 'Terminated':
      throw new Terminated(`${what} was ended by SSM before it began`);
    case 'ExecutionTimedOut':
    case 'TimedOut':
      if (!killedEarly(invocation, timeoutSeconds))
        throw new CommandTimedOut(`${what} was stopped by the agent after ${timeoutSeconds} s (${statusDetails})`);
      break;
  }
  return {
    status: (status === 'TimedOut' ? 'Failed' : status) as CommandOutcome['status'],
    statusDetails,
    exitCode: invocation.ResponseCode ?? -1,
    stdout,
    stderr,
    stdoutTruncated: stdout.length >= STDOUT_LIMIT || stdout.trimEnd().endsWith('---Output truncated---'),
    commandId,
    instanceId,
  };
}

/**
 * Whether a script reported as timed out ended before it could have been: the agent takes exit code 137 for its own kill,
 * but a process killed for its memory, or by `docker kill`, leaves the same code.
 */
function killedEarly(
  { ExecutionElapsedTime = '' }: GetCommandInvocationCommandOutput,
  timeoutSeconds: number,
): boolean {
  const elapsed = secondsOf(ExecutionElapsedTime);
  return elapsed !== undefined && elapsed < timeoutSeconds;
}

/** Seconds of an ISO 8601 duration of days to seconds, as SSM writes it (`PT1H0M4.2S`); `undefined` for anything else. */
function secondsOf(duration: string): number | undefined {
  const parts = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(duration);
  if (parts === null) return undefined;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = parts
    .slice(1)
    .map((part: string | undefined) => Number(part ?? 0));
  return ((days * 24 + hours) * 60 + minutes) * 60 + seconds;
}

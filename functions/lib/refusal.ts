import { SSMServiceException } from '@aws-sdk/client-ssm';
import { CommandRefused, CommandThrottled, TargetOffline } from './errors.ts';
import type { ValidatedTarget } from './schemas/target.ts';

/** SSM said no. Anything else, a server error or no answer at all, leaves open whether the command was sent. */
export function isRefusal(error: unknown): error is SSMServiceException {
  const status = error instanceof SSMServiceException ? (error.$metadata.httpStatusCode ?? 0) : 0;
  return status >= 400 && status < 500 && status !== 408;
}

/** SSM has no time for it now, and has done nothing. */
export const isThrottle = ({ name }: SSMServiceException): boolean =>
  /Throttl|TooManyRequests|RequestLimitExceeded/.test(name);

/** What a refusal of SendCommand is to the runbook. */
export function refusal(error: SSMServiceException, { instanceId }: ValidatedTarget): Error {
  if (error.name === 'AccessDeniedException') return error;
  if (isThrottle(error)) return new CommandThrottled('SSM throttled SendCommand');
  if (error.name === 'InvalidInstanceId')
    return new TargetOffline(`${instanceId} stopped being reachable by SSM before the command was sent`);
  // What is thrown is logged, and SSM's own words may quote the command.
  const { requestId = 'unknown' } = error.$metadata;
  return new CommandRefused(
    `SSM refused SendCommand with ${error.name} (request ${requestId}). Its words may quote the command and are left out here`,
  );
}

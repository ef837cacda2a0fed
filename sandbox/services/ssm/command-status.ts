import type { CommandStatus } from '@aws-sdk/client-ssm';
import type { Command, Details } from './model.ts';
import { rateLimit } from './rate-control.ts';

/** Invocations that never reached a script: they decide nothing where another one ran. */
const NOT_RUN: readonly Details[] = ['Undeliverable', 'InvalidPlatform', 'AccessDenied'];

/**
 * Status and StatusDetails of a command whose invocations are all over (user guide, Understanding command statuses):
 * Failed, ExecutionTimedOut and DeliveryTimedOut where more than MaxErrors have that status; Success where all that could be
 * run succeeded; Incomplete otherwise. RateExceeded, the account's limit of pending invocations, is not modelled.
 */
export function finalStatus({ tally, maxErrors, cancelled }: Command): readonly [CommandStatus, string] {
  const most = rateLimit(maxErrors, tally.total);
  const ran = tally.total - tally.of(...NOT_RUN);
  if (tally.total === 0) return ['Success', 'NoInstancesInTag'];
  if ((cancelled && tally.of('Cancelled') > 0) || tally.of('Cancelled') === tally.total)
    return ['Cancelled', 'Cancelled'];
  if (tally.errors > most) return tally.of('Failed') > 0 ? ['Failed', 'Failed'] : ['TimedOut', 'ExecutionTimedOut'];
  if (tally.of('AccessDenied') === tally.total) return ['Failed', 'AccessDenied'];
  if (ran === 0) return ['Failed', 'Failed'];
  if (tally.of('Success') === ran) return ['Success', 'Success'];
  if (tally.of('DeliveryTimedOut') > most) return ['TimedOut', 'DeliveryTimedOut'];
  return ['Failed', 'Incomplete'];
}

import { createHash } from 'node:crypto';
import type { ParameterState } from '../schemas/ami-rollout.ts';

/** Whoever asks for a version to be tried again asks through the API, whose executions have names of their own. */
const ATTEMPT = 1;

/**
 * The name of the execution that a version of a parameter starts by itself: the same however often, and in whichever order, its
 * change is noticed. A parameter that was deleted and made again begins at version 1 again, at another time; execution names are
 * taken for 90 days. Source: Step Functions Developer Guide, "Quotas".
 */
export function rolloutName({ parameter, version, lastModified }: ParameterState): string {
  const changed = [parameter, version, new Date(lastModified).toISOString(), ATTEMPT].join('|');
  return `ami-${createHash('sha256').update(changed).digest('hex').slice(0, 40)}`;
}

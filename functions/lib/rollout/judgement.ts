import type { WaveResult } from '../schemas/ami-rollout-run.ts';

/** What has come out of the tag gate or the exclusions since the plan was made: as the plan would have had it, no failure. */
const LEFT_ALONE: readonly unknown[] = ['TargetNotAllowed', 'TargetNotFound'];

/** What one result is to the rollout. */
export function verdictOn({ status, error }: WaveResult): 'good' | 'failed' | 'skipped' {
  if (status === 'Refreshed' || status === 'NothingToDo') return 'good';
  return status === 'Refused' && LEFT_ALONE.includes(error) ? 'skipped' : 'failed';
}

interface Limits {
  readonly maxFailures: number;
  readonly isCanary: boolean;
}

/** Why no further wave may begin, judged by all results so far; undefined where one may. */
export function breachOf(
  wave: readonly WaveResult[],
  all: Iterable<WaveResult>,
  { maxFailures, isCanary }: Limits,
): string | undefined {
  const failed = wave.filter((result) => verdictOn(result) === 'failed');
  if (isCanary && failed.length > 0) return `The canary failed: ${named(failed)}`;
  const count = [...all].filter((result) => verdictOn(result) === 'failed').length;
  if (count <= maxFailures) return undefined;
  return `${count} targets failed, and maxFailures is ${maxFailures}; in this wave: ${named(failed)}`;
}

const NAMED = 5;

function named(results: readonly WaveResult[]): string {
  const first = results.slice(0, NAMED).map(({ name, reason, error }) => `${name} (${error ?? reason})`);
  const more = results.length - first.length;
  return `${first.join(', ')}${more > 0 ? ` and ${more} more` : ''}.`;
}

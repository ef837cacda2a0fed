import type { Plan, WaveResult } from '../schemas/ami-rollout-run.ts';
import type { RolloutCounts, RolloutTarget } from '../schemas/ami-rollout.ts';
import { verdictOn } from './judgement.ts';

/** What became of every target: what the plan left alone, and what waves and roll-back made of the others. */
export function targetsOf({ planned, others }: Plan, results: ReadonlyMap<string, WaveResult>): RolloutTarget[] {
  return [
    ...others,
    ...planned.map(({ name, wave }): RolloutTarget => {
      const result = results.get(name);
      if (result === undefined)
        return { kind: 'auto-scaling-group', name, wave, status: 'Planned', reason: 'Its turn never came.' };
      const { status, error, reason, repairCommand } = result;
      return {
        kind: 'auto-scaling-group',
        ...{ name, wave, status },
        reason: error === null ? reason : `${error}: ${reason}`,
        ...(repairCommand !== null && { repairCommand }),
      };
    }),
  ];
}

/** How many targets came to what. */
export function countsOf(targets: readonly RolloutTarget[], results: ReadonlyMap<string, WaveResult>): RolloutCounts {
  const having = (...statuses: RolloutTarget['status'][]): number =>
    targets.filter(({ status }) => statuses.includes(status)).length;
  const ended = [...results.values()];
  const failed = ended.filter((result) => verdictOn(result) === 'failed' && result.status !== 'RolledBack').length;
  return {
    targets: targets.length,
    upToDate: having('UpToDate'),
    skipped: having('Skipped') + ended.filter((result) => verdictOn(result) === 'skipped').length,
    planned: targets.filter(({ wave }) => wave !== null).length,
    refreshed: having('Refreshed', 'NothingToDo'),
    failed,
    rolledBack: having('RolledBack'),
    untouched: having('Planned'),
  };
}

/** Those that need somebody come first. */
const URGENCY: readonly RolloutTarget['status'][] = [
  'Failed', 'RolledBack', 'Refused', 'Planned', 'Skipped', 'Refreshed', 'NothingToDo', 'UpToDate',
]; // prettier-ignore

export const urgentFirst = (targets: readonly RolloutTarget[]): RolloutTarget[] =>
  targets.toSorted(
    (a, b) => URGENCY.indexOf(a.status) - URGENCY.indexOf(b.status) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
  );

/** The counts in one line, for the row and the notification. */
export const countsText = ({
  planned,
  refreshed,
  failed,
  rolledBack,
  skipped,
  upToDate,
  untouched,
}: RolloutCounts): string =>
  [
    `${refreshed} of ${planned} targets are on the AMI`,
    ...(rolledBack > 0 ? [`${rolledBack} were rolled back`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(untouched > 0 ? [`${untouched} were not begun`] : []),
    ...(skipped > 0 ? [`${skipped} were left alone`] : []),
    ...(upToDate > 0 ? [`${upToDate} had it already`] : []),
  ].join(', ');

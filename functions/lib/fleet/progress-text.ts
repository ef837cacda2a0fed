import type { FleetPlan, Progress } from '../schemas/fleet-command-run.ts';
import { failing, ran, sum } from './counts.ts';
import { errorsOf } from './plan.ts';

const written = (number: number): string => number.toLocaleString('en-US');

/** How far a run has got, in a sentence: `3,200 of 10,000 done, 31 failed`. */
export function progressText({ targets }: FleetPlan, progress: Progress): string {
  const { counts, active, deferred, phase, stop, pass, length, cursor } = progress;
  const done = ran(counts) + sum(active.map(({ completed }) => completed));
  const waiting = deferred + (pass > 1 ? length - cursor : 0);
  const parts = [
    `${written(done)} of ${written(targets)} done`,
    `${written(active.length === 0 ? failing(counts) : errorsOf(progress))} failed`,
    ...(counts.refused > 0 ? [`${written(counts.refused)} refused`] : []),
    ...(waiting > 0 ? [`${written(waiting)} wait for others to unlock them`] : []),
    ...(phase === 'canary' ? ['the canary comes first'] : []),
    ...(stop === null ? [] : [`stopping: ${stop.reason}`]),
  ];
  return parts.join(', ');
}

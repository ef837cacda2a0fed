import type { Counts } from '../schemas/fleet-command-run.ts';

export const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

/** Machines that count towards maxErrors. */
export const failing = ({ Failed, TimedOut, Undelivered, Unknown }: Counts): number =>
  Failed + TimedOut + Undelivered + Unknown;

/** Machines whose command has been taken in, whatever became of them. */
export const ran = (counts: Counts): number => sum(Object.values(counts)) - counts.refused;

/** Adds what is given to the counts. */
export function counted(counts: Counts, statuses: readonly (keyof Counts)[]): Counts {
  const added = { ...counts };
  for (const status of statuses) added[status]++;
  return added;
}

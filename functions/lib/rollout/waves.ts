import type { RolloutPolicy } from '../schemas/rollout-policy.ts';

/** The results of so many come back inline, each with a name, a reason and a command, and must fit into 256 KiB. */
export const MOST_AT_ONCE = 200;

/** A number, or a percentage of all, rounded up; at least 1. */
function shareOf(share: number | string, all: number): number {
  const wanted = typeof share === 'number' ? share : Math.ceil((Number.parseInt(share, 10) * all) / 100);
  return Math.max(1, Math.min(wanted, all, MOST_AT_ONCE));
}

/** How many targets each wave has: the canary, then batches of one size, of which the last has the rest. */
export function waveSizes(all: number, { canary, batch }: RolloutPolicy['waves']): number[] {
  if (all === 0) return [];
  const sizes = [shareOf(canary, all)];
  for (let left = all - (sizes[0] ?? 0); left > 0; left -= sizes.at(-1) ?? left) {
    sizes.push(Math.min(left, shareOf(batch, all)));
  }
  return sizes;
}

/**
 * The order in which targets are rolled: the smallest first, because the canary is the one that may be lost; those without
 * instances last, because nothing can be seen on them.
 */
export function inOrder<T extends { readonly name: string; readonly desiredCapacity: number }>(
  targets: readonly T[],
): T[] {
  const weight = ({ desiredCapacity }: T): number => (desiredCapacity === 0 ? Infinity : desiredCapacity);
  return targets.toSorted((a, b) =>
    weight(a) === weight(b) ? (a.name < b.name ? -1 : 1) : weight(a) < weight(b) ? -1 : 1,
  );
}

/** The targets with the number of their wave, the canary being 0. */
export function inWaves<T>(ordered: readonly T[], sizes: readonly number[]): (T & { readonly wave: number })[] {
  const waves = sizes.flatMap((size, wave) => Array.from({ length: size }, () => wave));
  return ordered.map((target, index) => ({ ...target, wave: waves[index] ?? 0 }));
}

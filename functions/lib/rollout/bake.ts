/** What a rollout spends of the 25,000 events of its history on waves; what comes before and after them takes some. */
const EVENTS = 20_000;
/** Events of a wave without its looks, with a window that closes before it; and of a look. */
const OF_WAVE = 60;
const OF_LOOK = 9;

/** So many looks while a wave bakes, where there is room for them. */
const LOOKS = 20;
const SHORTEST_SECONDS = 15;

/** A rollout has room for so many waves, of two looks each. Source: Step Functions Developer Guide, "Quotas". */
export const MOST_WAVES = 250;

const looksOf = (waves: number): number =>
  Math.min(LOOKS, Math.floor((EVENTS / Math.max(1, waves) - OF_WAVE) / OF_LOOK));

/**
 * Seconds until the next look at a wave that bakes, of so many waves; undefined when it has baked. The last look is at the
 * end; the more waves there are, the fewer looks has each.
 */
export function bakeWait(bakeSeconds: number, elapsedSeconds: number, waves: number): number | undefined {
  const left = Math.ceil(bakeSeconds - elapsedSeconds);
  if (left <= 0) return undefined;
  return Math.min(left, Math.max(SHORTEST_SECONDS, Math.ceil(bakeSeconds / looksOf(waves))));
}

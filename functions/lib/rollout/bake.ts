/** So many looks while a wave bakes, which two days of baking stay below, too. */
const LOOKS = 20;
const SHORTEST_SECONDS = 15;

/** Seconds until the next look at a wave that bakes; undefined when it has baked. The last look is at the end. */
export function bakeWait(bakeSeconds: number, elapsedSeconds: number): number | undefined {
  const left = Math.ceil(bakeSeconds - elapsedSeconds);
  if (left <= 0) return undefined;
  return Math.min(left, Math.max(SHORTEST_SECONDS, Math.ceil(bakeSeconds / LOOKS)));
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { Row } from '../rows.ts';

/** API Gateway gives an integration 30 s; what is left is for starting and answering. */
const LONGEST_SECONDS = 25;
/** What is kept back of Lambda's own time-out to answer in. */
const RESERVE_MILLISECONDS = 3000;
const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 1000;

/** Seconds that a Prefer header asks to wait, at most 25; undefined where it does not ask. What it asks else is not for us. */
export function waitSeconds(prefer: string | undefined): number | undefined {
  for (const preference of prefer?.split(',') ?? []) {
    const [, seconds] = /^\s*wait\s*=\s*"?(\d{1,9})"?\s*(?:;.*)?$/i.exec(preference) ?? [];
    if (seconds !== undefined) return Math.min(Number(seconds), LONGEST_SECONDS);
  }
  return undefined;
}

/**
 * Looks at the row until it is finished, for so many seconds at most; undefined where it is not by then. `remaining` is
 * Lambda's clock, which counts down; it tells the time here.
 */
export async function waitForEnd(
  seconds: number,
  remaining: () => number,
  look: () => Promise<Row | undefined>,
): Promise<Row | undefined> {
  const end = Math.max(remaining() - seconds * 1000, RESERVE_MILLISECONDS);
  for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
    const row = await look();
    if (row?.finishedAt !== undefined) return row;
    if (remaining() - pause < end) return undefined;
    await sleep(pause);
  }
}

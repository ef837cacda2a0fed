import { setTimeout as sleep } from 'node:timers/promises';
import type { Row } from '../rows.ts';

/** API Gateway gives an integration 30 s; what is left is for starting and answering. */
const LONGEST_SECONDS = 25;
/** What is kept back of Lambda's own time-out to answer in. */
const RESERVE_MILLISECONDS = 3000;
const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 1000;

/** One preference of the header: what is in quotes may hold commas and semicolons. */
const PREFERENCES = /(?:[^,"]|"(?:[^"\\]|\\.)*")+/g;
const WAIT = /^\s*wait\s*=\s*(?:(\d+)|"(\d+)")\s*(?:;|$)/i;

/**
 * Seconds that a Prefer header asks to wait, at most 25; undefined where it does not ask, or not for seconds. The first wait
 * counts. What it asks else is not for us. Source: RFC 7240, section 2.
 */
export function waitSeconds(prefer = ''): number | undefined {
  const wait = prefer.match(PREFERENCES)?.find((preference) => /^\s*wait\s*(?:[=;]|$)/i.test(preference)) ?? '';
  const [, plain, quoted] = WAIT.exec(wait) ?? [];
  const seconds = plain ?? quoted;
  return seconds === undefined ? undefined : Math.min(Number(seconds), LONGEST_SECONDS);
}

/**
 * Looks at the row until it is finished, for so many seconds at most, and once more at their end; undefined where it is not by then. `remaining` is
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
    const left = remaining() - end;
    if (left <= 0) return undefined;
    await sleep(Math.min(pause, left));
  }
}

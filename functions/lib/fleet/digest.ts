import { createHash } from 'node:crypto';
import type { FleetCommandResult } from '../schemas/fleet-command.ts';
import type { ResultLine } from '../schemas/fleet-command-run.ts';

/** Outcomes that the summary shows. */
const MOST_OUTCOMES = 10;
const MOST_EXAMPLES = 3;
const PREVIEW_CHARACTERS = 500;

type Outcome = FleetCommandResult['outputs'][number];

/** Counts outcomes that are alike: status, exit code and output. Lines come in one after the other and are not kept. */
export class Digest {
  readonly #outcomes = new Map<string, Outcome>();

  add({ instanceId, status, exitCode, output }: ResultLine): void {
    const key = createHash('sha256')
      .update(JSON.stringify([status, exitCode, output]))
      .digest('base64');
    const { machines = 0, examples = [] } = this.#outcomes.get(key) ?? {};
    this.#outcomes.set(key, {
      status,
      exitCode,
      machines: machines + 1,
      output: preview(output),
      examples: examples.length < MOST_EXAMPLES ? [...examples, instanceId] : examples,
    });
  }

  /** The most frequent first; of those alike, the one that was seen first. */
  mostFrequent(): Outcome[] {
    return [...this.#outcomes.values()].sort((a, b) => b.machines - a.machines).slice(0, MOST_OUTCOMES);
  }
}

/** The beginning of a text, never half a character. */
const preview = (text: string): string => text.slice(0, PREVIEW_CHARACTERS).replace(/[\ud800-\udbff]$/, '');

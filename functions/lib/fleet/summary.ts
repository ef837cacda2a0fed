import type { FleetCommandResult, MachineStatus, Refusal, Stop } from '../schemas/fleet-command.ts';
import type { ResultLine } from '../schemas/fleet-command-run.ts';
import { Digest } from './digest.ts';

/** Machines of each list that the result itself holds. */
const MOST_LISTED = 100;
/** A reason is cut there, so that a hundred of them stay small. */
const LONGEST_MESSAGE = 500;

const KEYS: Readonly<Record<MachineStatus, Exclude<keyof FleetCommandResult['counts'], 'refused' | 'notCommanded'>>> = {
  Success: 'success',
  Failed: 'failed',
  TimedOut: 'timedOut',
  Undelivered: 'undelivered',
  Cancelled: 'cancelled',
  NotRun: 'notRun',
  Unknown: 'unknown',
};

/** What is known of a run beside its results. */
export interface Surrounding {
  /** Every machine that was not refused from the start. */
  readonly targets: readonly string[];
  readonly refusals: readonly Refusal[];
  readonly stop: Stop | null;
  readonly resultsUri: string;
}

/** Puts a run's result together, line by line. */
export class Summary {
  readonly #counts: FleetCommandResult['counts'] = {
    ...{ success: 0, failed: 0, timedOut: 0, undelivered: 0, cancelled: 0, notRun: 0, unknown: 0 },
    ...{ refused: 0, notCommanded: 0 },
  };
  readonly #digest = new Digest();
  readonly #failures: FleetCommandResult['failures'] = [];
  readonly #commands = new Set<string>();
  readonly #seen = new Set<string>();
  #mayBeRunning = 0;

  add(line: ResultLine): void {
    const { instanceId, status, statusDetails, exitCode, commandId } = line;
    this.#seen.add(instanceId);
    this.#counts[KEYS[status]]++;
    this.#digest.add(line);
    if (commandId !== null) this.#commands.add(commandId);
    if (statusDetails === 'InProgress' || statusDetails === 'Cancelling') this.#mayBeRunning++;
    if (status !== 'Success' && this.#failures.length < MOST_LISTED)
      this.#failures.push({ instanceId, status, statusDetails, exitCode });
  }

  /** The result, and all machines that were never sent to. */
  finish({ targets, refusals, stop, resultsUri }: Surrounding): { result: FleetCommandResult; notCommanded: string[] } {
    const refused = new Set(refusals.map(({ instanceId }) => instanceId).filter((id) => !this.#seen.has(id)));
    const notCommanded = targets.filter((id) => !this.#seen.has(id) && !refused.has(id));
    const counts = { ...this.#counts, refused: refused.size, notCommanded: notCommanded.length };
    const total = this.#seen.size + refused.size + notCommanded.length;
    const result: FleetCommandResult = {
      status: stop !== null ? 'Stopped' : counts.success === total ? 'Success' : 'Incomplete',
      ...(stop !== null && { stop }),
      summary: sentence(counts, total, stop),
      targets: total,
      counts,
      commands: this.#commands.size,
      outputs: this.#digest.mostFrequent(),
      failures: this.#failures,
      refused: refusals
        .slice(0, MOST_LISTED)
        .map((each) => ({ ...each, message: each.message.slice(0, LONGEST_MESSAGE) })),
      notCommanded: notCommanded.slice(0, MOST_LISTED),
      resultsUri,
      warnings: this.#warnings(),
    };
    return { result, notCommanded };
  }

  #warnings(): string[] {
    const may = this.#mayBeRunning;
    return may === 0
      ? []
      : [`MayBeRunning: ${may} of the machines that timed out did not confirm that the script has ended`];
  }
}

/** What is said of several machines, and of one where that is another word. */
const WORDS: readonly (readonly [keyof FleetCommandResult['counts'], many: string, one?: string])[] = [
  ['failed', 'failed'],
  ['timedOut', 'timed out'],
  ['undelivered', 'could not be reached'],
  ['cancelled', 'were cancelled', 'was cancelled'],
  ['notRun', 'were called back before they began', 'was called back before it began'],
  ['unknown', 'are unknown, because the answer was lost', 'is unknown, because the answer was lost'],
  ['refused', 'were refused', 'was refused'],
  ['notCommanded', 'were never sent to', 'was never sent to'],
];

/** `Stopped (MaxErrorsExceeded): 3,200 of 10,000 succeeded, 31 failed, 6,769 were never sent to`. */
function sentence(counts: FleetCommandResult['counts'], total: number, stop: Stop | null): string {
  const written = (number: number) => number.toLocaleString('en-US');
  const others = WORDS.flatMap(([key, many, one = many]) =>
    counts[key] === 0 ? [] : [`${written(counts[key])} ${counts[key] === 1 ? one : many}`],
  );
  const parts = [`${written(counts.success)} of ${written(total)} succeeded`, ...others];
  return `${stop === null ? '' : `Stopped (${stop.reason}): `}${parts.join(', ')}`;
}

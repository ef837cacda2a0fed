import type { S3Client } from '@aws-sdk/client-s3';
import { each } from '../each.ts';
import { jsonLines, RunObjects } from '../run-objects.ts';
import * as z from '../zod.ts';
import { InstanceId, SsmDocument } from '../schemas/common.ts';
import { Refusal } from '../schemas/fleet-command.ts';
import { ResultLine, type FleetPlan } from '../schemas/fleet-command-run.ts';

/** Machines of a pass are kept a thousand to an object, so that a gate reads few. */
const PER_CHUNK = 1000;
/** Parts of the results read at once. */
const AT_ONCE = 8;

/** A machine that is to be sent to, and by which document. */
const Target = z.tuple([InstanceId, SsmDocument]);
export type Target = z.infer<typeof Target>;

/** What all commands of a run have in common. */
const Script = z.strictObject({
  /** Lines by document; absent where the script has no version for it. */
  lines: z.partialRecord(SsmDocument, z.array(z.string())),
  workingDirectory: z.string(),
  comment: z.string(),
});
export type Script = z.infer<typeof Script>;

/** Machines that a step did not let through: those that are refused, and those that are locked and tried again. */
const StepFindings = z.strictObject({ refusals: z.array(Refusal), deferred: z.array(Target) });
type StepFindings = z.infer<typeof StepFindings>;

const numbered = (number: number): string => String(number).padStart(5, '0');

/** The objects of one run, in S3. Everything has a name of its own and is written whole, so that a repeat changes nothing. */
export class RunStore {
  readonly #objects: RunObjects;

  constructor(s3: S3Client, { bucket, prefix }: Pick<FleetPlan, 'bucket' | 'prefix'>) {
    this.#objects = new RunObjects(s3, { bucket, prefix });
  }

  writeScript(script: Script): Promise<void> {
    return this.#objects.put('plan.json', JSON.stringify(script));
  }

  async readScript(): Promise<Script> {
    return Script.parse(JSON.parse(await this.#objects.get('plan.json')));
  }

  /** The machines of a pass, in the order in which they are sent to. */
  async writeTargets(pass: number, targets: readonly Target[]): Promise<void> {
    const chunks = Array.from({ length: Math.ceil(targets.length / PER_CHUNK) }, (_, index) => index);
    await each(chunks, (index) =>
      this.#objects.put(
        this.#chunk(pass, index),
        JSON.stringify(targets.slice(index * PER_CHUNK, (index + 1) * PER_CHUNK)),
      ),
    );
  }

  /** Up to `most` machines from a place on that are sent to by one document. */
  async readTargets(pass: number, from: number, most: number): Promise<Target[]> {
    const first = Math.floor(from / PER_CHUNK);
    const last = Math.floor((from + most - 1) / PER_CHUNK);
    const targets = await this.#chunkOf(pass, first);
    if (last > first && targets.length === PER_CHUNK) targets.push(...(await this.#chunkOf(pass, last)));
    const wanted = targets.slice(from - first * PER_CHUNK, from - first * PER_CHUNK + most);
    const document = wanted[0]?.[1];
    const other = wanted.findIndex((target) => target[1] !== document);
    return other === -1 ? wanted : wanted.slice(0, other);
  }

  async allTargets(pass: number): Promise<Target[]> {
    const parts = await this.#objects.list(`targets/${pass}/`);
    return (await each(parts, (part) => this.#objects.get(part))).flatMap((text) =>
      z.array(Target).parse(JSON.parse(text)),
    );
  }

  /** What a step came to, written by every step: one that is tried again replaces what it had found before. */
  writeStep(pass: number, step: number, found: StepFindings): Promise<void> {
    return this.#objects.put(`steps/${pass}/${numbered(step)}.json`, JSON.stringify(found));
  }

  /** Machines that steps of a pass found locked. */
  async allDeferred(pass: number): Promise<Target[]> {
    return (await this.#steps(`steps/${pass}/`)).flatMap(({ deferred }) => deferred);
  }

  writeBatch(number: number, ids: readonly string[]): Promise<void> {
    return this.#objects.put(`batches/${numbered(number)}.json`, JSON.stringify(ids));
  }

  async readBatch(number: number): Promise<string[]> {
    return z.array(InstanceId).parse(JSON.parse(await this.#objects.get(`batches/${numbered(number)}.json`)));
  }

  /** Machines that were refused as the command of a batch was sent, or by it. */
  async writeRefusals(batch: number, refusals: readonly Refusal[]): Promise<void> {
    if (refusals.length > 0) await this.#objects.put(`refusals/${numbered(batch)}.jsonl`, jsonLines(refusals));
  }

  async allRefusals(): Promise<Refusal[]> {
    const atGates = (await this.#steps('steps/')).flatMap(({ refusals }) => refusals);
    const parts = await each(await this.#objects.list('refusals/'), (part) => this.#objects.get(part));
    return [...atGates, ...parts.flatMap((text) => lines(text).map((line) => Refusal.parse(line)))];
  }

  async #steps(folder: string): Promise<StepFindings[]> {
    return (await each(await this.#objects.list(folder), (part) => this.#objects.get(part))).map((text) =>
      StepFindings.parse(JSON.parse(text)),
    );
  }

  writeResults(batch: number, results: readonly ResultLine[]): Promise<void> {
    return this.#objects.put(`results/batch-${numbered(batch)}.jsonl`, jsonLines(results));
  }

  /** Part after part, because all of them together may be more than a function has room for. */
  async *results(): AsyncGenerator<ResultLine[]> {
    const parts = await this.#objects.list('results/');
    for (let from = 0; from < parts.length; from += AT_ONCE)
      for (const text of await Promise.all(parts.slice(from, from + AT_ONCE).map((part) => this.#objects.get(part))))
        yield lines(text).map((line) => ResultLine.parse(line));
  }

  /** What people read, below the same prefix. */
  writeForPeople(name: 'refused.jsonl' | 'not-commanded.jsonl' | 'summary.json', text: string): Promise<void> {
    return this.#objects.put(name, text);
  }

  #chunk(pass: number, index: number): string {
    return `targets/${pass}/${numbered(index)}.json`;
  }

  async #chunkOf(pass: number, index: number): Promise<Target[]> {
    return z.array(Target).parse(JSON.parse(await this.#objects.get(this.#chunk(pass, index))));
  }
}

const lines = (text: string): unknown[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line): unknown => JSON.parse(line));

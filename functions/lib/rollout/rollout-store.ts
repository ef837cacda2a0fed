import type { S3Client } from '@aws-sdk/client-s3';
import { each } from '../each.ts';
import { jsonLines, RunObjects, type RunPlace } from '../run-objects.ts';
import { Plan, WaveResult, type WaveItem } from '../schemas/ami-rollout-run.ts';
import type { RolloutTarget } from '../schemas/ami-rollout.ts';
import * as z from '../zod.ts';
import { Members } from './replaced.ts';

const numbered = (wave: number): string => String(wave).padStart(4, '0');

/** Sorts behind the waves. */
const ROLLED_BACK = 'results/rollback-';

/** The objects of one rollout, in S3: a call that is repeated writes the same again. */
export class RolloutStore {
  readonly #objects: RunObjects;

  constructor(s3: S3Client, place: RunPlace) {
    this.#objects = new RunObjects(s3, place);
  }

  writePlan(plan: Plan): Promise<void> {
    return this.#objects.put('plan.json', JSON.stringify(plan));
  }

  async readPlan(): Promise<Plan> {
    return Plan.parse(JSON.parse(await this.#objects.get('plan.json')));
  }

  /** What a Distributed Map reads; answers with the name of the object. */
  async writeItems(name: `wave-${number}` | `rollback-${number}`, items: readonly WaveItem[]): Promise<string> {
    const object = `items/${name}.json`;
    await this.#objects.put(object, JSON.stringify(items));
    return object;
  }

  writeResults(wave: number, results: readonly WaveResult[]): Promise<void> {
    return this.#objects.put(`results/${numbered(wave)}.json`, JSON.stringify(results));
  }

  /** What came of going back, of which there may be several rounds. */
  writeRolledBack(round: number, results: readonly WaveResult[]): Promise<void> {
    return this.#objects.put(`${ROLLED_BACK}${numbered(round)}.json`, JSON.stringify(results));
  }

  /** What became of the targets so far, by name: a roll-back comes after the waves. */
  results(): Promise<Map<string, WaveResult>> {
    return this.#resultsIn('results/');
  }

  /** What came of going back so far, by name. */
  rolledBack(): Promise<Map<string, WaveResult>> {
    return this.#resultsIn(ROLLED_BACK);
  }

  async #resultsIn(prefix: string): Promise<Map<string, WaveResult>> {
    const names = (await this.#objects.list(prefix)).sort();
    const parts = await each(names, async (name) =>
      z.array(WaveResult).parse(JSON.parse(await this.#objects.get(name))),
    );
    return new Map(parts.flat().map((result) => [result.name, result]));
  }

  /** The machines of a wave as it begins to bake. */
  writeMembers(wave: number, members: Members): Promise<void> {
    return this.#objects.put(`baking/${numbered(wave)}.json`, JSON.stringify(members));
  }

  async readMembers(wave: number): Promise<Members> {
    return Members.parse(JSON.parse(await this.#objects.get(`baking/${numbered(wave)}.json`)));
  }

  /** What people read. */
  async writeForPeople(targets: readonly RolloutTarget[], summary: unknown): Promise<void> {
    await this.#objects.put('targets.jsonl', jsonLines(targets));
    await this.#objects.put('summary.json', `${JSON.stringify(summary, undefined, 2)}\n`);
  }
}

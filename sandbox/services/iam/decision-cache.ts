import type { Decision, Question } from './simulator.ts';

const LARGEST = 20_000;
const TIME_KEYS = new Set(['aws:CurrentTime', 'aws:EpochTime']);
const tellsTime = /aws:(?:CurrentTime|EpochTime)/iu;

/** Remembers decisions, because a runbook asks the same few questions in every round. Forgets all when a policy changes. */
export class DecisionCache {
  readonly #decisions = new Map<string, Decision>();
  readonly #timed = new Map<string, boolean>();
  #version = '';

  /** A known decision at once, a new one as soon as it is made. */
  get(
    version: string,
    question: Question,
    roleName: string | undefined,
    decide: (question: Question) => Promise<Decision>,
  ): Decision | Promise<Decision> {
    if (version !== this.#version || this.#decisions.size >= LARGEST) this.#forget(version);
    const key = this.#key(question, roleName);
    const known = this.#decisions.get(key);
    if (known !== undefined) return known;
    return decide(question).then((decision) => {
      if (version === this.#version) this.#decisions.set(key, decision);
      return decision;
    });
  }

  #forget(version: string): void {
    this.#version = version;
    this.#decisions.clear();
    this.#timed.clear();
  }

  /** The time is part of a question only where a policy asks for it. */
  #key(question: Question, roleName = question.principal): string {
    const { action, resource, context } = question;
    const timed = this.#tellsTime(question, roleName);
    const keys = Object.entries(context).filter(([key]) => timed || !TIME_KEYS.has(key));
    return JSON.stringify([roleName, action, resource, keys]);
  }

  #tellsTime({ identity, boundary, resourcePolicy, resource }: Question, roleName: string): boolean {
    const key = `${roleName} ${resourcePolicy === undefined ? '' : resource}`;
    let timed = this.#timed.get(key);
    if (timed === undefined) {
      timed = tellsTime.test(JSON.stringify([identity, boundary, resourcePolicy]));
      this.#timed.set(key, timed);
    }
    return timed;
  }
}

import type { Decision, Question } from './simulator.ts';

const LARGEST = 20_000;
/** Keys that are another in nearly every call; few policies ask for them. */
const FICKLE = ['aws:CurrentTime', 'aws:EpochTime', 'dynamodb:LeadingKeys'];

/** Remembers decisions, because a runbook asks the same few questions in every round. Forgets all when a policy changes. */
export class DecisionCache {
  readonly #decisions = new Map<string, Decision>();
  readonly #asked = new Map<string, readonly string[]>();
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
    this.#asked.clear();
  }

  /** A fickle key is part of a question only where a policy asks for it. */
  #key(question: Question, roleName = question.principal): string {
    const { action, resource, context } = question;
    const asked = this.#askedBy(question, roleName);
    const keys = Object.entries(context).filter(([key]) => !FICKLE.includes(key) || asked.includes(key));
    return JSON.stringify([roleName, action, resource, keys]);
  }

  /** The fickle keys that the policies name. */
  #askedBy({ identity, boundary, resourcePolicy, resource }: Question, roleName: string): readonly string[] {
    const key = `${roleName} ${resourcePolicy === undefined ? '' : resource}`;
    let asked = this.#asked.get(key);
    if (asked === undefined) {
      const said = JSON.stringify([identity, boundary, resourcePolicy]).toLowerCase();
      asked = FICKLE.filter((name) => said.includes(name.toLowerCase()));
      this.#asked.set(key, asked);
    }
    return asked;
  }
}

import { listed } from './policy-schema.ts';
import type { Decision, Question } from './simulator.ts';

const LARGEST = 20_000;
/** Keys that are another in nearly every call, as tags of resources are; few policies ask for them. */
const FICKLE = ['aws:CurrentTime', 'aws:EpochTime', 'dynamodb:LeadingKeys'];

/** What the policies of a role say: their text in small letters, and the resource patterns in it. */
interface Said {
  readonly text: string;
  readonly patterns: readonly RegExp[];
}

/** Remembers decisions, because a runbook asks the same few questions in every round. Forgets all when a policy changes. */
export class DecisionCache {
  readonly #decisions = new Map<string, Decision>();
  readonly #said = new Map<string, Said>();
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
    this.#said.clear();
  }

  /** What no policy can tell apart is left out: a fleet then asks one question, and not one for each machine. */
  #key(question: Question, roleName = question.principal): string {
    const { action, context } = question;
    const said = this.#saidBy(question, roleName);
    const keys = Object.entries(context).filter(([key]) => !isFickle(key) || said.text.includes(key.toLowerCase()));
    return JSON.stringify([roleName, action, resourceOf(question, said), keys]);
  }

  #saidBy({ identity, boundary, resourcePolicy, resource }: Question, roleName: string): Said {
    const key = `${roleName} ${resourcePolicy === undefined ? '' : resource}`;
    let said = this.#said.get(key);
    if (said === undefined) {
      const patterns = [...identity, ...(boundary === undefined ? [] : [boundary])].flatMap(({ policy }) =>
        policy.Statement.flatMap(({ Resource, NotResource }) => [...listed(Resource), ...listed(NotResource)]),
      );
      said = {
        text: JSON.stringify([identity, boundary, resourcePolicy]).toLowerCase(),
        patterns: [...new Set(patterns.flatMap((pattern) => [pattern, lastPart(pattern)]))].map(wildcard),
      };
      this.#said.set(key, said);
    }
    return said;
  }
}

const isFickle = (key: string): boolean => FICKLE.includes(key) || key.includes('esourceTag/');

const INSTANCE = /^arn:aws:ec2:[^:]*:[^:]*:instance\/i-[0-9a-f]+$/;

const lastPart = (arn: string): string => arn.slice(arn.lastIndexOf(':') + 1);

const wildcard = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern.replace(/[.+^${}()|[\]\\*?]/g, (c) => (c === '*' ? '.*' : c === '?' ? '.' : `\\${c}`))}$`,
    's',
  );

/** The resource; of an instance only which patterns of the policies it matches, unless they hold variables. */
function resourceOf({ resource, resourcePolicy }: Question, { text, patterns }: Said): string {
  if (!INSTANCE.test(resource) || resourcePolicy !== undefined || text.includes('${')) return resource;
  const instance = lastPart(resource);
  const matched = patterns.map((pattern) => (pattern.test(resource) || pattern.test(instance) ? '1' : '0'));
  return `${resource.slice(0, -instance.length)}${matched.join('')}`;
}

import { listed, type PolicyStatement } from './policy-schema.ts';
import type { Decision, Question } from './simulator.ts';

const LARGEST = 20_000;
/** Keys that are another in nearly every call, as tags of resources are; few policies ask for them. */
const FICKLE = ['aws:CurrentTime', 'aws:EpochTime', 'dynamodb:LeadingKeys', 'ec2:LaunchTemplate', 's3:prefix'];

/** What the policies of a role say: their text in small letters, and the resource patterns in it. */
interface Said {
  readonly text: string;
  readonly patterns: readonly RegExp[];
}

type Patterns = Pick<PolicyStatement, 'Resource' | 'NotResource'>;

/** Remembers decisions, because a runbook asks the same few questions in every round. Forgets all when a policy changes. */
export class DecisionCache {
  readonly #decisions = new Map<string, Decision>();
  /** By the resource policy, whose statements are one list until it changes, and the role. */
  readonly #said = new Map<unknown, Map<string, Said>>();
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

  #saidBy(question: Question, roleName: string): Said {
    const holder = question.resourcePolicy?.Statement;
    const byRole = this.#said.get(holder) ?? new Map<string, Said>();
    this.#said.set(holder, byRole);
    const said = byRole.get(roleName) ?? read(question);
    byRole.set(roleName, said);
    return said;
  }
}

function read({ identity, boundary, resourcePolicy }: Question): Said {
  const documents = [...identity, ...(boundary === undefined ? [] : [boundary])].map(({ policy }) => policy);
  const statements = [...documents, ...(resourcePolicy === undefined ? [] : [resourcePolicy])].flatMap(
    ({ Statement }) => Statement as Patterns | readonly Patterns[],
  );
  const patterns = statements.flatMap(({ Resource, NotResource }) => [...listed(Resource), ...listed(NotResource)]);
  return {
    text: JSON.stringify([identity, boundary, resourcePolicy]).toLowerCase(),
    patterns: [...new Set(patterns.flatMap((pattern) => [pattern, resourcePart(pattern)]))].map(wildcard),
  };
}

const isFickle = (key: string): boolean => FICKLE.includes(key) || key.includes('esourceTag/');

/** Resources of which nearly every call names another: a machine and what it is made of, a group, an object, an execution. Nothing in their names is special. */
const FICKLE_NAME =
  /^(arn:[\w-]+:(?:ec2:[^:]*:[^:]*:(?:instance|launch-template|volume|network-interface)\/|autoscaling:[^:]*:[^:]*:autoScalingGroup:(?=[\w-]+:autoScalingGroupName\/[\w./=+-]+$)|s3:::[^:/]+\/|states:[^:]*:[^:]*:execution:[^:]+:))[\w./=+:-]+$/;

/** What stands behind partition, service, region and account. */
const resourcePart = (arn: string): string => arn.split(':').slice(5).join(':') || arn;

const wildcard = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern.replace(/[.+^${}()|[\]\\*?]/g, (c) => (c === '*' ? '.*' : c === '?' ? '.' : `\\${c}`))}$`,
    's',
  );

/** The resource; of a name that is another in nearly every call, only which patterns of the policies it matches. */
function resourceOf({ resource }: Question, { text, patterns }: Said): string {
  const [, kind] = FICKLE_NAME.exec(resource) ?? [];
  if (kind === undefined || text.includes('${')) return resource;
  const part = resourcePart(resource);
  const matched = patterns.map((pattern) => (pattern.test(resource) || pattern.test(part) ? '1' : '0'));
  return `${kind}${matched.join('')}`;
}

import type { StateValue } from '@aws-sdk/client-cloudwatch';
import { AwsError, notImplemented } from '../../core/aws-error.ts';

type StateOf = (alarm: string) => StateValue;

/** The rule of a composite alarm: the alarms that it names, and whether it holds in their states. */
export interface AlarmRule {
  readonly children: readonly string[];
  readonly holds: (stateOf: StateOf) => boolean;
}

type Test = AlarmRule['holds'];

const TOKEN = /\s*(?:(ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*("(?:[^"\\]|\\.)*"|[^\s()"]+)\s*\)|(\w+|[()]))/uy;
const MOST_CHILDREN = 100;

const invalid = (message: string): AwsError => new AwsError('ValidationError', message);

/** An alarm may be named by its ARN, and in quotes. */
const nameOf = (text: string): string =>
  text.replace(/^"(.*)"$/u, '$1').replace(/^arn:aws:cloudwatch:[^:]*:\d+:alarm:/u, '');

class Reader {
  readonly children = new Set<string>();
  readonly #tokens: readonly RegExpExecArray[];
  #at = 0;

  constructor(rule: string) {
    const tokens: RegExpExecArray[] = [];
    const matcher = new RegExp(TOKEN);
    while (matcher.lastIndex < rule.trimEnd().length) {
      const token = matcher.exec(rule);
      if (token === null) throw invalid(`AlarmRule is not valid near: ${rule.slice(tokens.at(-1)?.index ?? 0)}`);
      tokens.push(token);
    }
    this.#tokens = tokens;
  }

  /** `OR` binds least, `NOT` most. */
  rule(): Test {
    const test = this.#any();
    if (this.#at < this.#tokens.length) throw invalid(`AlarmRule is not valid near: ${this.#word ?? ''}`);
    return test;
  }

  get #word(): string | undefined {
    return this.#tokens[this.#at]?.[0].trim();
  }

  #takes(word: string): boolean {
    if (this.#word !== word) return false;
    this.#at++;
    return true;
  }

  #any(): Test {
    const tests = [this.#all()];
    while (this.#takes('OR')) tests.push(this.#all());
    return (stateOf) => tests.some((test) => test(stateOf));
  }

  #all(): Test {
    const tests = [this.#one()];
    while (this.#takes('AND')) tests.push(this.#one());
    return (stateOf) => tests.every((test) => test(stateOf));
  }

  #one(): Test {
    if (this.#takes('NOT')) {
      const test = this.#one();
      return (stateOf) => !test(stateOf);
    }
    if (this.#takes('(')) {
      const test = this.#any();
      if (!this.#takes(')')) throw invalid('AlarmRule is not valid: a parenthesis is not closed');
      return test;
    }
    if (this.#takes('TRUE')) return () => true;
    if (this.#takes('FALSE')) return () => false;
    const [, state, alarm] = this.#tokens[this.#at] ?? [];
    if (state === undefined || alarm === undefined)
      throw invalid(`AlarmRule is not valid near: ${this.#word ?? 'its end'}`);
    this.#at++;
    const name = nameOf(alarm);
    this.children.add(name);
    return (stateOf) => stateOf(name) === state;
  }
}

/** Source: CloudWatch API Reference, PutCompositeAlarm, AlarmRule. @throws AwsError ValidationError */
export function parseAlarmRule(rule: string): AlarmRule {
  if (/\bAT_LEAST\s*\(/u.test(rule)) throw notImplemented('AT_LEAST in the rules of composite alarms');
  const reader = new Reader(rule);
  const holds = reader.rule();
  if (reader.children.size > MOST_CHILDREN) throw invalid(`AlarmRule names more than ${MOST_CHILDREN} alarms`);
  return { children: [...reader.children], holds };
}

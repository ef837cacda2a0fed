import type { Target } from '@aws-sdk/client-eventbridge';
import { AwsError, notImplemented } from '../../core/aws-error.ts';
import { only } from '../../core/only.ts';
import type { World } from '../../core/world.ts';
import { parsePattern, type Pattern } from './pattern.ts';
import { parseSchedule, type Schedule } from './schedule-expression.ts';
import { targetInput, type TargetInput } from './target-input.ts';

export interface RuleTarget {
  readonly definition: Target;
  readonly id: string;
  readonly arn: string;
  readonly input: TargetInput;
  readonly attempts: number;
  readonly ageSeconds: number;
}

/** A rule as its makers give it. */
export interface RuleDefinition {
  readonly name: string;
  readonly eventPattern?: string | undefined;
  readonly scheduleExpression?: string | undefined;
  readonly enabled: boolean;
  readonly description?: string | undefined;
}

export interface Rule {
  readonly arn: string;
  readonly bus: string;
  readonly definition: RuleDefinition;
  readonly pattern: Pattern | undefined;
  readonly schedule: Schedule | undefined;
  readonly targets: Map<string, RuleTarget>;
}

const MOST_TARGETS = 5;
const DEFAULT_BUS = 'default';
const TARGETS =
  /^arn:aws:(?:lambda:[^:]+:\d+:function|states:[^:]+:\d+:stateMachine|sns|sqs|logs:[^:]+:\d+:log-group):/u;

const invalid = (message: string): AwsError => new AwsError('ValidationException', message);

/** The rules of the account by bus and name. Tells `changed` of every rule that is put, enabled, disabled or deleted. */
export class Rules {
  readonly #buses = new Map<string, Map<string, Rule>>([[DEFAULT_BUS, new Map()]]);
  readonly #world: World;
  readonly #changed: (arn: string, rule: Rule | undefined) => void;

  constructor(world: World, changed: (arn: string, rule: Rule | undefined) => void) {
    this.#world = world;
    this.#changed = changed;
  }

  addBus(name: string): void {
    this.#buses.set(name, new Map());
  }

  /** The rules of a bus, in the order in which they were made. @throws AwsError ResourceNotFoundException */
  on(bus: string = DEFAULT_BUS): ReadonlyMap<string, Rule> {
    return this.#bus(bus);
  }

  arnOf(name = '', bus: string = DEFAULT_BUS): string {
    const path = busName(bus) === DEFAULT_BUS ? name : `${busName(bus)}/${name}`;
    return `arn:aws:events:${this.#world.region}:${this.#world.account}:rule/${path}`;
  }

  /** @throws AwsError ResourceNotFoundException */
  get(name = '', bus: string = DEFAULT_BUS): Rule {
    const rule = this.#bus(bus).get(name);
    if (rule !== undefined) return rule;
    throw new AwsError('ResourceNotFoundException', `Rule ${name} does not exist on EventBus ${busName(bus)}.`);
  }

  /** Makes a rule, or changes the one of that name, whose targets stay. @throws AwsError ValidationException, InvalidEventPatternException */
  put(definition: RuleDefinition, bus: string = DEFAULT_BUS): Rule {
    const { name, eventPattern, scheduleExpression } = definition;
    if (!/^[\w.-]{1,64}$/u.test(name)) {
      throw invalid(
        `1 validation error detected: Value '${name}' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+`,
      );
    }
    if (eventPattern === undefined && scheduleExpression === undefined) {
      throw invalid('Parameter(s) EventPattern or ScheduleExpression must be specified.');
    }
    if (scheduleExpression !== undefined && busName(bus) !== DEFAULT_BUS) {
      throw invalid('ScheduleExpression is supported only on the default event bus.');
    }
    const rules = this.#bus(bus);
    const rule: Rule = {
      arn: this.arnOf(name, bus),
      bus: busName(bus),
      definition,
      pattern: eventPattern === undefined ? undefined : parsePattern(eventPattern),
      schedule:
        scheduleExpression === undefined ? undefined : parseSchedule(scheduleExpression, this.#world.clock.now()),
      targets: rules.get(name)?.targets ?? new Map<string, RuleTarget>(),
    };
    rules.set(name, rule);
    this.#changed(rule.arn, rule);
    return rule;
  }

  enable(name: string | undefined, bus: string | undefined, enabled: boolean): void {
    this.put({ ...this.get(name, bus).definition, enabled }, bus);
  }

  /** @throws AwsError ValidationException while it has targets */
  delete(name = '', bus: string = DEFAULT_BUS): void {
    const rules = this.#bus(bus);
    const rule = rules.get(name);
    if (rule === undefined) return;
    if (rule.targets.size > 0) throw invalid("Rule can't be deleted since it has targets.");
    rules.delete(name);
    this.#changed(rule.arn, undefined);
  }

  addTarget(rule: Rule, definition: Target): void {
    const target = readTarget(definition);
    if (!rule.targets.has(target.id) && rule.targets.size === MOST_TARGETS) {
      throw new AwsError('LimitExceededException', 'The requested resource exceeds the maximum number allowed.');
    }
    rule.targets.set(target.id, target);
  }

  #bus(bus: string): Map<string, Rule> {
    const rules = this.#buses.get(busName(bus));
    if (rules === undefined)
      throw new AwsError('ResourceNotFoundException', `Event bus ${busName(bus)} does not exist.`);
    return rules;
  }
}

/** A bus may be given by name or ARN. */
export const busName = (bus: string): string => bus.slice(bus.lastIndexOf('/') + 1);

function readTarget(definition: Target): RuleTarget {
  only('events:PutTargets', definition, [
    'Id',
    'Arn',
    'RoleArn',
    'Input',
    'InputPath',
    'InputTransformer',
    'RetryPolicy',
    'DeadLetterConfig',
  ]);
  const { Id: id = '', Arn: arn = '', RoleArn, RetryPolicy = {} } = definition;
  if (!TARGETS.test(arn) || arn.endsWith('.fifo')) throw notImplemented(`rule targets such as ${arn}`);
  if (arn.startsWith('arn:aws:states:') && RoleArn === undefined)
    throw invalid(`RoleArn is required for target ${arn}.`);
  const { MaximumRetryAttempts: attempts = 185, MaximumEventAgeInSeconds: ageSeconds = 86_400 } = RetryPolicy;
  if (attempts < 0 || attempts > 185) throw invalid(`Parameter MaximumRetryAttempts is not valid for target ${id}.`);
  if (ageSeconds < 60 || ageSeconds > 86_400)
    throw invalid(`Parameter MaximumEventAgeInSeconds is not valid for target ${id}.`);
  return { definition, id, arn, input: targetInput(definition), attempts, ageSeconds };
}

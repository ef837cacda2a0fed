import { AnswerLost, AwsError } from '../../core/aws-error.ts';
import { isRefusal, isThrottle } from '../../core/transient.ts';
import type { World } from '../../core/world.ts';
import type { Event } from './event.ts';
import { attemptDelivery, type Failure, type Undelivered } from './attempts.ts';
import { callerFor, invoke, sendDeadLetter, type Assume } from './invocation.ts';
import type { Rule, RuleTarget } from './rules.ts';

/** How events travel. The default neither reorders nor repeats; AWS promises neither. */
export interface DeliveryOptions {
  /** The shortest and the longest way to a target, in milliseconds; a wide span reorders. */
  readonly latency?: readonly [shortest: number, longest: number];
  /** The share of deliveries, 0 to 1, that arrive twice. */
  readonly duplicates?: number;
}

/** An event that reached neither its target nor a dead-letter queue. */
export interface LostEvent {
  readonly event: Event;
  readonly ruleArn: string;
  readonly targetArn: string;
  readonly error: AwsError | AnswerLost;
}

interface CodedFailure extends Failure {
  /** The error as the dead-letter queue names it. */
  readonly code: string;
}

const UNASSUMABLE = 'FAILED_TO_ASSUME_ROLE';

/** Delivers events to targets in work of its own: at least once, retried with back-off, then to the dead-letter queue. */
export class Deliveries {
  readonly lost: LostEvent[] = [];
  readonly #world: World;
  readonly #assume: Assume;
  readonly #latency: readonly [number, number];
  readonly #duplicates: number;

  constructor(world: World, assume: Assume, { latency = [50, 50], duplicates = 0 }: DeliveryOptions) {
    this.#world = world;
    this.#assume = assume;
    this.#latency = latency;
    this.#duplicates = duplicates;
  }

  /** Sends an event to every target of the rules; `ended` is called when each of them has it, or never will. */
  start(rules: readonly Rule[], event: Event, ended: () => void): void {
    const ways = rules.flatMap((rule) =>
      [...rule.targets.values()].flatMap((target) => {
        const twice = this.#duplicates > 0 && this.#world.random.next() < this.#duplicates;
        return Array.from({ length: twice ? 2 : 1 }, () => ({ rule, target }));
      }),
    );
    let open = ways.length;
    for (const { rule, target } of ways)
      this.#send(rule, target, event, () => {
        if (--open === 0) ended();
      });
  }

  #send(rule: Rule, target: RuleTarget, event: Event, ended: () => void): void {
    const { clock, random } = this.#world;
    const [shortest, longest] = this.#latency;
    const ingested = clock.now();
    const delay = shortest + (longest > shortest ? random.below(longest - shortest + 1) : 0);
    clock.schedule(ingested + delay, async () => {
      await this.#deliver(rule, target, event, ingested);
      ended();
    });
  }

  async #deliver(rule: Rule, target: RuleTarget, event: Event, ingested: number): Promise<void> {
    const ingestionTime = new Date(ingested).toISOString();
    const text = target.input(event, { ruleArn: rule.arn, ruleName: rule.definition.name, ingestionTime });
    const policy = { ...target, since: ingested };
    const undelivered = await attemptDelivery(this.#world, policy, () => this.#attempt(rule, target, event, text));
    if (undelivered !== undefined) await this.#bury(rule, target, event, undelivered);
  }

  async #attempt(rule: Rule, target: RuleTarget, event: Event, text: string): Promise<CodedFailure | undefined> {
    let code: string | undefined = UNASSUMABLE;
    try {
      const caller = callerFor(this.#assume, rule, target.definition.RoleArn);
      code = undefined;
      // Another name in every attempt: what is delivered twice starts twice, as on AWS.
      const executionName = () => `${event.id}_${this.#world.random.uuid()}`;
      await invoke(this.#world, caller, { arn: target.arn, text, executionName });
      return undefined;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      return { error, code: code ?? codeOf(error) };
    }
  }

  /** To the dead-letter queue with what went wrong; see "Using dead-letter queues" in the EventBridge User Guide. */
  async #bury(
    rule: Rule,
    target: RuleTarget,
    event: Event,
    { error, code, retries, exhausted }: Undelivered<CodedFailure>,
  ): Promise<void> {
    const lost: LostEvent = { event, ruleArn: rule.arn, targetArn: target.arn, error };
    const queue = target.definition.DeadLetterConfig?.Arn;
    if (queue === undefined) return void this.lost.push(lost);
    const attributes = {
      RULE_ARN: rule.arn,
      TARGET_ARN: target.arn,
      ERROR_CODE: code,
      ERROR_MESSAGE: error.message,
      EXHAUSTED_RETRY_CONDITION: exhausted,
      RETRY_ATTEMPTS: String(retries),
    };
    try {
      const caller = callerFor(this.#assume, rule, undefined);
      await sendDeadLetter(this.#world, caller, queue, { body: JSON.stringify(event), attributes });
    } catch (refused) {
      if (!isRefusal(refused)) throw refused;
      this.lost.push({ ...lost, error: refused });
    }
  }
}

/** The error as the dead-letter queue names it. */
function codeOf(error: Failure['error']): string {
  if (error instanceof AnswerLost) return 'TIMEOUT';
  if (isThrottle(error)) return 'THROTTLING';
  if (/AccessDenied|AuthorizationError|Unauthorized/u.test(error.code)) return 'NO_PERMISSIONS';
  if (/NotFound|DoesNotExist|NonExistent/u.test(error.code)) return 'NO_RESOURCE';
  if (/AlreadyExists/u.test(error.code)) return 'RESOURCE_ALREADY_EXISTS';
  if (/LimitExceeded/u.test(error.code)) return 'RESOURCE_LIMIT_EXCEEDED';
  if (/Validation|Invalid/u.test(error.code)) return 'INVALID_PARAMETER';
  return error.status >= 500 ? 'INTERNAL_ERROR' : 'SDK_CLIENT_ERROR';
}

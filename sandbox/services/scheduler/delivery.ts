import type { AnswerLost, AwsError } from '../../core/aws-error.ts';
import type { Caller } from '../../core/service.ts';
import { isRefusal } from '../../core/transient.ts';
import type { World } from '../../core/world.ts';
import { attemptDelivery, type Failure, type Undelivered } from '../events/attempts.ts';
import { type Assume, invoke, sendDeadLetter } from '../events/invocation.ts';
import type { Schedule, Schedules } from './schedules.ts';
import { inputFor, scheduledTime } from './target.ts';

/** An invocation that reached neither its target nor a dead-letter queue. */
export interface LostInvocation {
  readonly scheduleArn: string;
  readonly scheduledAt: number;
  readonly error: AwsError | AnswerLost;
}

interface AttemptFailure extends Failure {
  readonly executionId: string;
  readonly text: string;
}

export const PRINCIPAL = 'scheduler.amazonaws.com';

/** Invokes the targets of schedules as their roles, in work of its own: retried with back-off, then to the dead-letter queue. */
export class Invocations {
  readonly lost: LostInvocation[] = [];
  readonly #world: World;
  readonly #assume: Assume;

  constructor(world: World, assume: Assume) {
    this.#world = world;
    this.#assume = assume;
  }

  start(schedule: Schedule, scheduledAt: number, schedules: Pick<Schedules, 'groupArn'>): void {
    this.#world.clock.spawn(() => this.#deliver(schedule, scheduledAt, schedules.groupArn(schedule.group)));
  }

  async #deliver(schedule: Schedule, scheduledAt: number, groupArn: string): Promise<void> {
    const { MaximumRetryAttempts: attempts = 185, MaximumEventAgeInSeconds: ageSeconds = 86_400 } =
      schedule.definition.Target?.RetryPolicy ?? {};
    const policy = { attempts, ageSeconds, since: this.#world.clock.now() };
    const undelivered = await attemptDelivery(this.#world, policy, (retries) =>
      this.#attempt(schedule, scheduledAt, groupArn, retries),
    );
    if (undelivered !== undefined) await this.#bury(schedule, scheduledAt, groupArn, undelivered);
  }

  async #attempt(
    schedule: Schedule,
    scheduledAt: number,
    groupArn: string,
    retries: number,
  ): Promise<AttemptFailure | undefined> {
    const { Arn: arn = '', Input: input = this.#notification(schedule, scheduledAt) } =
      schedule.definition.Target ?? {};
    const executionId = this.#world.random.hex(16);
    const text = inputFor(input, { scheduleArn: schedule.arn, scheduledAt, executionId, attempt: retries + 1 });
    try {
      await invoke(this.#world, this.#callerOf(schedule, groupArn), { arn, text });
      return undefined;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      return { error, executionId, text };
    }
  }

  /** The conditions of the role's trust policy see the group and not the schedule. */
  #callerOf({ definition }: Schedule, groupArn: string): Caller {
    return this.#assume(definition.Target?.RoleArn ?? '', PRINCIPAL, { sourceArn: groupArn });
  }

  /** What a target gets where the schedule says no input. */
  #notification({ arn }: Schedule, scheduledAt: number): string {
    const { account, region, random } = this.#world;
    return JSON.stringify({
      version: '0',
      id: random.uuid(),
      'detail-type': 'Scheduled Event',
      source: 'aws.scheduler',
      account,
      time: scheduledTime(scheduledAt),
      region,
      resources: [arn],
      detail: '{}',
    });
  }

  /** See "Configuring a schedule's dead-letter queue"; the schedule's role must be allowed to send to it. */
  async #bury(
    schedule: Schedule,
    scheduledAt: number,
    groupArn: string,
    { error, executionId, text, retries, exhausted }: Undelivered<AttemptFailure>,
  ): Promise<void> {
    const lost = { scheduleArn: schedule.arn, scheduledAt, error };
    const queue = schedule.definition.Target?.DeadLetterConfig?.Arn;
    if (queue === undefined) return void this.lost.push(lost);
    const attributes = {
      ERROR_CODE: error.name,
      ERROR_MESSAGE: error.message,
      EXECUTION_ID: executionId,
      EXHAUSTED_RETRY_CONDITION: exhausted,
      IS_PAYLOAD_TRUNCATED: 'false',
      RETRY_ATTEMPTS: String(retries),
      SCHEDULED_TIME: scheduledTime(scheduledAt),
      SCHEDULE_ARN: schedule.arn,
      TARGET_ARN: schedule.definition.Target?.Arn,
    };
    try {
      await sendDeadLetter(this.#world, this.#callerOf(schedule, groupArn), queue, { body: text, attributes });
    } catch (refused) {
      if (!isRefusal(refused)) throw refused;
      this.lost.push({ ...lost, error: refused });
    }
  }
}

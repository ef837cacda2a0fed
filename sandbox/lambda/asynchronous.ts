import { AwsError } from '../core/aws-error.ts';
import type { Caller } from '../core/service.ts';
import type { World } from '../core/world.ts';
import type { Destinations, Settled } from './destinations.ts';
import type { Target } from './functions.ts';
import type { InvocationResult } from './invocation.ts';
import { logGroupOf } from './pool.ts';
import type { EventInvokeConfig } from './properties.ts';

/** Waits before the second and the third attempt after a function error. */
const ERROR_WAITS = [60_000, 120_000];
/** Waits after throttling and server errors: they double from the first to the last. */
const FIRST_BACK_OFF = 1_000;
const LONGEST_BACK_OFF = 300_000;

export interface QueuedEvent {
  readonly target: Target;
  readonly config: EventInvokeConfig;
  readonly payload: string;
  readonly requestId: string;
  readonly caller: Caller;
  readonly attempt: () => Promise<InvocationResult>;
}

const isRetryable = (error: unknown): error is AwsError =>
  error instanceof AwsError && (error.status >= 500 || error.status === 429) && error.code !== 'NotImplemented';

/** The queue of asynchronous invocations. See "How Lambda handles errors and retries with asynchronous invocation". */
export class AsynchronousInvocations {
  readonly #world: Pick<World, 'clock' | 'log'>;
  readonly #destinations: Destinations;

  constructor(world: Pick<World, 'clock' | 'log'>, destinations: Destinations) {
    this.#world = world;
    this.#destinations = destinations;
  }

  enqueue(event: QueuedEvent): void {
    this.#world.clock.spawn(() => this.#process(event));
  }

  async #process(event: QueuedEvent): Promise<void> {
    const expiresAt = this.#world.clock.now() + event.config.MaximumEventAgeInSeconds * 1000;
    for (let errors = 0; ; errors++) {
      const result = await this.#withinAge(event, expiresAt);
      if (result === undefined) return this.#settle(event, 'EventAgeExceeded', errors);
      if (!result.failed) return this.#settle(event, 'Success', errors + 1, result);
      const wait = errors < event.config.MaximumRetryAttempts ? ERROR_WAITS[errors] : undefined;
      if (wait === undefined) return this.#settle(event, 'RetriesExhausted', errors + 1, result);
      if (this.#world.clock.now() + wait > expiresAt)
        return this.#settle(event, 'EventAgeExceeded', errors + 1, result);
      await this.#world.clock.sleep(wait);
    }
  }

  /** Invokes, again and again while it is throttled; undefined when the event gets too old over it. */
  async #withinAge({ attempt }: QueuedEvent, expiresAt: number): Promise<InvocationResult | undefined> {
    for (let wait = FIRST_BACK_OFF; ; wait = Math.min(2 * wait, LONGEST_BACK_OFF)) {
      try {
        return await attempt();
      } catch (error) {
        if (!isRetryable(error)) throw error;
      }
      if (this.#world.clock.now() + wait > expiresAt) return undefined;
      await this.#world.clock.sleep(wait);
    }
  }

  async #settle(
    event: QueuedEvent,
    condition: Settled['condition'],
    attempts: number,
    response?: InvocationResult,
  ): Promise<void> {
    const { target, config, payload: request, requestId, caller } = event;
    const settled: Settled = {
      requestId,
      functionArn: `${target.arn}${target.arn.endsWith(`:${target.qualifier}`) ? '' : `:${target.qualifier}`}`,
      executedVersion: target.version.version,
      condition,
      attempts,
      request,
      ...(response && { response }),
    };
    const { OnSuccess, OnFailure } = config.DestinationConfig;
    const destination = (condition === 'Success' ? OnSuccess : OnFailure)?.Destination;
    const deadLetters = target.version.properties.DeadLetterConfig?.TargetArn;
    if (destination !== undefined)
      await this.#reporting(event, () => this.#destinations.send(destination, settled, caller));
    if (condition === 'Success') return;
    if (deadLetters !== undefined)
      await this.#reporting(event, () => this.#destinations.sendDeadLetter(deadLetters, settled, caller));
    if (destination === undefined && deadLetters === undefined)
      this.#note(event, `event dropped after ${attempts} attempts (${condition})`);
  }

  /** AWS counts a failed delivery in a metric; here it is told in the function's log group. */
  async #reporting(event: QueuedEvent, deliver: () => Promise<void>): Promise<void> {
    try {
      await deliver();
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      this.#note(event, `destination delivery failed: ${error.code}: ${error.message}`);
    }
  }

  #note({ target, requestId }: QueuedEvent, message: string): void {
    this.#world.log(logGroupOf(target.version), 'asynchronous-invocation', [`RequestId: ${requestId} ${message}`]);
  }
}

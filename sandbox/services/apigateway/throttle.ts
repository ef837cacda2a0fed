import type { Clock } from '../../clock/clock.ts';
import type { RouteSettings } from './properties.ts';

/** The account's own limits stand in for the one of the two that a route leaves open. */
const ACCOUNT_RATE = 10_000;
const ACCOUNT_BURST = 5_000;

/**
 * A token bucket: `burst` requests at once, refilled by `rate` a second.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html
 */
class TokenBucket {
  readonly #clock: Clock;
  readonly #rate: number;
  readonly #burst: number;
  #tokens: number;
  #filledAt: number;

  constructor(clock: Clock, rate: number, burst: number) {
    this.#clock = clock;
    this.#rate = rate;
    this.#burst = burst;
    this.#tokens = burst;
    this.#filledAt = clock.now();
  }

  take(): boolean {
    const now = this.#clock.now();
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#filledAt) / 1000) * this.#rate);
    this.#filledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}

/** The throttles of one stage: a bucket for each route, by the route's own settings or else by the stage's defaults. */
export class Throttles {
  readonly #clock: Clock;
  readonly #defaults: RouteSettings;
  readonly #settings: ReadonlyMap<string, RouteSettings>;
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(clock: Clock, defaults: RouteSettings, settings: ReadonlyMap<string, RouteSettings>) {
    this.#clock = clock;
    this.#defaults = defaults;
    this.#settings = settings;
  }

  /** Whether one more request may pass to a route now. */
  admit(routeKey: string): boolean {
    const { ThrottlingRateLimit: rate, ThrottlingBurstLimit: burst } = {
      ...this.#defaults,
      ...this.#settings.get(routeKey),
    };
    if (rate === undefined && burst === undefined) return true;
    const bucket =
      this.#buckets.get(routeKey) ?? new TokenBucket(this.#clock, rate ?? ACCOUNT_RATE, burst ?? ACCOUNT_BURST);
    this.#buckets.set(routeKey, bucket);
    return bucket.take();
  }
}

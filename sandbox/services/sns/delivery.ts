import { isRefusal, isTransient } from '../../core/transient.ts';
import type { Caller } from '../../core/service.ts';
import type { World } from '../../core/world.ts';
import { DELIVERED, envelope, lambdaEvent, type PublishedMessage, type Subscription } from './topic.ts';

/** A message that never reached a subscriber, and why. */
export interface Lost {
  readonly published: PublishedMessage;
  readonly subscription: Subscription;
  readonly error: unknown;
}

const MOST_ATTEMPTS = 100_015;
const LATENCY = 20;

/** The delivery policy for AWS endpoints: three at once, two a second apart, ten backing off to 20 s, then every 20 s for 23 days. */
function pause(attempt: number): number {
  if (attempt <= 3) return 0;
  return attempt <= 5 ? 1000 : Math.min(20_000, 1000 * 2 ** Math.min(attempt - 6, 5));
}

/** Delivers published messages in work of its own. What cannot be delivered is added to `lost`. */
export class Deliveries {
  readonly lost: Lost[] = [];
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  start(published: PublishedMessage, subscriptions: readonly Subscription[]): void {
    for (const subscription of subscriptions) {
      if (!DELIVERED.includes(subscription.protocol)) continue;
      this.#world.clock.spawn(() => this.#deliver(published, subscription));
    }
  }

  async #deliver(published: PublishedMessage, subscription: Subscription): Promise<void> {
    await this.#world.clock.sleep(LATENCY);
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#attempt(published, subscription);
        return;
      } catch (error) {
        if (!isRefusal(error)) throw error;
        if (!isTransient(error) || attempt === MOST_ATTEMPTS) {
          this.lost.push({ published, subscription, error });
          return;
        }
      }
      await this.#world.clock.sleep(pause(attempt));
    }
  }

  async #attempt(published: PublishedMessage, subscription: Subscription): Promise<void> {
    const { dispatcher, account } = this.#world;
    const caller: Caller = { kind: 'service', arn: 'sns.amazonaws.com', sourceArn: published.topicArn };
    const { endpoint, protocol } = subscription;
    if (protocol === 'lambda') {
      const Payload = Buffer.from(JSON.stringify(lambdaEvent(published, subscription)));
      await dispatcher.call(caller, 'lambda', 'Invoke', { FunctionName: endpoint, InvocationType: 'Event', Payload });
      return;
    }
    const [, , , region = '', , queue = ''] = endpoint.split(':');
    const text = published.byProtocol[protocol] ?? published.message;
    await dispatcher.call(caller, 'sqs', 'SendMessage', {
      QueueUrl: `https://sqs.${region}.amazonaws.com/${account}/${queue}`,
      MessageBody: subscription.raw ? text : JSON.stringify(envelope(published, subscription), undefined, 2),
      ...(subscription.raw && { MessageAttributes: published.attributes }),
    });
  }
}

import { AwsError, notImplemented } from '../../core/aws-error.ts';
import type { World } from '../../core/world.ts';
import { DELIVERED, RECORDED, type Subscription, type Topic } from './topic.ts';

export interface NewSubscription {
  readonly protocol: string;
  readonly endpoint: string;
  readonly raw: boolean;
}

/** The topics of the account, by ARN. */
export class Topics {
  readonly #topics = new Map<string, Topic>();
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  all(): readonly Topic[] {
    return [...this.#topics.values()];
  }

  arnOf(name: string): string {
    return `arn:aws:sns:${this.#world.region}:${this.#world.account}:${name}`;
  }

  /** Creates a topic, or gives the one that is there. */
  create(
    name: string,
    { displayName = '', kmsKey }: { displayName?: string | undefined; kmsKey?: string | undefined },
  ): Topic {
    if (name.endsWith('.fifo')) throw notImplemented('FIFO topics');
    if (!/^[\w-]{1,256}$/u.test(name)) throw new AwsError('InvalidParameter', 'Invalid parameter: Topic Name');
    const arn = this.arnOf(name);
    const present = this.#topics.get(arn);
    if (present !== undefined) return present;
    const topic: Topic = { arn, name, displayName, kmsKey, subscriptions: [], messages: [] };
    this.#topics.set(arn, topic);
    return topic;
  }

  remove(arn: string): void {
    this.#topics.delete(arn);
    this.#world.resourcePolicies.remove(arn);
  }

  /** @throws AwsError InvalidParameter, NotFound */
  get(arn: string | undefined): Topic {
    if (arn === undefined || !/^arn:aws:sns:[\w-]+:\d{12}:[\w-]+$/u.test(arn)) {
      throw new AwsError('InvalidParameter', 'Invalid parameter: TopicArn');
    }
    const topic = this.#topics.get(arn);
    if (topic === undefined) throw new AwsError('NotFound', 'Topic does not exist', 404);
    return topic;
  }

  find(arn: string | undefined): Topic | undefined {
    return arn === undefined ? undefined : this.#topics.get(arn);
  }

  /** Subscribes, or gives the same subscription that is there. */
  subscribe(topicArn: string | undefined, { protocol, endpoint, raw }: NewSubscription): Subscription {
    const topic = this.get(topicArn);
    if (![...DELIVERED, ...RECORDED].includes(protocol)) throw notImplemented(`SNS subscriptions by ${protocol}`);
    if (endpoint === '') throw new AwsError('InvalidParameter', 'Invalid parameter: Endpoint');
    const present = topic.subscriptions.find((one) => one.protocol === protocol && one.endpoint === endpoint);
    if (present !== undefined) return present;
    const arn = `${topic.arn}:${this.#world.random.uuid()}`;
    const subscription: Subscription = { arn, topicArn: topic.arn, protocol, endpoint, raw };
    topic.subscriptions.push(subscription);
    return subscription;
  }

  unsubscribe(arn: string): void {
    for (const { subscriptions } of this.all()) {
      const at = subscriptions.findIndex((one) => one.arn === arn);
      if (at >= 0) return void subscriptions.splice(at, 1);
    }
    throw new AwsError('NotFound', 'Subscription does not exist', 404);
  }
}

import type { Clock } from '../../clock/clock.ts';
import { AwsError } from '../../core/aws-error.ts';
import type { Random } from '../../core/random.ts';
import type { QueueAttributes } from './attributes.ts';
import type { MessageAttributes } from './message-attributes.ts';

/** A message in a queue; times in epoch milliseconds. */
export interface StoredMessage {
  readonly id: string;
  readonly body: string;
  readonly attributes: MessageAttributes;
  readonly senderId: string;
  readonly sentAt: number;
  visibleAt: number;
  receives: number;
  firstReceivedAt: number | undefined;
  /** The handle of the latest receive, which alone deletes the message. */
  receipt: string | undefined;
}

export type NewMessage = Pick<StoredMessage, 'body' | 'attributes' | 'senderId'>;

interface Dependencies {
  readonly clock: Clock;
  readonly random: Random;
  /** Where a message goes that was received too often. */
  readonly deadLetter: (queueArn: string, message: StoredMessage) => void;
}

const MOST_AT_ONCE = 10;

/** One standard queue: at least once, in order as long as nobody fails. */
export class Queue {
  readonly name: string;
  readonly arn: string;
  readonly url: string;
  readonly createdAt: number;
  attributes: QueueAttributes;
  purgedAt = Number.NEGATIVE_INFINITY;
  #messages: StoredMessage[] = [];
  readonly #waiting = new Set<() => void>();
  readonly #dependencies: Dependencies;

  constructor(identity: Pick<Queue, 'name' | 'arn' | 'url' | 'attributes'>, dependencies: Dependencies) {
    this.name = identity.name;
    this.arn = identity.arn;
    this.url = identity.url;
    this.attributes = identity.attributes;
    this.createdAt = dependencies.clock.now();
    this.#dependencies = dependencies;
  }

  /** Every message that has not expired, oldest first. */
  get messages(): readonly StoredMessage[] {
    const oldest = this.#dependencies.clock.now() - this.attributes.MessageRetentionPeriod * 1000;
    this.#messages = this.#messages.filter(({ sentAt }) => sentAt > oldest);
    return this.#messages;
  }

  send(message: NewMessage, delaySeconds: number = this.attributes.DelaySeconds): StoredMessage {
    const { clock, random } = this.#dependencies;
    const now = clock.now();
    const stored: StoredMessage = {
      ...message,
      id: random.uuid(),
      sentAt: now,
      visibleAt: now + delaySeconds * 1000,
      receives: 0,
      firstReceivedAt: undefined,
      receipt: undefined,
    };
    this.put(stored);
    return stored;
  }

  /** Takes a message in as it is, as from the queue whose dead letter it is. */
  put(message: StoredMessage): void {
    this.#messages.push(message);
    for (const wake of [...this.#waiting]) wake();
  }

  /** Receives up to `most` messages, waiting so many seconds for the first. */
  async receive(most: number, visibilitySeconds: number, waitSeconds: number): Promise<StoredMessage[]> {
    const { clock } = this.#dependencies;
    const deadline = clock.now() + waitSeconds * 1000;
    for (;;) {
      const received = this.#take(Math.min(most, MOST_AT_ONCE), visibilitySeconds);
      if (received.length > 0 || clock.now() >= deadline) return received;
      await this.#arrival(deadline);
    }
  }

  delete(receipt: string): void {
    this.#messages = this.#messages.filter((message) => message.receipt !== receipt);
  }

  changeVisibility(receipt: string, seconds: number): void {
    const message = this.#messages.find((one) => one.receipt === receipt);
    if (message === undefined)
      throw new AwsError(
        'InvalidParameterValue',
        'Value for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.',
      );
    if (message.visibleAt <= this.#dependencies.clock.now()) {
      throw new AwsError('MessageNotInflight', 'The specified message is not in flight.');
    }
    message.visibleAt = this.#dependencies.clock.now() + seconds * 1000;
    for (const wake of [...this.#waiting]) wake();
  }

  purge(): void {
    this.#messages = [];
  }

  #take(most: number, visibilitySeconds: number): StoredMessage[] {
    const { clock, random } = this.#dependencies;
    const now = clock.now();
    const received: StoredMessage[] = [];
    for (const message of this.messages) {
      if (received.length === most) break;
      if (message.visibleAt > now || this.#isDead(message)) continue;
      message.receives++;
      message.firstReceivedAt ??= now;
      message.receipt = `${message.id}#${random.hex(32)}`;
      message.visibleAt = now + visibilitySeconds * 1000;
      received.push(message);
    }
    return received;
  }

  #isDead(message: StoredMessage): boolean {
    const redrive = this.attributes.RedrivePolicy;
    if (redrive === undefined || message.receives < redrive.maxReceiveCount) return false;
    this.#messages = this.#messages.filter((one) => one !== message);
    this.#dependencies.deadLetter(redrive.deadLetterTargetArn, message);
    return true;
  }

  /** Resolves when a message arrives, becomes visible again, or the deadline has come. */
  async #arrival(deadline: number): Promise<void> {
    const { clock } = this.#dependencies;
    const now = clock.now();
    const next = this.#messages.map(({ visibleAt }) => visibleAt).filter((at) => at > now);
    await clock.outside(
      new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#waiting.delete(wake);
          cancel();
          resolve();
        };
        const cancel = clock.schedule(Math.min(deadline, ...next), wake);
        this.#waiting.add(wake);
      }),
    );
  }
}

import { AwsError } from '../../core/aws-error.ts';
import type { World } from '../../core/world.ts';
import { spelled, type QueueAttributes } from './attributes.ts';
import { Queue } from './queue.ts';

/** The queues of the account, by name. */
export class Queues {
  readonly #queues = new Map<string, Queue>();
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  all(): readonly Queue[] {
    return [...this.#queues.values()];
  }

  /** Creates a queue, or gives the one that is there with the same settings. @throws AwsError QueueNameExists */
  create(name: string, attributes: QueueAttributes): Queue {
    if (!/^[\w-]{1,80}$/u.test(name)) {
      throw new AwsError(
        'InvalidParameterValue',
        'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length',
      );
    }
    const present = this.#queues.get(name);
    if (present !== undefined) return same(present, attributes);
    const { account, region, clock, random } = this.#world;
    const queue = new Queue(
      {
        name,
        arn: this.arnOf(name),
        url: `https://sqs.${region}.amazonaws.com/${account}/${name}`,
        attributes,
      },
      { clock, random, deadLetter: (arn, message) => this.byArn(arn).put(message) },
    );
    this.#queues.set(name, queue);
    return queue;
  }

  arnOf(name: string): string {
    return `arn:aws:sqs:${this.#world.region}:${this.#world.account}:${name}`;
  }

  /** @throws AwsError QueueDoesNotExist */
  byUrl(url: string | undefined): Queue {
    if (url === undefined) throw new AwsError('MissingParameter', 'The request must contain the parameter QueueUrl.');
    return this.byName(url.slice(url.lastIndexOf('/') + 1));
  }

  byArn(arn: string): Queue {
    return this.byName(arn.slice(arn.lastIndexOf(':') + 1));
  }

  byName(name: string): Queue {
    const queue = this.#queues.get(name);
    if (queue === undefined) throw new AwsError('QueueDoesNotExist', 'The specified queue does not exist.');
    return queue;
  }

  remove(queue: Queue): void {
    this.#queues.delete(queue.name);
    this.#world.resourcePolicies.remove(queue.arn);
  }
}

function same(queue: Queue, attributes: QueueAttributes): Queue {
  const wanted = spelled(attributes);
  const different = Object.entries(spelled(queue.attributes)).find(([name, value]) => wanted[name] !== value);
  if (different === undefined) return queue;
  throw new AwsError(
    'QueueNameExists',
    `A queue already exists with the same name and a different value for attribute ${different[0]}`,
  );
}

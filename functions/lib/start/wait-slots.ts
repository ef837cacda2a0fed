import {
  ConditionalCheckFailedException,
  GetItemCommand,
  UpdateItemCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';

/** The one item of the lock table that the API's role may touch. */
const ITEM = 'api-waits';
const TRIES = 3;

/** A place among those who may wait at the same time, until it is given back or runs out. */
interface Slot {
  readonly attribute: string;
  readonly until: string;
}

/** The places to wait, shared by every environment of every start function: one attribute of one item each. */
export class WaitSlots {
  readonly #client: DynamoDBClient;
  readonly #table: string;
  readonly #count: number;

  constructor(client: DynamoDBClient, table: string, count: number) {
    this.#client = client;
    this.#table = table;
    this.#count = count;
  }

  /**
   * Takes a free place from `now` until `until`, both in ms since 1970; undefined where all are taken, or too much in demand.
   * `first` says where to begin to look: who comes at the same time should begin elsewhere.
   */
  async take(now: number, until: number, first = 0): Promise<Slot | undefined> {
    if (this.#count === 0) return undefined;
    const { Item = {} } = await this.#client.send(
      new GetItemCommand({ TableName: this.#table, Key: { target: { S: ITEM } }, ConsistentRead: true }),
    );
    const free = Array.from({ length: this.#count }, (_, index) => `slot${(first + index) % this.#count}`).filter(
      (attribute) => Number(Item[attribute]?.N ?? 0) < now,
    );
    for (const attribute of free.slice(0, TRIES)) {
      const taken = await this.#update('SET #slot = :until', 'attribute_not_exists(#slot) OR #slot < :now', attribute, {
        ':until': { N: String(until) },
        ':now': { N: String(now) },
      });
      if (taken) return { attribute, until: String(until) };
    }
    return undefined;
  }

  /** Gives a place back; one that ran out and is somebody else's by now stays theirs. */
  async give({ attribute, until }: Slot): Promise<void> {
    await this.#update('REMOVE #slot', '#slot = :until', attribute, { ':until': { N: until } });
  }

  async #update(
    UpdateExpression: string,
    ConditionExpression: string,
    attribute: string,
    ExpressionAttributeValues: Record<string, { N: string }>,
  ): Promise<boolean> {
    const condition = { UpdateExpression, ConditionExpression, ExpressionAttributeValues };
    const ExpressionAttributeNames = { '#slot': attribute };
    try {
      await this.#client.send(
        new UpdateItemCommand({
          ...{ TableName: this.#table, Key: { target: { S: ITEM } }, ExpressionAttributeNames },
          ...condition,
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }
}

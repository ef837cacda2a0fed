import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  paginateQuery,
  UpdateItemCommand,
  type AttributeValue,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import * as z from '../zod.ts';

/** Who holds a lock: an execution, how often it had been redriven when it took it, and of which runbook it is. */
export interface Holder {
  readonly executionArn: string;
  readonly redriveCount: number;
  readonly runbook: string;
}

/** A lock as the table holds it; `acquiredAt` in ISO 8601. */
export interface Lock extends Holder {
  readonly target: string;
  readonly acquiredAt: string;
}

/** What a lock table can do; see `LockTable`. */
export type Locks = Pick<LockTable, 'take' | 'give' | 'heldBy'>;

const Text = z.object({ S: z.string() });
const Item = z.object({
  target: Text,
  executionArn: Text,
  redriveCount: z.object({ N: z.string() }),
  runbook: Text,
  acquiredAt: Text,
});

/** Longer than an execution may last, so that the table forgets no lock that is held. */
const KEEP_SECONDS = 400 * 86_400;

/** An execution's own: taken by it, in this redrive or an earlier one, which ended when this one began. */
const OWN = 'executionArn = :execution AND redriveCount <= :redrives';

/**
 * The lock table: one item per target, changed by conditional writes of a single item alone. Source: DynamoDB Developer
 * Guide, "Condition expressions".
 */
export class LockTable {
  readonly #client: DynamoDBClient;
  readonly #name: string;
  readonly #index: string;

  /** `index` is the index by `executionArn`. */
  constructor(client: DynamoDBClient, { name, index }: { readonly name: string; readonly index: string }) {
    this.#client = client;
    this.#name = name;
    this.#index = index;
  }

  /**
   * Takes a lock that is free, is the holder's own, or is still the one that `from` is. Answers with the lock that stands
   * in the way, or with undefined: the holder has it.
   */
  async take(target: string, holder: Holder, now: string, from?: Lock): Promise<Lock | undefined> {
    const old = from && { ':oldExecution': { S: from.executionArn }, ':oldRedrives': { N: String(from.redriveCount) } };
    const takeover = old === undefined ? '' : ' OR (executionArn = :oldExecution AND redriveCount = :oldRedrives)';
    const update = new UpdateItemCommand({
      ...this.#key(target),
      UpdateExpression:
        'SET executionArn = :execution, redriveCount = :redrives, runbook = :runbook, acquiredAt = :now, expiresAt = :expiresAt',
      ConditionExpression: `attribute_not_exists(executionArn) OR (${OWN})${takeover}`,
      ExpressionAttributeValues: {
        ...valuesOf(holder),
        ...old,
        ':runbook': { S: holder.runbook },
        ':now': { S: now },
        ':expiresAt': { N: String(Math.floor(Date.parse(now) / 1000) + KEEP_SECONDS) },
      },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    const refused = await conditionOf(this.#client.send(update));
    return refused && lockOf(refused);
  }

  /** Gives a lock back. Nothing changes where the holder does not have it, which is as good. */
  async give(target: string, holder: Omit<Holder, 'runbook'>): Promise<void> {
    await conditionOf(
      this.#client.send(
        new DeleteItemCommand({
          ...this.#key(target),
          ConditionExpression: OWN,
          ExpressionAttributeValues: valuesOf(holder),
        }),
      ),
    );
  }

  /** The targets that an execution has locked, whichever its redrive, as far as the index has them by now. */
  async *heldBy(executionArn: string): AsyncGenerator<string> {
    const pages = paginateQuery(
      { client: this.#client },
      {
        TableName: this.#name,
        IndexName: this.#index,
        KeyConditionExpression: 'executionArn = :execution',
        ExpressionAttributeValues: { ':execution': { S: executionArn } },
        ProjectionExpression: '#target',
        ExpressionAttributeNames: { '#target': 'target' },
      },
    );
    for await (const { Items = [] } of pages) yield* Items.map(({ target }) => Text.parse(target).S);
  }

  #key(target: string) {
    return { TableName: this.#name, Key: { target: { S: target } } };
  }
}

const valuesOf = ({ executionArn, redriveCount }: Omit<Holder, 'runbook'>) => ({
  ':execution': { S: executionArn },
  ':redrives': { N: String(redriveCount) },
});

/** The item that failed a write's condition, as far as the write asked for it; undefined where the write was done. */
async function conditionOf(write: Promise<unknown>): Promise<Record<string, AttributeValue> | undefined> {
  try {
    await write;
    return undefined;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return error.Item ?? {};
    throw error;
  }
}

function lockOf(item: Record<string, AttributeValue>): Lock {
  const { target, executionArn, redriveCount, runbook, acquiredAt } = Item.parse(item);
  return {
    target: target.S,
    executionArn: executionArn.S,
    redriveCount: Number(redriveCount.N),
    runbook: runbook.S,
    acquiredAt: acquiredAt.S,
  };
}

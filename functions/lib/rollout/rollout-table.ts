import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
  type AttributeValue,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { ParameterState } from '../schemas/ami-rollout.ts';
import * as z from '../zod.ts';

/** What became of a version of a parameter. `Running` counts as failed once its execution runs no more. */
const OutcomeName = z.enum([
  'Running', 'Completed', 'CompletedWithFailures', 'NothingToDo', 'Failed', 'RolledBack', 'Superseded',
]); // prettier-ignore
export type OutcomeName = z.infer<typeof OutcomeName>;

const Outcome = z.object({
  executionArn: z.string(),
  outcome: OutcomeName,
  attempt: z.int(),
  imageId: z.string(),
  at: z.string(),
});
export type Outcome = z.infer<typeof Outcome>;

const Waiting = z.object({
  kind: z.enum(['approval', 'window']),
  token: z.string(),
  approvalId: z.optional(z.string()),
});
/** What a waiting rollout can be woken by. */
export type Waiting = z.infer<typeof Waiting>;

/** A token is of no use for longer than an execution may wait: an approval takes 14 days at the most, a window a week. */
const KEEP_TOKEN_SECONDS = 30 * 86_400;

/** Versions of one parameter in the order in which they were written, as text. */
export const orderOf = ({ lastModified, version }: ParameterState): string =>
  `${new Date(lastModified).toISOString()}#${String(version).padStart(10, '0')}`;

/**
 * The rollout table, a single item at a time: which version of a parameter is wanted, what became of each version, and the
 * task tokens of rollouts that wait. Source: DynamoDB Developer Guide, "Condition expressions".
 */
export class RolloutTable {
  readonly #client: DynamoDBClient;
  readonly #table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  /** Notes that a version is wanted, unless a newer one is; answers with the order of the newest one. */
  async want(state: ParameterState): Promise<string> {
    const order = orderOf(state);
    const refused = await this.#update(`parameter#${state.parameter}`, {
      UpdateExpression: 'SET wanted = :order',
      ConditionExpression: 'attribute_not_exists(wanted) OR wanted <= :order',
      ExpressionAttributeValues: { ':order': { S: order } },
    });
    return refused?.['wanted']?.S ?? order;
  }

  async outcomeOf(state: ParameterState): Promise<Outcome | undefined> {
    const item = await this.#get(outcomeId(state));
    return item && Outcome.parse(unmarshall(item));
  }

  /** Notes that an execution rolls a version out. Answers with the outcome that is in the way, if it is not `over`. */
  async begin(state: ParameterState, mine: Omit<Outcome, 'outcome'>, over?: Outcome): Promise<Outcome | undefined> {
    const takeOver = over === undefined ? '' : ' OR (executionArn = :other AND outcome = :theirs)';
    const refused = await this.#update(outcomeId(state), {
      UpdateExpression: 'SET executionArn = :me, outcome = :running, attempt = :attempt, imageId = :image, #at = :at',
      ConditionExpression: `attribute_not_exists(outcome) OR executionArn = :me${takeOver}`,
      ExpressionAttributeNames: { '#at': 'at' },
      ExpressionAttributeValues: {
        ':me': { S: mine.executionArn },
        ':running': { S: 'Running' },
        ':attempt': { N: String(mine.attempt) },
        ':image': { S: mine.imageId },
        ':at': { S: mine.at },
        ...(over && { ':other': { S: over.executionArn }, ':theirs': { S: over.outcome } }),
      },
    });
    return refused && Outcome.parse(unmarshall(refused));
  }

  /** Notes what became of a version, by the execution that began it; another's is left as it is. */
  async end(state: ParameterState, executionArn: string, outcome: OutcomeName, at: string): Promise<void> {
    await this.#update(outcomeId(state), {
      UpdateExpression: 'SET outcome = :outcome, #at = :at',
      ConditionExpression: 'executionArn = :me',
      ExpressionAttributeNames: { '#at': 'at' },
      ExpressionAttributeValues: { ':me': { S: executionArn }, ':outcome': { S: outcome }, ':at': { S: at } },
    });
  }

  /** Notes who wanted a version that is about to be written in their name. */
  async noteRequesters(
    state: Pick<ParameterState, 'parameter' | 'version'>,
    who: readonly string[],
    now: string,
  ): Promise<void> {
    const expiresAt = Math.floor(Date.parse(now) / 1000) + KEEP_TOKEN_SECONDS;
    const Item = marshall({ id: requestersId(state), who: [...who], expiresAt });
    await this.#client.send(new PutItemCommand({ TableName: this.#table, Item }));
  }

  /** Those in whose name a version was written. */
  async requestersOf(state: ParameterState): Promise<readonly string[]> {
    const item = await this.#get(requestersId(state));
    return item === undefined ? [] : z.object({ who: z.array(z.string()) }).parse(unmarshall(item)).who;
  }

  async putWaiting(executionArn: string, waiting: Waiting, now: string): Promise<void> {
    const expiresAt = Math.floor(Date.parse(now) / 1000) + KEEP_TOKEN_SECONDS;
    const Item = marshall(
      { id: waitingId(executionArn), ...waiting, since: now, expiresAt },
      { removeUndefinedValues: true },
    );
    await this.#client.send(new PutItemCommand({ TableName: this.#table, Item }));
  }

  async waitingOf(executionArn: string): Promise<Waiting | undefined> {
    const item = await this.#get(waitingId(executionArn));
    return item && Waiting.parse(unmarshall(item));
  }

  async deleteWaiting(executionArn: string): Promise<void> {
    await this.#client.send(new DeleteItemCommand(this.#key(waitingId(executionArn))));
  }

  async #get(id: string): Promise<Record<string, AttributeValue> | undefined> {
    return (await this.#client.send(new GetItemCommand({ ...this.#key(id), ConsistentRead: true }))).Item;
  }

  /** Answers with the item that failed the condition; undefined where the write was done. */
  async #update(
    id: string,
    update: Pick<
      UpdateItemCommand['input'],
      'UpdateExpression' | 'ConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'
    >,
  ): Promise<Record<string, AttributeValue> | undefined> {
    try {
      await this.#client.send(
        new UpdateItemCommand({ ...this.#key(id), ...update, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }),
      );
      return undefined;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return error.Item;
      throw error;
    }
  }

  #key(id: string) {
    return { TableName: this.#table, Key: { id: { S: id } } };
  }
}

const outcomeId = (state: ParameterState): string =>
  `outcome#${state.parameter}#${state.version}#${new Date(state.lastModified).toISOString()}`;

const requestersId = ({ parameter, version }: Pick<ParameterState, 'parameter' | 'version'>): string =>
  `requesters#${parameter}#${version}`;

const waitingId = (executionArn: string): string => `waiting#${executionArn}`;

import {
  ConditionalCheckFailedException,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from '../zod.ts';

/** How long what was decided can be read. */
const KEEP_SECONDS = 400 * 86_400;

const Approval = z.object({
  approvalId: z.string(),
  executionArn: z.string(),
  parameter: z.string(),
  version: z.int(),
  imageId: z.string(),
  /** Who wanted the rollout, none of whom may approve it. */
  requestedBy: z.array(z.string()),
  /** ISO 8601. */
  deadline: z.string(),
  decision: z.optional(z.enum(['approve', 'refuse'])),
  decidedBy: z.optional(z.string()),
  decidedAt: z.optional(z.string()),
  comment: z.optional(z.string()),
});
export type Approval = z.infer<typeof Approval>;

/** What somebody decides. */
export interface Decision {
  readonly decision: 'approve' | 'refuse';
  readonly decidedBy: string;
  readonly decidedAt: string;
  readonly comment?: string | undefined;
}

/** What rollouts want approved, and what was decided, in the rollout table. Source: DynamoDB PutItem, UpdateItem. */
export class Approvals {
  readonly #client: DynamoDBClient;
  readonly #table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  /** Written again, it leaves what was decided meanwhile as it is. */
  async put(approval: Approval): Promise<void> {
    const expiresAt = Math.floor(Date.parse(approval.deadline) / 1000) + KEEP_SECONDS;
    const Item = marshall({ id: idOf(approval.approvalId), ...approval, expiresAt }, { removeUndefinedValues: true });
    try {
      await this.#client.send(
        new PutItemCommand({ TableName: this.#table, Item, ConditionExpression: 'attribute_not_exists(id)' }),
      );
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }

  async read(approvalId: string): Promise<Approval | undefined> {
    const key = { TableName: this.#table, Key: { id: { S: idOf(approvalId) } }, ConsistentRead: true };
    const { Item } = await this.#client.send(new GetItemCommand(key));
    return Item && Approval.parse(unmarshall(Item));
  }

  /** Writes the first decision. Answers with the approval as it is then, decided by whoever came first. */
  async decide(
    approvalId: string,
    { decision, decidedBy, decidedAt, comment }: Decision,
  ): Promise<Approval | undefined> {
    try {
      const { Attributes } = await this.#client.send(
        new UpdateItemCommand({
          TableName: this.#table,
          Key: { id: { S: idOf(approvalId) } },
          UpdateExpression: `SET decision = :decision, decidedBy = :by, decidedAt = :at${comment === undefined ? '' : ', #comment = :comment'}`,
          ConditionExpression: 'attribute_exists(id) AND attribute_not_exists(decision)',
          ...(comment !== undefined && { ExpressionAttributeNames: { '#comment': 'comment' } }),
          ExpressionAttributeValues: {
            ':decision': { S: decision },
            ':by': { S: decidedBy },
            ':at': { S: decidedAt },
            ...(comment !== undefined && { ':comment': { S: comment } }),
          },
          ReturnValues: 'ALL_NEW',
        }),
      );
      return Attributes && Approval.parse(unmarshall(Attributes));
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return this.read(approvalId);
      throw error;
    }
  }
}

const idOf = (approvalId: string): string => `approval#${approvalId}`;

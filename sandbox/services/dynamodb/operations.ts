import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DeleteItemCommand,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
  type AttributeValue,
  type BatchGetItemCommandInput,
  type BatchWriteItemCommandInput,
  type CreateTableCommandInput,
  type CreateTableCommandOutput,
  type DeleteItemCommandInput,
  type DeleteTableCommandInput,
  type DeleteTableCommandOutput,
  type DescribeTableCommandInput,
  type DescribeTableCommandOutput,
  type GetItemCommandInput,
  type ListTablesCommandInput,
  type PutItemCommandInput,
  type QueryCommandInput,
  type ScanCommandInput,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { AwsError } from '../../core/aws-error.ts';
import { only } from '../../core/only.ts';
import { operation, type Operation } from '../../core/service.ts';
import type { Engine } from './engine.ts';
import type { Tables } from './tables.ts';

const CREATE_TABLE = [
  ...['TableName', 'AttributeDefinitions', 'KeySchema', 'BillingMode', 'ProvisionedThroughput'],
  ...['GlobalSecondaryIndexes', 'LocalSecondaryIndexes'],
];

interface OnTable {
  readonly TableName?: string | undefined;
  readonly IndexName?: string | undefined;
  readonly Key?: Item | undefined;
  readonly Item?: Item | undefined;
}

type Item = Record<string, AttributeValue>;

interface Conditional extends OnTable {
  readonly ReturnValuesOnConditionCheckFailure?: 'ALL_OLD' | 'NONE' | undefined;
}

type Send = (input: never) => unknown;

/** A table is named by its name or by its ARN. */
const nameOf = (table: string | undefined): string => (table ?? '').replace(/^arn:[^/]*:table\//, '');

const named = <I extends OnTable>(input: I): I => ({ ...input, TableName: nameOf(input.TableName) });

const keyed = <V>(tables: Readonly<Record<string, V>> | undefined): Record<string, V> =>
  Object.fromEntries(Object.entries(tables ?? {}).map(([table, value]) => [nameOf(table), value]));

/**
 * The operations that dynalite answers. What is not here (transactions, time to live, backups, streams, PartiQL) is not modelled.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Operations_Amazon_DynamoDB.html
 */
export function dynamoDbOperations(tables: Tables, engine: Engine): Readonly<Record<string, Operation>> {
  const onTable = (action: string, send: Send): Operation =>
    operation<OnTable, object>(
      ({ TableName, IndexName: index, Key, Item: whole }) =>
        tables.permissions(`dynamodb:${action}`, nameOf(TableName), { index, items: [Key ?? whole ?? []].flat() }),
      (input) => send(named(input) as never) as object,
    );
  const conditional = (action: string, send: Send, key: (input: never, names: readonly string[]) => Item): Operation =>
    onTable(action, (input: Conditional) => withOldItem(tables, engine, input, send, key));
  const keyOf = ({ Key }: UpdateItemCommandInput | DeleteItemCommandInput): Item => Key ?? {};
  const keyOfItem = ({ Item: item }: PutItemCommandInput, names: readonly string[]): Item =>
    Object.fromEntries(Object.entries(item ?? {}).filter(([name]) => names.includes(name)));
  return {
    GetItem: onTable('GetItem', (input: GetItemCommandInput) => engine.send(new GetItemCommand(input))),
    Query: onTable('Query', (input: QueryCommandInput) => engine.send(new QueryCommand(input))),
    Scan: onTable('Scan', (input: ScanCommandInput) => engine.send(new ScanCommand(input))),
    PutItem: conditional('PutItem', (input: PutItemCommandInput) => engine.send(new PutItemCommand(input)), keyOfItem),
    UpdateItem: conditional(
      'UpdateItem',
      (input: UpdateItemCommandInput) => engine.send(new UpdateItemCommand(input)),
      keyOf,
    ),
    DeleteItem: conditional(
      'DeleteItem',
      (input: DeleteItemCommandInput) => engine.send(new DeleteItemCommand(input)),
      keyOf,
    ),
    BatchGetItem: operation<BatchGetItemCommandInput, object>(
      ({ RequestItems }) =>
        Object.entries(RequestItems ?? {}).flatMap(([table, { Keys: items }]) =>
          tables.permissions('dynamodb:BatchGetItem', nameOf(table), { items }),
        ),
      (input) => engine.send(new BatchGetItemCommand({ ...input, RequestItems: keyed(input.RequestItems) })),
    ),
    BatchWriteItem: operation<BatchWriteItemCommandInput, object>(
      ({ RequestItems }) =>
        Object.entries(RequestItems ?? {}).flatMap(([table, writes]) => {
          const items = writes.flatMap<Item>((write) => write.PutRequest?.Item ?? write.DeleteRequest?.Key ?? []);
          return tables.permissions('dynamodb:BatchWriteItem', nameOf(table), { items });
        }),
      (input) => engine.send(new BatchWriteItemCommand({ ...input, RequestItems: keyed(input.RequestItems) })),
    ),
    ListTables: operation<ListTablesCommandInput, object>(
      () => [{ action: 'dynamodb:ListTables', resource: '*' }],
      (input) => engine.send(new ListTablesCommand(input)),
    ),
    ...tableOperations(tables),
  };
}

function tableOperations(tables: Tables): Readonly<Record<string, Operation>> {
  const onTable = (action: string) => (input: OnTable) => [{ action, resource: tables.arn(nameOf(input.TableName)) }];
  return {
    CreateTable: operation<CreateTableCommandInput, CreateTableCommandOutput>(
      onTable('dynamodb:CreateTable'),
      async (input) => {
        only('dynamodb:CreateTable', input, CREATE_TABLE);
        return { TableDescription: await tables.create(named(input)) };
      },
    ),
    DescribeTable: operation<DescribeTableCommandInput, DescribeTableCommandOutput>(
      onTable('dynamodb:DescribeTable'),
      async ({ TableName }) => ({ Table: await tables.describe(nameOf(TableName)) }),
    ),
    DeleteTable: operation<DeleteTableCommandInput, DeleteTableCommandOutput>(
      onTable('dynamodb:DeleteTable'),
      async ({ TableName }) => ({ TableDescription: await tables.delete(nameOf(TableName)) }),
    ),
  };
}

/** dynalite leaves the item out of a failed condition; it is read and added where it was asked for. */
async function withOldItem(
  tables: Tables,
  engine: Engine,
  { ReturnValuesOnConditionCheckFailure: asked, ...input }: Conditional,
  send: Send,
  keyOf: (input: never, names: readonly string[]) => Item,
): Promise<unknown> {
  try {
    return await send(input as never);
  } catch (error) {
    if (!(error instanceof AwsError) || error.code !== 'ConditionalCheckFailedException' || asked !== 'ALL_OLD')
      throw error;
    const Key = keyOf(input as never, await tables.keyNames(input.TableName ?? ''));
    const { Item: old } = await engine.send(
      new GetItemCommand({ TableName: input.TableName, Key, ConsistentRead: true }),
    );
    throw new AwsError(error.code, error.message, error.status, old === undefined ? {} : { Item: old });
  }
}

import {
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  type AttributeValue,
  type CreateTableCommandInput,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';
import type { Permission } from '../../core/service.ts';
import type { World } from '../../core/world.ts';
import type { Engine } from './engine.ts';

/** What the sandbox knows of a table beside dynalite: what would else depend on the wall clock or on chance. */
interface Table {
  readonly arn: string;
  readonly id: string;
  readonly created: Date;
  /** ARN of the customer's key, where the table is encrypted with one. */
  readonly key: string | undefined;
  readonly partitionKey: string | undefined;
}

/** What a call is about, as IAM sees it. */
interface Subject {
  readonly index?: string | undefined;
  /** The items that the call names: whole, or by their keys. */
  readonly items?: readonly Readonly<Record<string, AttributeValue>>[];
}

/** The tables of the account, as DynamoDB describes them. */
export class Tables {
  readonly #world: World;
  readonly #engine: Engine;
  readonly #tables = new Map<string, Table>();

  constructor(world: World, engine: Engine) {
    this.#world = world;
    this.#engine = engine;
  }

  arn(name: string): string {
    return `arn:aws:dynamodb:${this.#world.region}:${this.#world.account}:table/${name}`;
  }

  /** Creates a table, and returns when it is ACTIVE: it takes no time here. */
  async create(input: CreateTableCommandInput, key?: string): Promise<TableDescription> {
    const name = input.TableName ?? '';
    const { TableDescription: description } = await this.#engine.send(new CreateTableCommand(input));
    this.#tables.set(name, {
      arn: this.arn(name),
      id: this.#world.random.uuid(),
      created: this.#world.clock.date(),
      key,
      partitionKey: input.KeySchema?.find(({ KeyType }) => KeyType === 'HASH')?.AttributeName,
    });
    for (let status: unknown = 'CREATING'; status !== 'ACTIVE';) status = (await this.#lookUp(name)).TableStatus;
    return this.#ours(name, description as TableDescription);
  }

  async delete(name: string): Promise<TableDescription> {
    const { TableDescription: description } = await this.#engine.send(new DeleteTableCommand({ TableName: name }));
    const deleted = this.#ours(name, description as TableDescription);
    this.#tables.delete(name);
    return deleted;
  }

  async describe(name: string): Promise<TableDescription> {
    return this.#ours(name, await this.#lookUp(name));
  }

  /** The names of the attributes that make a key of the table. */
  async keyNames(name: string): Promise<readonly string[]> {
    return ((await this.#lookUp(name)).KeySchema ?? []).map(({ AttributeName = '' }) => AttributeName);
  }

  /**
   * An action on a table, and on the customer's key of an encrypted one, which the caller must be allowed to use through
   * DynamoDB. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
   */
  permissions(action: string, name: string, { index, items = [] }: Subject = {}): readonly Permission[] {
    const resource = index === undefined ? this.arn(name) : `${this.arn(name)}/index/${index}`;
    const { key, partitionKey = '' } = this.#tables.get(name) ?? {};
    const leading = items.map((item) => textOf(item[partitionKey]));
    const onTable = { action, resource, ...(items.length > 0 && { context: { 'dynamodb:LeadingKeys': leading } }) };
    if (key === undefined) return [onTable];
    const context = {
      'kms:ViaService': `dynamodb.${this.#world.region}.amazonaws.com`,
      'kms:CallerAccount': this.#world.account,
    };
    return [onTable, { action: 'kms:Decrypt', resource: key, context }];
  }

  async #lookUp(name: string): Promise<TableDescription> {
    return (await this.#engine.send(new DescribeTableCommand({ TableName: name })))['Table'] as TableDescription;
  }

  /** A description with our account, region, clock and ids. */
  #ours(name: string, description: TableDescription): TableDescription {
    const { arn = this.arn(name), id, created } = this.#tables.get(name) ?? {};
    const indexed = <I extends { readonly IndexName?: string }>(indexes: readonly I[] | undefined): I[] | undefined =>
      indexes?.map((index) => ({ ...index, IndexArn: `${arn}/index/${index.IndexName}` }));
    const { BillingMode } = description.BillingModeSummary ?? {};
    return {
      ...description,
      TableArn: arn,
      TableId: id,
      CreationDateTime: created,
      ...(BillingMode !== undefined && { BillingModeSummary: { BillingMode } }),
      GlobalSecondaryIndexes: indexed(description.GlobalSecondaryIndexes),
      LocalSecondaryIndexes: indexed(description.LocalSecondaryIndexes),
    };
  }
}

/** A key as a policy writes it; what is no key is refused by dynalite. */
const textOf = (value: AttributeValue | undefined): string =>
  value?.S ?? value?.N ?? (value?.B === undefined ? '' : Buffer.from(value.B).toString('base64'));

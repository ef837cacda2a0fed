import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DeleteItemCommand,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { createDynamoDb, type DynamoDb } from '../../../../sandbox/services/dynamodb/index.ts';
import { provision } from '../../support/service.ts';
import { operator, testWorld, type TestWorld } from '../../support/world.ts';
import { rejection, serve } from '../../wire/support.ts';

const TableName = 'results';
const KEY = 'arn:aws:kms:eu-central-1:123456789012:key/k-1';
const RESULTS = {
  TableName,
  AttributeDefinitions: ['pk', 'sk', 'status'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  BillingMode: 'PAY_PER_REQUEST',
  GlobalSecondaryIndexes: [
    {
      IndexName: 'by-status',
      KeySchema: [{ AttributeName: 'status', KeyType: 'HASH' }],
      Projection: { ProjectionType: 'ALL' },
    },
  ],
  PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
  TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
  SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: KEY },
  DeletionProtectionEnabled: true,
  Tags: [{ Key: 'a', Value: 'b' }],
};

let served: Awaited<ReturnType<typeof serve>>;
let dynamoDb: DynamoDb;
let client: DynamoDBClient;
let world: TestWorld;

beforeAll(async () => {
  served = await serve(async (shared) => {
    dynamoDb = createDynamoDb(shared);
    return [dynamoDb.service];
  });
  ({ world } = served);
  client = new DynamoDBClient(served.client);
  await provision(dynamoDb.resources, 'AWS::DynamoDB::Table', RESULTS);
});

afterAll(async () => {
  await served.wire.close();
  dynamoDb.close();
});

const key = (pk: string) => ({ pk: { S: pk }, sk: { S: '0' } });

describe('items', () => {
  it('come back as they were put, of every type', async () => {
    const Item = {
      ...key('types'),
      empty: { S: '' },
      number: { N: '3.14' },
      bytes: { B: new Uint8Array([0, 255, 7]) },
      list: { L: [{ BOOL: true }, { NULL: true }, { M: { 'a b': { SS: ['x', 'y'] } } }] },
    };
    await client.send(new PutItemCommand({ TableName, Item }));
    const { Item: read } = await client.send(new GetItemCommand({ TableName, Key: key('types') }));
    expect({ ...read, bytes: { B: new Uint8Array(read?.['bytes']?.B ?? []) } }).toEqual(Item);
  });

  it('are updated by expressions, and under conditions alone', async () => {
    const update = {
      TableName: `arn:aws:dynamodb:eu-central-1:123456789012:table/${TableName}`,
      Key: key('update'),
      UpdateExpression: 'SET #status = :status, attempts = if_not_exists(attempts, :zero) + :one',
      ConditionExpression: 'attribute_not_exists(#status) OR #status = :status',
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: { ':status': { S: 'RUNNING' }, ':zero': { N: '0' }, ':one': { N: '1' } },
      ReturnValues: 'ALL_NEW' as const,
    };
    await client.send(new UpdateItemCommand(update));
    const { Attributes } = await client.send(new UpdateItemCommand(update));
    expect(Attributes).toEqual({ ...key('update'), status: { S: 'RUNNING' }, attempts: { N: '2' } });
    const values = { ...update.ExpressionAttributeValues, ':status': { S: 'SUCCEEDED' } };
    const refused = new UpdateItemCommand({
      ...update,
      ExpressionAttributeValues: values,
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    const error = await rejection(client.send(refused));
    expect(error).toMatchObject({
      name: 'ConditionalCheckFailedException',
      message: 'The conditional request failed',
      Item: Attributes,
    });
  });

  it('give the old item of a refused put only where asked for', async () => {
    const put = {
      TableName,
      Item: { ...key('locked'), owner: { S: 'me' } },
      ConditionExpression: 'attribute_not_exists(pk)',
    };
    await client.send(new PutItemCommand(put));
    const asked = await rejection(
      client.send(new PutItemCommand({ ...put, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' })),
    );
    expect(asked['Item']).toEqual(put.Item);
    expect((await rejection(client.send(new PutItemCommand(put))))['Item']).toBeUndefined();
    await client.send(new DeleteItemCommand({ TableName, Key: key('locked') }));
    expect(await client.send(new GetItemCommand({ TableName, Key: key('locked') }))).not.toHaveProperty('Item');
  });

  it('are queried, scanned and batched', async () => {
    const PutRequest = (pk: string) => ({ PutRequest: { Item: { ...key(pk), status: { S: 'DONE' } } } });
    await client.send(
      new BatchWriteItemCommand({ RequestItems: { [TableName]: [PutRequest('b1'), PutRequest('b2')] } }),
    );
    const { Responses } = await client.send(
      new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: [key('b1'), key('b2')] } } }),
    );
    expect(Responses?.[TableName]).toHaveLength(2);
    const byStatus = {
      TableName,
      IndexName: 'by-status',
      KeyConditionExpression: '#status = :status',
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: { ':status': { S: 'DONE' } },
    };
    expect((await client.send(new QueryCommand(byStatus))).Count).toBe(2);
    const { Items } = await client.send(
      new ScanCommand({ TableName, FilterExpression: 'pk = :b1', ExpressionAttributeValues: { ':b1': { S: 'b1' } } }),
    );
    expect(Items).toEqual([{ ...key('b1'), status: { S: 'DONE' } }]);
  });

  it('are answered in the order of the calls, failures included', async () => {
    const order: string[] = [];
    const names = ['no-such', TableName, 'no-such', TableName];
    const calls = names.map((name, index) =>
      world.dispatcher.call(operator, 'dynamodb', 'GetItem', { TableName: name, Key: key('x') }).then(
        () => order.push(`ok ${index}`),
        () => order.push(`failed ${index}`),
      ),
    );
    await Promise.all(calls);
    expect(order).toEqual(['failed 0', 'ok 1', 'failed 2', 'ok 3']);
  });

  it('answer the errors of DynamoDB', async () => {
    const missing = await rejection(client.send(new GetItemCommand({ TableName: 'no-such', Key: key('x') })));
    expect(missing).toMatchObject({ name: 'ResourceNotFoundException', $metadata: { httpStatusCode: 400 } });
    const incomplete = await rejection(client.send(new GetItemCommand({ TableName, Key: { pk: { S: 'x' } } })));
    expect(incomplete).toMatchObject({
      name: 'ValidationException',
      message: 'The provided key element does not match the schema',
    });
  });

  it('name transactions and time to live as not modelled', async () => {
    const transaction = await rejection(client.send(new TransactWriteItemsCommand({ TransactItems: [] })));
    expect(transaction.message).toContain('dynamodb:TransactWriteItems');
    const specification = { AttributeName: 'a', Enabled: true };
    const ttl = await rejection(
      client.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification: specification })),
    );
    expect(ttl.message).toContain('dynamodb:UpdateTimeToLive');
  });
});

describe('tables', () => {
  it('are described by account, region and clock of the sandbox', async () => {
    const { Table } = await client.send(new DescribeTableCommand({ TableName }));
    const TableArn = `arn:aws:dynamodb:eu-central-1:123456789012:table/${TableName}`;
    expect(Table).toMatchObject({
      TableArn,
      TableStatus: 'ACTIVE',
      CreationDateTime: new Date('2026-01-05T09:00:00Z'),
    });
    expect(Table?.GlobalSecondaryIndexes?.[0]?.IndexArn).toBe(`${TableArn}/index/by-status`);
    expect((await client.send(new ListTablesCommand({}))).TableNames).toContain(TableName);
  });

  it('of the global type have one replica, here', async () => {
    const table = {
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
    };
    const create = (Region: string) =>
      provision(dynamoDb.resources, 'AWS::DynamoDB::GlobalTable', { ...table, Replicas: [{ Region }] });
    expect(await create('eu-central-1')).toMatchObject({
      ref: 'Stack-Resource-ABC',
      attributes: { Arn: expect.stringMatching(/table\/Stack-/) },
    });
    await expect(create('us-east-1')).rejects.toThrow('one region');
  });

  it('refuse what would be ignored', async () => {
    const streamed = { ...RESULTS, StreamSpecification: { StreamViewType: 'NEW_IMAGE' } };
    await expect(provision(dynamoDb.resources, 'AWS::DynamoDB::Table', streamed)).rejects.toThrow(
      'StreamSpecification',
    );
  });

  it('need their key and their index to be allowed', async () => {
    const before = world.dispatcher.journal.length;
    await world.dispatcher.call(operator, 'dynamodb', 'GetItem', { TableName, Key: key('x') });
    const query = {
      TableName,
      IndexName: 'by-status',
      KeyConditionExpression: 'pk = :x',
      ExpressionAttributeValues: { ':x': { S: 'x' } },
    };
    await rejection(world.dispatcher.call(operator, 'dynamodb', 'Query', query));
    const [get, queried] = world.dispatcher.journal
      .slice(before)
      .map(({ permissions }) => permissions.map(({ action, resource }) => `${action} ${resource}`));
    const arn = `arn:aws:dynamodb:eu-central-1:123456789012:table/${TableName}`;
    expect(get).toEqual([`dynamodb:GetItem ${arn}`, `kms:Decrypt ${KEY}`]);
    expect(queried).toEqual([`dynamodb:Query ${arn}/index/by-status`, `kms:Decrypt ${KEY}`]);
  });

  it('tell IAM the partition keys of the items that a call names', async () => {
    const before = world.dispatcher.journal.length;
    const call = (operation: string, input: object) => world.dispatcher.call(operator, 'dynamodb', operation, input);
    await call('PutItem', { TableName, Item: key('whole') });
    await call('GetItem', { TableName, Key: key('by key') });
    await call('BatchGetItem', { RequestItems: { [TableName]: { Keys: [key('one'), key('two')] } } });
    const writes = [{ PutRequest: { Item: key('three') } }, { DeleteRequest: { Key: key('four') } }];
    await call('BatchWriteItem', { RequestItems: { [TableName]: writes } });
    await call('Scan', { TableName });
    const told = world.dispatcher.journal
      .slice(before)
      .map(({ permissions: [onTable] }) => onTable?.context?.['dynamodb:LeadingKeys']);
    expect(told).toEqual([['whole'], ['by key'], ['one', 'two'], ['three', 'four'], undefined]);
  });
});

describe('time', () => {
  it('stands still during a call', async () => {
    const virtual = testWorld();
    const own = createDynamoDb(virtual);
    virtual.dispatcher.register(own.service);
    await provision(own.resources, 'AWS::DynamoDB::Table', RESULTS);
    const start = virtual.clock.now();
    let tickedDuringCall = false;
    let done = false;
    virtual.clock.schedule(start + 1, () => {
      tickedDuringCall = !done;
    });
    const call = virtual.dispatcher
      .call(operator, 'dynamodb', 'PutItem', { TableName, Item: key('x') })
      .then(() => (done = true));
    await virtual.clock.runFor(1000);
    await call;
    expect(tickedDuringCall).toBe(false);
    own.close();
  });
});

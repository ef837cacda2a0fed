import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { provisioner, type Provisioners, type ResourceContext } from '../../core/resources.ts';
import type { World } from '../../core/world.ts';
import type { Tables } from './tables.ts';

const KeySchema = z.array(z.strictObject({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) }));
const Throughput = z.strictObject({ ReadCapacityUnits: z.number(), WriteCapacityUnits: z.number() });
const Projection = z.strictObject({
  ProjectionType: z.enum(['ALL', 'KEYS_ONLY', 'INCLUDE']),
  NonKeyAttributes: z.array(z.string()).optional(),
});
const Index = z.strictObject({ IndexName: z.string(), KeySchema, Projection });
const Tags = z.array(z.strictObject({ Key: z.string(), Value: z.string() }));

/** The same in both types of table. A time to live is heeded by no one: items stay, as they may for days on AWS. */
const common = {
  TableName: z.string().optional(),
  AttributeDefinitions: z.array(z.strictObject({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) })),
  KeySchema,
  BillingMode: z.enum(['PAY_PER_REQUEST', 'PROVISIONED']).optional(),
  LocalSecondaryIndexes: z.array(Index).optional(),
  TimeToLiveSpecification: z.strictObject({ AttributeName: z.string().optional(), Enabled: z.boolean() }).optional(),
};

/** Settings that change nothing here: nothing is backed up, restored, classed by price or deleted by a stack. */
const inert = {
  ContributorInsightsSpecification: z.strictObject({ Enabled: z.boolean(), Mode: z.string().optional() }).optional(),
  DeletionProtectionEnabled: z.boolean().optional(),
  PointInTimeRecoverySpecification: z
    .strictObject({ PointInTimeRecoveryEnabled: z.boolean().optional(), RecoveryPeriodInDays: z.number().optional() })
    .optional(),
  TableClass: z.enum(['STANDARD', 'STANDARD_INFREQUENT_ACCESS']).optional(),
  Tags: Tags.optional(),
};

const TableProperties = z.strictObject({
  ...common,
  ...inert,
  ProvisionedThroughput: Throughput.optional(),
  GlobalSecondaryIndexes: z.array(Index.extend({ ProvisionedThroughput: Throughput.optional() })).optional(),
  SSESpecification: z
    .strictObject({
      SSEEnabled: z.boolean(),
      SSEType: z.literal('KMS').optional(),
      KMSMasterKeyId: z.string().optional(),
    })
    .optional(),
});

const Replica = z.strictObject({
  ...inert,
  Region: z.string(),
  SSESpecification: z.strictObject({ KMSMasterKeyId: z.string() }).optional(),
});

const GlobalTableProperties = z.strictObject({
  ...common,
  Replicas: z.array(Replica),
  GlobalSecondaryIndexes: z.array(Index).optional(),
  SSESpecification: z.strictObject({ SSEEnabled: z.boolean(), SSEType: z.literal('KMS').optional() }).optional(),
  BillingMode: z.literal('PAY_PER_REQUEST').optional(),
});

/**
 * AWS::DynamoDB::Table and, with its one replica in the sandbox's region, AWS::DynamoDB::GlobalTable. Streams, resource
 * policies, imports and replicas elsewhere are refused at load.
 */
export function dynamoDbResources(world: World, tables: Tables): Provisioners {
  const create = async (
    context: ResourceContext,
    input: Omit<CreateTableCommandInput, 'TableName'> & { TableName?: string },
    key?: string,
  ) => {
    const name = input.TableName ?? context.physicalName(255);
    const { TableArn = '', TableId = '' } = await tables.create(
      { ...input, TableName: name },
      key && keyArn(world, key),
    );
    return { ref: name, attributes: { Arn: TableArn, TableId } };
  };
  return {
    'AWS::DynamoDB::Table': provisioner(TableProperties, (properties, context) => {
      const { TableName, AttributeDefinitions, KeySchema: keys, BillingMode, ProvisionedThroughput } = properties;
      const { GlobalSecondaryIndexes, LocalSecondaryIndexes, SSESpecification } = properties;
      const described = { TableName, AttributeDefinitions, KeySchema: keys, BillingMode, ProvisionedThroughput };
      return create(
        context,
        { ...described, GlobalSecondaryIndexes, LocalSecondaryIndexes },
        SSESpecification?.KMSMasterKeyId,
      );
    }),
    'AWS::DynamoDB::GlobalTable': provisioner(GlobalTableProperties, (properties, context) => {
      const {
        TableName,
        AttributeDefinitions,
        KeySchema: keys,
        GlobalSecondaryIndexes,
        LocalSecondaryIndexes,
      } = properties;
      const [replica, ...others] = properties.Replicas;
      if (replica?.Region !== world.region || others.length > 0)
        throw new Error(
          `${context.logicalId}: the sandbox has one region, ${world.region}; Replicas must name it and no other.`,
        );
      const described = { TableName, AttributeDefinitions, KeySchema: keys, BillingMode: 'PAY_PER_REQUEST' as const };
      return create(
        context,
        { ...described, GlobalSecondaryIndexes, LocalSecondaryIndexes },
        replica.SSESpecification?.KMSMasterKeyId,
      );
    }),
  };
}

const keyArn = ({ region, account }: World, key: string): string =>
  key.startsWith('arn:') ? key : `arn:aws:kms:${region}:${account}:${key.startsWith('alias/') ? key : `key/${key}`}`;

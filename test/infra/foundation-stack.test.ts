import { describe, expect, it } from '@jest/globals';
import { listOf, masked, ofType, statementsOf, synthesize } from './synthesize.ts';
import type { Resource, TemplateDocument } from './synthesize.ts';

const { foundation } = synthesize({ notificationEmails: ['ops@example.com'], outputKeyPrefix: 'out/put' });
const imported = synthesize({
  outputBucket: 'existing-outputs',
  outputBucketKeyArn: 'arn:aws:kms:eu-west-1:123456789012:key/1a-2b',
}).foundation;

function only(template: TemplateDocument, type: string): [id: string, resource: Resource] {
  const [found, ...others] = ofType(template, type);
  if (found === undefined || others.length > 0) throw new Error(`There is not one ${type}`);
  return found;
}
const [keyId, key] = only(foundation, 'AWS::KMS::Key');
const keyArn = { 'Fn::GetAtt': [keyId, 'Arn'] };

describe('the key', () => {
  it('rotates', () => expect(key.Properties).toMatchObject({ EnableKeyRotation: true }));

  it('can be used by alarms of the account, to publish to the encrypted topic', () => {
    expect(key.Properties.KeyPolicy).toMatchObject({
      Statement: [
        {},
        {
          Action: ['kms:GenerateDataKey', 'kms:Decrypt'],
          Principal: { Service: 'cloudwatch.amazonaws.com' },
          Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
        },
      ],
    });
  });
});

describe('the output bucket', () => {
  it('is private, versioned, under our key, and forgets in time', () => {
    expect(only(foundation, 'AWS::S3::Bucket')[1].Properties).toMatchObject({
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          {
            BucketKeyEnabled: true,
            ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: keyArn },
          },
        ],
      },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      VersioningConfiguration: { Status: 'Enabled' },
      LifecycleConfiguration: { Rules: [{ Status: 'Enabled', ExpirationInDays: 90 }] },
    });
  });

  it('refuses what comes without TLS', () => {
    expect(only(foundation, 'AWS::S3::BucketPolicy')[1].Properties.PolicyDocument).toMatchObject({
      Statement: [{ Effect: 'Deny', Action: 's3:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }],
    });
  });

  it('can be one that exists, with its own key', () => {
    expect(ofType(imported, 'AWS::S3::Bucket')).toEqual([]);
    expect(imported.Outputs.OutputBucketName).toEqual({ Value: 'existing-outputs' });
    const allowed = statementsOf(imported, 'ManagedInstance').filter(({ Sid }) => Sid !== 'Agent');
    expect(JSON.stringify(allowed.map(({ Resource }) => Resource))).toMatch(/:s3:::existing-outputs\/commands\/\*/);
    expect(allowed).toContainEqual(
      expect.objectContaining({
        Action: 'kms:GenerateDataKey',
        Resource: 'arn:aws:kms:eu-west-1:123456789012:key/1a-2b',
      }),
    );
  });

  it('needs no key where the existing bucket has none', () => {
    const template = synthesize({ outputBucket: 'existing-outputs' }).foundation;
    const actions = statementsOf(template, 'ManagedInstance').flatMap(({ Action }) => listOf(Action));
    expect(actions.filter((action) => action.startsWith('kms:'))).toEqual([]);
  });
});

describe('the tables', () => {
  const tables = ofType(foundation, 'AWS::DynamoDB::Table');

  it.each([
    ['ResultTable', 'executionArn'],
    ['LockTable', 'target'],
    ['RolloutTable', 'id'],
  ])('%s has the key %s, forgets in time and can be restored', (name, attribute) => {
    expect(tables.find(([id]) => id.startsWith(name))?.[1].Properties).toMatchObject({
      KeySchema: [{ AttributeName: attribute, KeyType: 'HASH' }],
      AttributeDefinitions: expect.arrayContaining([{ AttributeName: attribute, AttributeType: 'S' }]) as unknown,
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    });
  });

  it('list the executions of a runbook without what their commands printed', () => {
    const { Properties } = tables.find(([id]) => id.startsWith('ResultTable'))?.[1] ?? {};
    expect(Properties).toMatchObject({
      GlobalSecondaryIndexes: [
        {
          IndexName: 'by-runbook',
          KeySchema: [
            { AttributeName: 'runbook', KeyType: 'HASH' },
            { AttributeName: 'startedAt', KeyType: 'RANGE' },
          ],
          Projection: {
            ProjectionType: 'INCLUDE',
            NonKeyAttributes: ['status', 'finishedAt', 'summary', 'stopRequestedAt'],
          },
        },
      ],
    });
  });

  it('find what an execution has locked, and its target alone', () => {
    expect(tables.find(([id]) => id.startsWith('LockTable'))?.[1].Properties).toMatchObject({
      GlobalSecondaryIndexes: [
        {
          IndexName: 'by-execution',
          KeySchema: [{ AttributeName: 'executionArn', KeyType: 'HASH' }],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
      ],
    });
  });

  it.each([
    ['results, which hold what commands printed', 'ResultTable'],
    ['the tokens of rollouts that wait', 'RolloutTable'],
  ])('keep %s, under our key', (_, name) => {
    expect(tables.find(([id]) => id.startsWith(name))?.[1].Properties).toMatchObject({
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: keyArn },
    });
  });
});

describe('the topic', () => {
  it('is encrypted, refuses what comes without TLS, and lets alarms of the account publish', () => {
    expect(only(foundation, 'AWS::SNS::Topic')[1].Properties).toMatchObject({ KmsMasterKeyId: keyArn });
    expect(only(foundation, 'AWS::SNS::TopicPolicy')[1].Properties.PolicyDocument).toMatchObject({
      Statement: [
        { Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
        { Effect: 'Allow', Action: 'sns:Publish', Principal: { Service: 'cloudwatch.amazonaws.com' } },
      ],
    });
  });

  it('writes to who is configured', () => {
    expect(only(foundation, 'AWS::SNS::Subscription')[1].Properties).toMatchObject({
      Protocol: 'email',
      Endpoint: 'ops@example.com',
    });
  });
});

describe('the role of managed machines', () => {
  const statements = statementsOf(foundation, 'ManagedInstance');

  it('writes below the output prefix and encrypts, and can do nothing else to the bucket or the key', () => {
    const beside = statements.filter(({ Sid }) => Sid !== 'Agent');
    expect(beside.map(({ Action }) => Action)).toEqual(['s3:PutObject', 'kms:GenerateDataKey']);
    expect(JSON.stringify(beside[0]?.Resource)).toContain('/out/put/*');
    expect(beside[1]?.Resource).toEqual(keyArn);
  });

  it('reads no parameters', () => {
    expect(statements.flatMap(({ Action }) => listOf(Action)).filter((action) => /Parameter/.test(action))).toEqual([]);
  });
});

describe('the stack', () => {
  it('keeps its data when deleted, unless told otherwise', () => {
    const policies = (template: TemplateDocument) =>
      Object.values(template.Resources).flatMap(({ DeletionPolicy }) => DeletionPolicy ?? []);
    expect(new Set(policies(foundation))).toEqual(new Set(['Retain']));
    expect(new Set(policies(synthesize({ retainData: false }).foundation))).toEqual(new Set(['Delete']));
  });

  it('tells the names that others need', () => {
    expect(Object.keys(foundation.Outputs).filter((id) => !id.startsWith('Exports'))).toEqual([
      'InstanceProfileName',
      'OutputBucketName',
      'ResultTableName',
      'LockTableName',
      'RolloutTableName',
      'NotificationTopicArn',
      'ExclusionsParameterName',
    ]);
  });

  it('is as it was', () => expect(masked(foundation)).toMatchSnapshot());
});

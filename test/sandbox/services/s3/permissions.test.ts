import { describe, expect, it } from '@jest/globals';
import { createS3 } from '../../../../sandbox/services/s3/index.ts';
import { provision } from '../../support/service.ts';
import { operator, testWorld } from '../../support/world.ts';

const KEY = 'arn:aws:kms:eu-central-1:123456789012:key/k-1';
async function s3With(properties: object) {
  const world = testWorld();
  const s3 = createS3(world);
  world.dispatcher.register(s3.service);
  return { world, s3, created: await provision(s3.resources, 'AWS::S3::Bucket', properties) };
}

const encrypted = {
  BucketEncryption: {
    ServerSideEncryptionConfiguration: [
      { ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: KEY }, BucketKeyEnabled: true },
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
  OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
  Tags: [{ Key: 'a', Value: 'b' }],
};

describe('AWS::S3::Bucket', () => {
  it('is created with what CDK writes', async () => {
    const { created, s3 } = await s3With(encrypted);
    expect(created).toMatchObject({
      ref: 'stack-resource-abc',
      attributes: { Arn: 'arn:aws:s3:::stack-resource-abc' },
    });
    expect(s3.store.bucket('stack-resource-abc').encryption).toEqual({
      ServerSideEncryption: 'aws:kms',
      SSEKMSKeyId: KEY,
      BucketKeyEnabled: true,
    });
  });

  it('refuses what would be ignored', async () => {
    await expect(s3With({ NotificationConfiguration: {} })).rejects.toThrow('NotificationConfiguration');
    await expect(s3With({ BucketName: 'Upper' })).rejects.toThrow('The specified bucket is not valid');
  });

  it('takes a policy', async () => {
    const { s3, world } = await s3With({ BucketName: 'named' });
    const statement = { Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: '*' };
    const PolicyDocument = { Version: '2012-10-17', Statement: statement };
    await provision(s3.resources, 'AWS::S3::BucketPolicy', { Bucket: 'named', PolicyDocument });
    expect(world.resourcePolicies.for('arn:aws:s3:::named/key')?.Statement).toEqual([statement]);
  });
});

describe('permissions', () => {
  it('name object and bucket, and the key of an encrypted bucket', async () => {
    const { world } = await s3With(encrypted);
    const Bucket = 'stack-resource-abc';
    const call = (name: string, input: object) => world.dispatcher.call(operator, 's3', name, { Bucket, ...input });
    await call('PutObject', { Key: 'a', Body: 'x' });
    await call('GetObject', { Key: 'a' });
    await call('ListObjectsV2', { Prefix: 'a' });
    await call('DeleteObject', { Key: 'a' });
    const used = world.dispatcher.journal.map(({ permissions }) =>
      permissions.map(({ action, resource }) => `${action} ${resource}`),
    );
    expect(used).toEqual([
      [`s3:PutObject arn:aws:s3:::${Bucket}/a`, `kms:GenerateDataKey ${KEY}`],
      [`s3:GetObject arn:aws:s3:::${Bucket}/a`, `kms:Decrypt ${KEY}`],
      [`s3:ListBucket arn:aws:s3:::${Bucket}`],
      [`s3:DeleteObject arn:aws:s3:::${Bucket}/a`],
    ]);
    expect(world.dispatcher.journal[0]?.permissions[1]?.context).toMatchObject({
      'kms:ViaService': 's3.eu-central-1.amazonaws.com',
    });
    expect(world.dispatcher.journal[2]?.permissions[0]?.context).toEqual({ 's3:prefix': 'a' });
  });
});

describe('PutBucketPolicy', () => {
  const put = async (Policy: string) => {
    const { world } = await s3With({});
    const answer = await world.dispatcher.call(operator, 's3', 'PutBucketPolicy', {
      Bucket: 'stack-resource-abc',
      Policy,
    });
    return { world, answer };
  };

  it('lets the policy decide about the bucket and its objects', async () => {
    const statement = {
      Effect: 'Allow',
      Principal: '*',
      Action: 's3:GetObject',
      Resource: 'arn:aws:s3:::stack-resource-abc/*',
    };
    const { world } = await put(JSON.stringify({ Version: '2012-10-17', Statement: statement }));
    expect(world.resourcePolicies.for('arn:aws:s3:::stack-resource-abc/a/b')).toMatchObject({ Statement: [statement] });
  });

  it('refuses what is no JSON', () => expect(put('{')).rejects.toMatchObject({ code: 'MalformedPolicy' }));
});

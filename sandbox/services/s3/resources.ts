import * as z from 'zod';
import { provisioner, type Provisioners } from '../../core/resources.ts';
import type { World } from '../../core/world.ts';
import { Document } from '../iam/policy-schema.ts';
import { requireBucketName } from './buckets.ts';
import { bucketArn, encryptionOf, S3_MANAGED } from './encryption.ts';
import type { S3Store } from './store.ts';

/** Settings of a bucket that change nothing here: there is no public access, no time in which objects expire, no log. */
const inert = {
  AccessControl: z.literal(['Private', 'LogDeliveryWrite']),
  LifecycleConfiguration: z.strictObject({
    Rules: z.array(z.record(z.string(), z.unknown())),
    TransitionDefaultMinimumObjectSize: z.string().optional(),
  }),
  LoggingConfiguration: z.strictObject({
    DestinationBucketName: z.string().optional(),
    LogFilePrefix: z.string().optional(),
    TargetObjectKeyFormat: z.record(z.string(), z.unknown()).optional(),
  }),
  MetricsConfigurations: z.array(z.record(z.string(), z.unknown())),
  OwnershipControls: z.strictObject({
    Rules: z.array(
      z.strictObject({ ObjectOwnership: z.enum(['BucketOwnerEnforced', 'BucketOwnerPreferred', 'ObjectWriter']) }),
    ),
  }),
  PublicAccessBlockConfiguration: z.strictObject({
    BlockPublicAcls: z.boolean().optional(),
    BlockPublicPolicy: z.boolean().optional(),
    IgnorePublicAcls: z.boolean().optional(),
    RestrictPublicBuckets: z.boolean().optional(),
  }),
  Tags: z.array(z.strictObject({ Key: z.string(), Value: z.string() })),
  VersioningConfiguration: z.strictObject({ Status: z.enum(['Enabled', 'Suspended']) }),
};

const EncryptionRule = z.strictObject({
  BucketKeyEnabled: z.boolean().optional(),
  ServerSideEncryptionByDefault: z.strictObject({
    SSEAlgorithm: z.enum(['AES256', 'aws:kms', 'aws:kms:dsse']),
    KMSMasterKeyID: z.string().optional(),
  }),
});

const BucketProperties = z.strictObject({
  BucketName: z.string().optional(),
  BucketEncryption: z.strictObject({ ServerSideEncryptionConfiguration: z.tuple([EncryptionRule]) }).optional(),
  ...z.strictObject(inert).partial().shape,
});

const BucketPolicyProperties = z.strictObject({ Bucket: z.string(), PolicyDocument: Document });

/** AWS::S3::Bucket and AWS::S3::BucketPolicy. Replication, notifications, websites and object lock are refused at load. */
export function s3Resources(world: World, store: S3Store): Provisioners {
  return {
    'AWS::S3::Bucket': provisioner(BucketProperties, ({ BucketName, BucketEncryption }, context) => {
      const name = BucketName ?? context.physicalName(63).toLowerCase();
      requireBucketName(name);
      const rule = BucketEncryption?.ServerSideEncryptionConfiguration[0];
      const { SSEAlgorithm, KMSMasterKeyID } = rule?.ServerSideEncryptionByDefault ?? {};
      const asked = { algorithm: SSEAlgorithm, key: KMSMasterKeyID, bucketKey: rule?.BucketKeyEnabled };
      const encryption = encryptionOf(world, asked, S3_MANAGED);
      store.add({ name, created: world.clock.date(), encryption, objects: new Map() });
      return { ref: name, attributes: attributesOf(world, name) };
    }),
    'AWS::S3::BucketPolicy': provisioner(BucketPolicyProperties, ({ Bucket, PolicyDocument }) => {
      store.bucket(Bucket);
      world.resourcePolicies.replace(bucketArn(Bucket), PolicyDocument);
      return { ref: Bucket, attributes: {} };
    }),
  };
}

const attributesOf = ({ region }: World, name: string): Record<string, string> => ({
  Arn: bucketArn(name),
  DomainName: `${name}.s3.amazonaws.com`,
  RegionalDomainName: `${name}.s3.${region}.amazonaws.com`,
  DualStackDomainName: `${name}.s3.dualstack.${region}.amazonaws.com`,
  WebsiteURL: `http://${name}.s3-website.${region}.amazonaws.com`,
});

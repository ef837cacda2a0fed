import type { Permission } from '../../core/service.ts';
import type { World } from '../../core/world.ts';
import type { Encryption } from './store.ts';

export const S3_MANAGED: Encryption = { ServerSideEncryption: 'AES256' };

/** What a request or a bucket asks for by its own names. */
export interface EncryptionRequest {
  readonly algorithm: string | undefined;
  readonly key: string | undefined;
  readonly bucketKey?: boolean | undefined;
}

/** The encryption asked for, or `otherwise` where nothing is. A key is named by its ARN from here on. */
export function encryptionOf(
  world: World,
  { algorithm, key, bucketKey }: EncryptionRequest,
  otherwise: Encryption,
): Encryption {
  if (algorithm === undefined) return otherwise;
  if (algorithm === 'AES256') return S3_MANAGED;
  return {
    ServerSideEncryption: algorithm as Encryption['ServerSideEncryption'],
    ...(key !== undefined && { SSEKMSKeyId: keyArn(world, key) }),
    ...(bucketKey !== undefined && { BucketKeyEnabled: bucketKey }),
  };
}

const keyArn = ({ region, account }: World, key: string): string =>
  key.startsWith('arn:') ? key : `arn:aws:kms:${region}:${account}:${key.startsWith('alias/') ? key : `key/${key}`}`;

/**
 * What KMS must allow besides S3, on the customer's key: GenerateDataKey to write, Decrypt to read. The key that AWS
 * manages allows it to the whole account. https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
 */
export function kmsPermissions(
  world: World,
  action: 'kms:GenerateDataKey' | 'kms:Decrypt',
  encryption: Encryption | undefined,
  bucket: string,
  key: string,
): readonly Permission[] {
  if (encryption?.SSEKMSKeyId === undefined) return [];
  const encrypted = encryption.BucketKeyEnabled === true ? bucketArn(bucket) : objectArn(bucket, key);
  const context = {
    'kms:ViaService': `s3.${world.region}.amazonaws.com`,
    'kms:CallerAccount': world.account,
    'kms:EncryptionContext:aws:s3:arn': encrypted,
    'kms:EncryptionContextKeys': ['aws:s3:arn'],
  };
  return [{ action, resource: encryption.SSEKMSKeyId, context }];
}

export const bucketArn = (bucket: string): string => `arn:aws:s3:::${bucket}`;
export const objectArn = (bucket: string, key: string): string => `arn:aws:s3:::${bucket}/${key}`;

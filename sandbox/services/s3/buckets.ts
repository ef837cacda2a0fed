import type {
  CreateBucketCommandInput,
  CreateBucketCommandOutput,
  DeleteBucketCommandInput,
  DeleteBucketCommandOutput,
  GetBucketEncryptionCommandInput,
  GetBucketEncryptionCommandOutput,
  GetBucketLocationCommandInput,
  GetBucketLocationCommandOutput,
  HeadBucketCommandInput,
  HeadBucketCommandOutput,
  ListBucketsCommandInput,
  ListBucketsCommandOutput,
  ListObjectsCommandInput,
  ListObjectsCommandOutput,
  ListObjectsV2CommandInput,
  ListObjectsV2CommandOutput,
  PutBucketPolicyCommandInput,
  PutBucketPolicyCommandOutput,
} from '@aws-sdk/client-s3';
import { AwsError } from '../../core/aws-error.ts';
import { only } from '../../core/only.ts';
import type { PolicyDocument } from '../../core/resource-policies.ts';
import { operation, type Operation, type Permission } from '../../core/service.ts';
import type { World } from '../../core/world.ts';
import { bucketArn, S3_MANAGED } from './encryption.ts';
import { commonPrefixesOf, contentsOf, listObjectsV2, listPage, spelling } from './list-objects.ts';
import type { S3Store } from './store.ts';

interface Named {
  readonly Bucket?: string | undefined;
}

/** One permission on the bucket of an input. */
const on =
  (action: string) =>
  ({ Bucket = '' }: Named): readonly Permission[] => [{ action, resource: bucketArn(Bucket) }];

/** s3:ListBucket with the condition keys that AWS supplies: prefix, delimiter and page size, where the request has them. */
function listing(
  input: Pick<ListObjectsV2CommandInput, 'Bucket' | 'Prefix' | 'Delimiter' | 'MaxKeys'>,
): readonly Permission[] {
  const { Bucket = '', Prefix, Delimiter, MaxKeys } = input;
  const context = {
    ...(Prefix !== undefined && { 's3:prefix': Prefix }),
    ...(Delimiter !== undefined && { 's3:delimiter': Delimiter }),
    ...(MaxKeys !== undefined && { 's3:max-keys': String(MaxKeys) }),
  };
  return [{ action: 's3:ListBucket', resource: bucketArn(Bucket), context }];
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
export function requireBucketName(name: string): void {
  const valid =
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) && !name.includes('..') && !/^\d+\.\d+\.\d+\.\d+$/.test(name);
  if (!valid) throw new AwsError('InvalidBucketName', 'The specified bucket is not valid.', 400, { BucketName: name });
}

/** What the SDK sends beside a policy. */
const TRANSFER = ['ContentMD5', 'ChecksumAlgorithm'];

function policyOf(text: string): PolicyDocument {
  try {
    return JSON.parse(text) as PolicyDocument;
  } catch {
    throw new AwsError('MalformedPolicy', "Policies must be valid JSON and the first byte must be '{'", 400);
  }
}

/** The operations on buckets, listing their objects included. */
export function bucketOperations(world: World, store: S3Store): Readonly<Record<string, Operation>> {
  return {
    CreateBucket: operation<CreateBucketCommandInput, CreateBucketCommandOutput>(on('s3:CreateBucket'), (input) => {
      only('s3:CreateBucket', input, ['Bucket', 'CreateBucketConfiguration']);
      const { Bucket = '', CreateBucketConfiguration: configuration = {} } = input;
      only('s3:CreateBucket', configuration, ['LocationConstraint']);
      requireBucketName(Bucket);
      requireHere(world, configuration.LocationConstraint);
      store.add({ name: Bucket, created: world.clock.date(), encryption: S3_MANAGED, objects: new Map() });
      return { Location: `http://${Bucket}.s3.amazonaws.com/`, BucketArn: bucketArn(Bucket) };
    }),
    DeleteBucket: operation<DeleteBucketCommandInput, DeleteBucketCommandOutput>(
      on('s3:DeleteBucket'),
      ({ Bucket = '' }) => {
        store.remove(Bucket);
        world.resourcePolicies.remove(bucketArn(Bucket));
        return {};
      },
    ),
    HeadBucket: operation<HeadBucketCommandInput, HeadBucketCommandOutput>(on('s3:ListBucket'), ({ Bucket = '' }) => {
      if (store.find(Bucket) === undefined) throw new AwsError('NotFound', 'Not Found', 404);
      return { BucketRegion: world.region, BucketArn: bucketArn(Bucket), AccessPointAlias: false };
    }),
    ListBuckets: operation<ListBucketsCommandInput, ListBucketsCommandOutput>(
      () => [{ action: 's3:ListAllMyBuckets', resource: '*' }],
      (input) => {
        only('s3:ListBuckets', input, ['Prefix', 'MaxBuckets', 'BucketRegion']);
        const { Prefix = '', MaxBuckets = 10_000, BucketRegion = world.region } = input;
        const found = store.buckets.filter(({ name }) => BucketRegion === world.region && name.startsWith(Prefix));
        if (found.length > MaxBuckets) only('s3:ListBuckets', { 'more than one page': true }, []);
        const buckets = found.map(({ name, created }) => ({
          Name: name,
          CreationDate: created,
          BucketRegion: world.region,
        }));
        return { Buckets: buckets, Owner: { ID: world.account } };
      },
    ),
    PutBucketPolicy: operation<PutBucketPolicyCommandInput, PutBucketPolicyCommandOutput>(
      on('s3:PutBucketPolicy'),
      (input) => {
        only('s3:PutBucketPolicy', input, ['Bucket', 'Policy', ...TRANSFER]);
        const { Bucket = '', Policy = '' } = input;
        store.bucket(Bucket);
        world.resourcePolicies.replace(bucketArn(Bucket), policyOf(Policy));
        return {};
      },
    ),
    GetBucketLocation: operation<GetBucketLocationCommandInput, GetBucketLocationCommandOutput>(
      on('s3:GetBucketLocation'),
      ({ Bucket = '' }) => {
        store.bucket(Bucket);
        return { LocationConstraint: world.region as GetBucketLocationCommandOutput['LocationConstraint'] };
      },
    ),
    GetBucketEncryption: operation<GetBucketEncryptionCommandInput, GetBucketEncryptionCommandOutput>(
      on('s3:GetEncryptionConfiguration'),
      ({ Bucket = '' }) => {
        const { ServerSideEncryption, SSEKMSKeyId, BucketKeyEnabled = false } = store.bucket(Bucket).encryption;
        const byDefault = { SSEAlgorithm: ServerSideEncryption, KMSMasterKeyID: SSEKMSKeyId };
        const rule = { ApplyServerSideEncryptionByDefault: byDefault, BucketKeyEnabled };
        return { ServerSideEncryptionConfiguration: { Rules: [rule] } };
      },
    ),
    ListObjectsV2: operation<ListObjectsV2CommandInput, ListObjectsV2CommandOutput>(listing, (input) => {
      const heeded = ['Bucket', 'Prefix', 'Delimiter', 'StartAfter', 'ContinuationToken', 'MaxKeys', 'EncodingType'];
      only('s3:ListObjectsV2', input, heeded);
      return listObjectsV2(store, input);
    }),
    ListObjects: operation<ListObjectsCommandInput, ListObjectsCommandOutput>(listing, (input) =>
      listObjects(store, input),
    ),
  };
}

function requireHere({ region }: World, constraint: string | undefined): void {
  if (constraint === region) return;
  const asked = constraint ?? 'unspecified';
  throw new AwsError(
    'IllegalLocationConstraintException',
    `The ${asked} location constraint is incompatible for the region specific endpoint this request was sent to.`,
  );
}

/** The first version of ListObjects, which old clients still call. */
function listObjects(store: S3Store, input: ListObjectsCommandInput): Omit<ListObjectsCommandOutput, '$metadata'> {
  only('s3:ListObjects', input, ['Bucket', 'Prefix', 'Delimiter', 'Marker', 'MaxKeys', 'EncodingType']);
  const { Bucket = '', Prefix, Delimiter, Marker, MaxKeys, EncodingType } = input;
  const found = listPage(store, Bucket, { prefix: Prefix, delimiter: Delimiter, after: Marker, maxKeys: MaxKeys });
  const spell = spelling(EncodingType);
  return {
    Name: Bucket,
    Prefix: spell(Prefix ?? ''),
    Marker: spell(Marker ?? ''),
    Delimiter,
    EncodingType,
    MaxKeys: MaxKeys ?? 1000,
    IsTruncated: found.next !== undefined,
    ...(found.next !== undefined && Delimiter !== undefined && { NextMarker: spell(found.next) }),
    Contents: contentsOf(found, spell),
    CommonPrefixes: commonPrefixesOf(found, spell),
  };
}

import { createHash } from 'node:crypto';
import type {
  CopyObjectCommandInput,
  CopyObjectCommandOutput,
  DeleteObjectCommandInput,
  DeleteObjectCommandOutput,
  DeleteObjectsCommandInput,
  DeleteObjectsCommandOutput,
  GetObjectCommandInput,
  GetObjectCommandOutput,
  HeadObjectCommandInput,
  HeadObjectCommandOutput,
  PutObjectCommandInput,
  PutObjectCommandOutput,
} from '@aws-sdk/client-s3';
import { AwsError } from '../../core/aws-error.ts';
import { only } from '../../core/only.ts';
import { operation, type Operation, type Permission } from '../../core/service.ts';
import type { World } from '../../core/world.ts';
import { encryptionOf, kmsPermissions, objectArn } from './encryption.ts';
import { notModified, requirePreconditions } from './preconditions.ts';
import { rangeOf } from './range.ts';
import type { Description, Encryption, S3Store, StoredObject } from './store.ts';

const DESCRIPTION = [
  'ContentType',
  'CacheControl',
  'ContentDisposition',
  'ContentEncoding',
  'ContentLanguage',
  'Metadata',
] as const;
const ENCRYPTION = ['ServerSideEncryption', 'SSEKMSKeyId', 'BucketKeyEnabled'];
const CONDITIONS = ['IfMatch', 'IfNoneMatch', 'IfModifiedSince', 'IfUnmodifiedSince'];
/** Heeded on the way in: the wire proves the checksums that it knows. */
const TRANSFER = [
  ...['ContentLength', 'ContentMD5', 'ChecksumAlgorithm', 'ChecksumMode', 'ChecksumCRC32', 'ChecksumCRC32C'],
  ...['ChecksumCRC64NVME', 'ChecksumSHA1', 'ChecksumSHA256'],
];

interface Place {
  readonly Bucket?: string | undefined;
  readonly Key?: string | undefined;
}

interface EncryptedPlace extends Place {
  readonly ServerSideEncryption?: string | undefined;
  readonly SSEKMSKeyId?: string | undefined;
  readonly BucketKeyEnabled?: boolean | undefined;
}

type Output<O> = Omit<O, '$metadata'>;

/** The operations on objects: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html */
export class Objects {
  readonly #world: World;
  readonly #store: S3Store;

  constructor(world: World, store: S3Store) {
    this.#world = world;
    this.#store = store;
  }

  get operations(): Readonly<Record<string, Operation>> {
    return {
      PutObject: operation<PutObjectCommandInput, PutObjectCommandOutput>(
        (input) => this.#write(input),
        (input) => this.#put(input),
      ),
      GetObject: operation<GetObjectCommandInput, GetObjectCommandOutput>(
        (input) => this.#read(input),
        (input) => this.#get(input),
      ),
      HeadObject: operation<HeadObjectCommandInput, HeadObjectCommandOutput>(
        (input) => this.#read(input),
        (input) => this.#head(input),
      ),
      CopyObject: operation<CopyObjectCommandInput, CopyObjectCommandOutput>(
        (input) => [...this.#read(sourceOf(input)), ...this.#write(input)],
        (input) => this.#copy(input),
      ),
      DeleteObject: operation<DeleteObjectCommandInput, DeleteObjectCommandOutput>(
        ({ Bucket = '', Key = '' }) => [{ action: 's3:DeleteObject', resource: objectArn(Bucket, Key) }],
        (input) => this.#delete(input),
      ),
      DeleteObjects: operation<DeleteObjectsCommandInput, DeleteObjectsCommandOutput>(
        ({ Bucket = '', Delete }) =>
          (Delete?.Objects ?? []).map(({ Key = '' }) => ({
            action: 's3:DeleteObject',
            resource: objectArn(Bucket, Key),
          })),
        (input) => this.#deleteAll(input),
      ),
    };
  }

  #read({ Bucket = '', Key = '' }: Place): readonly Permission[] {
    const object = this.#store.find(Bucket)?.objects.get(Key);
    const kms = kmsPermissions(this.#world, 'kms:Decrypt', object?.encryption, Bucket, Key);
    return [{ action: 's3:GetObject', resource: objectArn(Bucket, Key) }, ...kms];
  }

  #write(input: EncryptedPlace): readonly Permission[] {
    const { Bucket = '', Key = '' } = input;
    const encryption = this.#store.find(Bucket) && this.#encryption(input);
    const kms = kmsPermissions(this.#world, 'kms:GenerateDataKey', encryption, Bucket, Key);
    return [{ action: 's3:PutObject', resource: objectArn(Bucket, Key) }, ...kms];
  }

  #encryption({ Bucket = '', ServerSideEncryption, SSEKMSKeyId, BucketKeyEnabled }: EncryptedPlace): Encryption {
    const asked = { algorithm: ServerSideEncryption, key: SSEKMSKeyId, bucketKey: BucketKeyEnabled };
    return encryptionOf(this.#world, asked, this.#store.bucket(Bucket).encryption);
  }

  #put(input: PutObjectCommandInput): Output<PutObjectCommandOutput> {
    only('s3:PutObject', input, [
      'Bucket',
      'Key',
      'Body',
      ...DESCRIPTION,
      ...ENCRYPTION,
      ...TRANSFER,
      'IfMatch',
      'IfNoneMatch',
    ]);
    const { Bucket = '', Key = '' } = input;
    requirePreconditions(input, this.#store.bucket(Bucket).objects.get(Key));
    const { etag, encryption } = this.#keep(
      Bucket,
      Key,
      bytesOf(input.Body),
      descriptionOf(input),
      this.#encryption(input),
    );
    return { ETag: etag, ...encryption };
  }

  #keep(bucket: string, key: string, body: Buffer, description: Description, encryption: Encryption): StoredObject {
    if (Buffer.byteLength(key) > 1024)
      throw new AwsError('KeyTooLongError', 'Your key is too long', 400, {
        Size: Buffer.byteLength(key),
        MaxSizeAllowed: 1024,
      });
    const etag = `"${createHash('md5').update(body).digest('hex')}"`;
    const object = { key, body, etag, modified: this.#world.clock.date(), description, encryption };
    this.#store.bucket(bucket).objects.set(key, object);
    return object;
  }

  #get(input: GetObjectCommandInput): Output<GetObjectCommandOutput> {
    only('s3:GetObject', input, ['Bucket', 'Key', 'Range', ...TRANSFER, ...CONDITIONS]);
    const object = this.#store.object(input.Bucket ?? '', input.Key ?? '');
    requirePreconditions(input, object);
    if (notModified(input, object)) throw new AwsError('NotModified', 'Not Modified', 304);
    const range = rangeOf(input.Range, object.body.length);
    const body = range === undefined ? object.body : object.body.subarray(range.start, range.end + 1);
    return {
      ...outline(object, body.length),
      ...(range !== undefined && { ContentRange: `bytes ${range.start}-${range.end}/${object.body.length}` }),
      Body: body as unknown as GetObjectCommandOutput['Body'],
    };
  }

  #head(input: HeadObjectCommandInput): Output<HeadObjectCommandOutput> {
    only('s3:HeadObject', input, ['Bucket', 'Key', ...TRANSFER, ...CONDITIONS]);
    const object = this.#store.bucket(input.Bucket ?? '').objects.get(input.Key ?? '');
    if (object === undefined) throw new AwsError('NotFound', 'Not Found', 404);
    requirePreconditions(input, object);
    if (notModified(input, object)) throw new AwsError('NotModified', 'Not Modified', 304);
    return outline(object, object.body.length);
  }

  #copy(input: CopyObjectCommandInput): Output<CopyObjectCommandOutput> {
    only('s3:CopyObject', input, ['Bucket', 'Key', 'CopySource', 'MetadataDirective', ...DESCRIPTION, ...ENCRYPTION]);
    const { Bucket: from, Key: sourceKey } = sourceOf(input);
    const source = this.#store.object(from, sourceKey);
    const replaced = input.MetadataDirective === 'REPLACE';
    if (!replaced && from === input.Bucket && sourceKey === input.Key && input.ServerSideEncryption === undefined)
      throw new AwsError(
        'InvalidRequest',
        "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
      );
    const description = replaced ? descriptionOf(input) : source.description;
    const copy = this.#keep(input.Bucket ?? '', input.Key ?? '', source.body, description, this.#encryption(input));
    return { CopyObjectResult: { ETag: copy.etag, LastModified: copy.modified }, ...copy.encryption };
  }

  #delete(input: DeleteObjectCommandInput): Output<DeleteObjectCommandOutput> {
    only('s3:DeleteObject', input, ['Bucket', 'Key']);
    this.#store.bucket(input.Bucket ?? '').objects.delete(input.Key ?? '');
    return {};
  }

  #deleteAll(input: DeleteObjectsCommandInput): Output<DeleteObjectsCommandOutput> {
    only('s3:DeleteObjects', input, ['Bucket', 'Delete', ...TRANSFER]);
    const { objects } = this.#store.bucket(input.Bucket ?? '');
    const named = input.Delete?.Objects ?? [];
    for (const identifier of named) {
      only('s3:DeleteObjects', identifier, ['Key']);
      objects.delete(identifier.Key ?? '');
    }
    return input.Delete?.Quiet === true ? {} : { Deleted: named.map(({ Key }) => ({ Key })) };
  }
}

const descriptionOf = (input: Description): Description =>
  Object.fromEntries(DESCRIPTION.flatMap((name) => (input[name] === undefined ? [] : [[name, input[name]]])));

const outline = ({ etag, modified, description, encryption }: StoredObject, length: number) => ({
  AcceptRanges: 'bytes',
  LastModified: modified,
  ContentLength: length,
  ETag: etag,
  ContentType: 'binary/octet-stream',
  ...description,
  Metadata: { ...description.Metadata },
  ...encryption,
});

/** Bodies come as bytes over the wire, and as text from state machines. */
function bytesOf(body: unknown): Buffer {
  if (body === undefined || body === null) return Buffer.alloc(0);
  if (typeof body === 'string') return Buffer.from(body);
  if (body instanceof Uint8Array) return Buffer.from(body);
  throw new AwsError('InvalidRequest', 'The body must be text or bytes.');
}

/** `bucket/key`, percent-encoded, with or without a slash in front; a version cannot be asked for. */
function sourceOf({ CopySource = '' }: CopyObjectCommandInput): Required<{ Bucket: string; Key: string }> {
  const [path = '', version] = CopySource.split('?versionId=');
  only('s3:CopyObject', { 'a source version': version }, []);
  const [Bucket = '', ...key] = decodedSource(path).replace(/^\//, '').split('/');
  if (Bucket === '' || key.length === 0)
    throw new AwsError('InvalidArgument', 'Copy Source must mention the source bucket and key: sourcebucket/sourcekey');
  return { Bucket, Key: key.join('/') };
}

function decodedSource(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new AwsError('InvalidArgument', 'Invalid copy source encoding.');
  }
}

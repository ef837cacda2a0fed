import { AwsError } from '../../core/aws-error.ts';

/** How an object is encrypted at rest, by the names of the S3 API. */
export interface Encryption {
  readonly ServerSideEncryption: 'AES256' | 'aws:kms' | 'aws:kms:dsse';
  /** ARN of a customer-managed key; absent for AES256 and for the key that AWS manages. */
  readonly SSEKMSKeyId?: string;
  readonly BucketKeyEnabled?: boolean;
}

/** What a client says of an object and gets back with it. */
export interface Description {
  readonly ContentType?: string;
  readonly CacheControl?: string;
  readonly ContentDisposition?: string;
  readonly ContentEncoding?: string;
  readonly ContentLanguage?: string;
  readonly Metadata?: Readonly<Record<string, string>>;
}

export interface StoredObject {
  readonly key: string;
  readonly body: Buffer;
  /** In quotes, as the header has it. */
  readonly etag: string;
  readonly modified: Date;
  readonly description: Description;
  readonly encryption: Encryption;
}

export interface Bucket {
  readonly name: string;
  readonly created: Date;
  readonly encryption: Encryption;
  readonly objects: Map<string, StoredObject>;
}

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** The buckets of the account. Every bucket is as if unversioned: only the current version of an object is kept. */
export class S3Store {
  readonly #buckets = new Map<string, Bucket>();

  get buckets(): readonly Bucket[] {
    return [...this.#buckets.values()].sort((a, b) => byBytes(a.name, b.name));
  }

  add(bucket: Bucket): void {
    if (this.#buckets.has(bucket.name))
      throw new AwsError(
        'BucketAlreadyOwnedByYou',
        'Your previous request to create the named bucket succeeded and you already own it.',
        409,
        { BucketName: bucket.name },
      );
    this.#buckets.set(bucket.name, bucket);
  }

  remove(name: string): void {
    if (this.bucket(name).objects.size > 0)
      throw new AwsError('BucketNotEmpty', 'The bucket you tried to delete is not empty', 409, { BucketName: name });
    this.#buckets.delete(name);
  }

  find(name: string): Bucket | undefined {
    return this.#buckets.get(name);
  }

  bucket(name: string): Bucket {
    const bucket = this.#buckets.get(name);
    if (bucket === undefined)
      throw new AwsError('NoSuchBucket', 'The specified bucket does not exist', 404, { BucketName: name });
    return bucket;
  }

  object(bucket: string, key: string): StoredObject {
    const object = this.bucket(bucket).objects.get(key);
    if (object === undefined) throw new AwsError('NoSuchKey', 'The specified key does not exist.', 404, { Key: key });
    return object;
  }

  /** The objects under a prefix in the order of S3: by the bytes of their keys. */
  list(bucket: string, prefix = ''): readonly StoredObject[] {
    const found = [...this.bucket(bucket).objects.values()].filter(({ key }) => key.startsWith(prefix));
    return found.sort((a, b) => byBytes(a.key, b.key));
  }

  /** The content of an object as text; undefined where there is none. */
  text(bucket: string, key: string): string | undefined {
    return this.find(bucket)?.objects.get(key)?.body.toString('utf8');
  }
}

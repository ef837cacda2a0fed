import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketEncryptionCommand,
  GetBucketLocationCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  PutObjectAclCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import * as fc from 'fast-check';
import { createS3, type S3 } from '../../../../sandbox/services/s3/index.ts';
import { rejection, serve } from '../../wire/support.ts';

const Bucket = 'a-bucket';
const LocationConstraint = 'eu-central-1' as const;
let served: Awaited<ReturnType<typeof serve>>;
let client: S3Client;
let s3: S3;

beforeAll(async () => {
  served = await serve((world) => {
    s3 = createS3(world);
    return [s3.service];
  });
  client = new S3Client(served.client);
  await client.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint } }));
});

afterAll(() => served.wire.close());

const put = (Key: string, Body: string) => client.send(new PutObjectCommand({ Bucket, Key, Body }));
const get = async (Key: string, more = {}) => {
  const output = await client.send(new GetObjectCommand({ Bucket, Key, ...more }));
  return { ...output, text: await output.Body?.transformToString() };
};

describe('buckets', () => {
  it('are created, listed, found and deleted', async () => {
    await client.send(new CreateBucketCommand({ Bucket: 'second', CreateBucketConfiguration: { LocationConstraint } }));
    const { Buckets } = await client.send(new ListBucketsCommand({}));
    expect(Buckets?.map(({ Name }) => Name)).toEqual([Bucket, 'second']);
    expect(Buckets?.[0]?.CreationDate).toEqual(new Date('2026-01-05T09:00:00Z'));
    await client.send(new DeleteBucketCommand({ Bucket: 'second' }));
    const error = await rejection(client.send(new HeadBucketCommand({ Bucket: 'second' })));
    expect(error).toMatchObject({ name: 'NotFound', $metadata: { httpStatusCode: 404 } });
    expect((await client.send(new HeadBucketCommand({ Bucket }))).BucketRegion).toBe('eu-central-1');
  });

  it('tell their region and encryption', async () => {
    expect((await client.send(new GetBucketLocationCommand({ Bucket }))).LocationConstraint).toBe('eu-central-1');
    const { ServerSideEncryptionConfiguration } = await client.send(new GetBucketEncryptionCommand({ Bucket }));
    expect(ServerSideEncryptionConfiguration?.Rules?.[0]?.ApplyServerSideEncryptionByDefault?.SSEAlgorithm).toBe(
      'AES256',
    );
  });

  it('refuse bad names, other regions and deletion while they hold something', async () => {
    const creation = (name: string, where?: string) =>
      rejection(
        client.send(
          new CreateBucketCommand({ Bucket: name, CreateBucketConfiguration: { LocationConstraint: where as never } }),
        ),
      );
    expect((await creation('Upper', LocationConstraint)).name).toBe('InvalidBucketName');
    expect((await creation('elsewhere', 'us-west-2')).name).toBe('IllegalLocationConstraintException');
    expect((await creation(Bucket, LocationConstraint)).name).toBe('BucketAlreadyOwnedByYou');
    await put('held', 'x');
    expect((await rejection(client.send(new DeleteBucketCommand({ Bucket })))).name).toBe('BucketNotEmpty');
  });
});

describe('objects', () => {
  it('come back as they were put, metadata and type included', async () => {
    const input = {
      Bucket,
      Key: 'dir/ü &+=?.txt',
      Body: 'héllo',
      ContentType: 'text/plain',
      Metadata: { owner: 'me' },
    };
    const { ETag } = await client.send(new PutObjectCommand(input));
    const output = await get('dir/ü &+=?.txt');
    expect(output).toMatchObject({
      text: 'héllo',
      ContentType: 'text/plain',
      Metadata: { owner: 'me' },
      ETag,
      ContentLength: 6,
    });
    expect(output).toMatchObject({ ServerSideEncryption: 'AES256', LastModified: new Date('2026-01-05T09:00:00Z') });
    expect(ETag).toBe('"be50e8478cf24ff3595bc7307fb91b50"');
    const head = await client.send(new HeadObjectCommand({ Bucket, Key: 'dir/ü &+=?.txt' }));
    expect(head).toMatchObject({ ContentLength: 6, ContentType: 'text/plain', Metadata: { owner: 'me' } });
  });

  it('are put as streams in chunks with a checksum behind', async () => {
    const Body = Readable.from([Buffer.alloc(70_000, 'a'), Buffer.from('b')]);
    await client.send(
      new PutObjectCommand({ Bucket, Key: 'stream', Body, ContentLength: 70_001, ContentEncoding: 'identity' }),
    );
    const { text, ContentEncoding } = await get('stream');
    expect(text).toBe(`${'a'.repeat(70_000)}b`);
    expect(ContentEncoding).toBe('identity');
  });

  it('hold any bytes and keys', async () => {
    const keys = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
      .filter((key) => !key.split('/').some((part) => part === '.' || part === '..'));
    await fc.assert(
      fc.asyncProperty(keys, fc.uint8Array(), async (Key, Body) => {
        await client.send(new PutObjectCommand({ Bucket, Key, Body }));
        const output = await client.send(new GetObjectCommand({ Bucket, Key }));
        expect(Buffer.from((await output.Body?.transformToByteArray()) ?? [])).toEqual(Buffer.from(Body));
        expect(s3.store.object(Bucket, Key).body.length).toBe(Body.length);
      }),
      { numRuns: 40 },
    );
  });

  it('are refused where the checksum is another', async () => {
    const error = await rejection(
      client.send(new PutObjectCommand({ Bucket, Key: 'bad', Body: 'x', ChecksumCRC32: 'AAAAAA==' })),
    );
    expect(error.name).toBe('BadDigest');
    expect(s3.store.text(Bucket, 'bad')).toBeUndefined();
  });

  it('are read in part', async () => {
    await put('digits', '0123456789');
    const part = await get('digits', { Range: 'bytes=2-4' });
    expect(part).toMatchObject({
      text: '234',
      ContentRange: 'bytes 2-4/10',
      ContentLength: 3,
      $metadata: { httpStatusCode: 206 },
    });
    expect((await get('digits', { Range: 'bytes=-3' })).text).toBe('789');
    expect((await get('digits', { Range: 'bytes=8-' })).text).toBe('89');
    const error = await rejection(get('digits', { Range: 'bytes=10-' }));
    expect(error).toMatchObject({ name: 'InvalidRange', $metadata: { httpStatusCode: 416 } });
  });

  it('heed conditions on reading and writing', async () => {
    const { ETag } = await put('conditional', '1');
    expect((await rejection(get('conditional', { IfMatch: '"no"' }))).name).toBe('PreconditionFailed');
    expect(await rejection(get('conditional', { IfNoneMatch: ETag }))).toMatchObject({
      $metadata: { httpStatusCode: 304 },
    });
    const again = client.send(new PutObjectCommand({ Bucket, Key: 'conditional', Body: '2', IfNoneMatch: '*' }));
    expect((await rejection(again)).name).toBe('PreconditionFailed');
    expect((await get('conditional', { IfMatch: ETag })).text).toBe('1');
  });

  it('are copied and deleted, one and many', async () => {
    await client.send(new PutObjectCommand({ Bucket, Key: 'from', Body: 'x', Metadata: { a: '1' } }));
    const copy = await client.send(new CopyObjectCommand({ Bucket, Key: 'to', CopySource: `/${Bucket}/from` }));
    expect(copy.CopyObjectResult?.ETag).toBe((await get('from')).ETag);
    expect((await get('to')).Metadata).toEqual({ a: '1' });
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'from' }));
    const { Deleted } = await client.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'to' }, { Key: 'never-was' }] } }),
    );
    expect(Deleted).toEqual([{ Key: 'to' }, { Key: 'never-was' }]);
    const error = await rejection(get('to'));
    expect(error).toMatchObject({ name: 'NoSuchKey', Key: 'to', $metadata: { httpStatusCode: 404 } });
  });

  it('answer NoSuchBucket, and 404 without a body to HEAD', async () => {
    const error = await rejection(client.send(new GetObjectCommand({ Bucket: 'no-such', Key: 'x' })));
    expect(error).toMatchObject({ name: 'NoSuchBucket', message: 'The specified bucket does not exist' });
    const head = await rejection(client.send(new HeadObjectCommand({ Bucket, Key: 'never-was' })));
    expect(head).toMatchObject({ name: 'NotFound', $metadata: { httpStatusCode: 404 } });
  });

  it('refuse loudly what is not modelled', async () => {
    const upload = await rejection(client.send(new CreateMultipartUploadCommand({ Bucket, Key: 'x' })));
    expect(upload).toMatchObject({ name: 'NotImplemented', $metadata: { httpStatusCode: 501 } });
    expect(upload.message).toContain('s3:CreateMultipartUpload');
    const acl = await rejection(client.send(new PutObjectAclCommand({ Bucket, Key: 'x', ACL: 'public-read' })));
    expect(acl.message).toContain('s3:PutObjectAcl');
    const tagged = await rejection(client.send(new PutObjectCommand({ Bucket, Key: 'x', Body: 'x', Tagging: 'a=b' })));
    expect(tagged.message).toContain('s3:PutObject with Tagging');
  });
});

describe('listing', () => {
  const Prefix = 'list/';
  const keys = ['list/a', 'list/b/1', 'list/b/2', 'list/c/1', 'list/d', 'list/ü'];

  beforeAll(async () => {
    for (const key of keys) await put(key, key);
  });

  it('groups keys by a delimiter', async () => {
    const output = await client.send(new ListObjectsV2Command({ Bucket, Prefix, Delimiter: '/' }));
    expect(output.Contents?.map(({ Key }) => Key)).toEqual(['list/a', 'list/d', 'list/ü']);
    expect(output.CommonPrefixes).toEqual([{ Prefix: 'list/b/' }, { Prefix: 'list/c/' }]);
    expect(output).toMatchObject({ KeyCount: 5, IsTruncated: false, Name: Bucket, Prefix });
  });

  it('comes in pages that together are the whole, whatever their size', async () => {
    for (const MaxKeys of [1, 2, 3, 100])
      for (const Delimiter of [undefined, '/']) {
        const seen: (string | undefined)[] = [];
        let ContinuationToken: string | undefined;
        do {
          const page = await client.send(
            new ListObjectsV2Command({ Bucket, Prefix, MaxKeys, Delimiter, ContinuationToken }),
          );
          expect(page.KeyCount).toBeLessThanOrEqual(MaxKeys);
          seen.push(
            ...(page.Contents ?? []).map(({ Key }) => Key),
            ...(page.CommonPrefixes ?? []).map((common) => common.Prefix),
          );
          ContinuationToken = page.NextContinuationToken;
        } while (ContinuationToken !== undefined);
        const whole = Delimiter === undefined ? keys : ['list/a', 'list/b/', 'list/c/', 'list/d', 'list/ü'];
        expect(seen.sort()).toEqual(whole);
      }
  });

  it('starts behind a key, spells keys as asked, and knows its first version', async () => {
    const output = await client.send(
      new ListObjectsV2Command({ Bucket, Prefix, StartAfter: 'list/c/1', EncodingType: 'url' }),
    );
    expect(output.Contents?.map(({ Key }) => Key)).toEqual(['list/d', 'list/%C3%BC']);
    const first = await client.send(new ListObjectsCommand({ Bucket, Prefix, Delimiter: '/', MaxKeys: 2 }));
    expect(first).toMatchObject({ IsTruncated: true, NextMarker: 'list/b/' });
  });
});

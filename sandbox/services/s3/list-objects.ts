import type { ListObjectsV2CommandInput, ListObjectsV2CommandOutput, _Object } from '@aws-sdk/client-s3';
import { AwsError } from '../../core/aws-error.ts';
import type { S3Store, StoredObject } from './store.ts';

const LARGEST_PAGE = 1000;

/** One line of a listing: an object, or a common prefix that stands for all keys under it. */
interface Entry {
  readonly object?: StoredObject;
  readonly prefix?: string;
  /** The last key that the entry covers comes before the first of the next. */
  readonly name: string;
}

export interface Listing {
  readonly entries: readonly Entry[];
  /** Name of the last entry, where more come behind it. */
  readonly next: string | undefined;
}

interface Page {
  readonly prefix?: string | undefined;
  readonly delimiter?: string | undefined;
  /** Keys and common prefixes up to and with this one are left out. */
  readonly after?: string | undefined;
  readonly maxKeys?: number | undefined;
}

const isBehind = (name: string, after: string): boolean => Buffer.compare(Buffer.from(name), Buffer.from(after)) > 0;

/** One page of a bucket's keys: https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-prefixes.html */
export function listPage(
  store: S3Store,
  bucket: string,
  { prefix = '', delimiter, after, maxKeys = LARGEST_PAGE }: Page,
): Listing {
  if (maxKeys < 0)
    throw new AwsError('InvalidArgument', 'Argument max-keys must be an integer between 0 and 2147483647');
  const limit = Math.min(maxKeys, LARGEST_PAGE);
  const entries: Entry[] = [];
  for (const object of store.list(bucket, prefix)) {
    const entry = entryOf(object, prefix, delimiter);
    const covered =
      entry.prefix !== undefined &&
      (entry.prefix === entries.at(-1)?.prefix || after?.startsWith(entry.prefix) === true);
    if (covered || (after !== undefined && !isBehind(entry.name, after))) continue;
    if (entries.length === limit) return { entries, next: entries.at(-1)?.name };
    entries.push(entry);
  }
  return { entries, next: undefined };
}

function entryOf(object: StoredObject, prefix: string, delimiter: string | undefined): Entry {
  const end = delimiter === undefined || delimiter === '' ? -1 : object.key.indexOf(delimiter, prefix.length);
  if (end < 0) return { object, name: object.key };
  const common = object.key.slice(0, end + (delimiter ?? '').length);
  return { prefix: common, name: common };
}

/** A key as a listing spells it: percent-encoded where the client asked for it, since XML cannot hold every character. */
export const spelling = (encoding: string | undefined) => (text: string) =>
  encoding === 'url' ? encodeURIComponent(text).replaceAll('%2F', '/') : text;

export const contentsOf = ({ entries }: Listing, spell: (text: string) => string): _Object[] =>
  entries.flatMap(({ object }) =>
    object === undefined
      ? []
      : [
          {
            Key: spell(object.key),
            LastModified: object.modified,
            ETag: object.etag,
            Size: object.body.length,
            StorageClass: 'STANDARD' as const,
          },
        ],
  );

export const commonPrefixesOf = ({ entries }: Listing, spell: (text: string) => string): { Prefix: string }[] =>
  entries.flatMap(({ prefix }) => (prefix === undefined ? [] : [{ Prefix: spell(prefix) }]));

const tokenOf = (name: string): string => Buffer.from(name).toString('base64url');

/** ListObjectsV2: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
export function listObjectsV2(
  store: S3Store,
  input: ListObjectsV2CommandInput,
): Omit<ListObjectsV2CommandOutput, '$metadata'> {
  const { Bucket = '', Prefix, Delimiter, StartAfter, ContinuationToken, MaxKeys, EncodingType } = input;
  if (ContinuationToken === '') throw new AwsError('InvalidArgument', 'The continuation token provided is incorrect');
  const after = ContinuationToken === undefined ? StartAfter : Buffer.from(ContinuationToken, 'base64url').toString();
  const listing = listPage(store, Bucket, { prefix: Prefix, delimiter: Delimiter, after, maxKeys: MaxKeys });
  const spell = spelling(EncodingType);
  const contents = contentsOf(listing, spell);
  const prefixes = commonPrefixesOf(listing, spell);
  return {
    Name: Bucket,
    Prefix: spell(Prefix ?? ''),
    ...(Delimiter !== undefined && { Delimiter: spell(Delimiter) }),
    ...(StartAfter !== undefined && { StartAfter: spell(StartAfter) }),
    ...(EncodingType !== undefined && { EncodingType }),
    ...(ContinuationToken !== undefined && { ContinuationToken }),
    ...(listing.next !== undefined && { NextContinuationToken: tokenOf(listing.next) }),
    MaxKeys: MaxKeys ?? LARGEST_PAGE,
    KeyCount: listing.entries.length,
    IsTruncated: listing.next !== undefined,
    ...(contents.length > 0 && { Contents: contents }),
    ...(prefixes.length > 0 && { CommonPrefixes: prefixes }),
  };
}

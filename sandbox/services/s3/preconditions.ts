import { AwsError } from '../../core/aws-error.ts';
import type { StoredObject } from './store.ts';

interface Conditions {
  readonly IfMatch?: string | undefined;
  readonly IfNoneMatch?: string | undefined;
  readonly IfModifiedSince?: Date | undefined;
  readonly IfUnmodifiedSince?: Date | undefined;
}

const failed = (condition: string): AwsError =>
  new AwsError('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412, {
    Condition: condition,
  });

const isTagged = (tag: string, object: StoredObject | undefined): boolean =>
  object !== undefined && (tag === '*' || tag.replaceAll('"', '') === object.etag.replaceAll('"', ''));

/** HTTP dates have no fractions of a second. */
const seconds = (date: Date): number => Math.floor(date.getTime() / 1000);

/** Refuses a request whose If-Match or If-Unmodified-Since does not hold, and a write over an object that must not be. */
export function requirePreconditions(conditions: Conditions, object: StoredObject | undefined): void {
  const { IfMatch, IfNoneMatch, IfUnmodifiedSince } = conditions;
  if (IfMatch !== undefined && !isTagged(IfMatch, object)) throw failed('If-Match');
  if (IfNoneMatch === '*' && object !== undefined) throw failed('If-None-Match');
  if (
    IfMatch === undefined &&
    IfUnmodifiedSince !== undefined &&
    object !== undefined &&
    seconds(object.modified) > seconds(IfUnmodifiedSince)
  )
    throw failed('If-Unmodified-Since');
}

/** Whether a reader has what it asks for already: If-None-Match, and If-Modified-Since where there is no tag. */
export function notModified({ IfNoneMatch, IfModifiedSince }: Conditions, object: StoredObject): boolean {
  if (IfNoneMatch !== undefined) return isTagged(IfNoneMatch, object);
  return IfModifiedSince !== undefined && seconds(object.modified) <= seconds(IfModifiedSince);
}

import type { Tag } from '@aws-sdk/client-ec2';
import { AwsError } from '../../core/aws-error.ts';
import type { Permission } from '../../core/service.ts';

type Tags = Readonly<Record<string, string>>;
type Context = NonNullable<Permission['context']>;

/** The tags of a resource as the condition keys that EC2 supplies. */
export function tagContext(
  tags: ReadonlyMap<string, string>,
  ...prefixes: readonly string[]
): Readonly<Record<string, string>> {
  return Object.fromEntries([...tags].flatMap(([key, value]) => prefixes.map((prefix) => [`${prefix}/${key}`, value])));
}

/** The tags of a resource under both of its condition keys. */
export const resourceTags = (tags: ReadonlyMap<string, string>): Context =>
  tagContext(tags, 'aws:ResourceTag', 'ec2:ResourceTag');

/** The tags that a request sets, as condition keys. */
export function requestTags(tags: Tags): Context {
  const keys = Object.keys(tags);
  if (keys.length === 0) return {};
  return { ...tagContext(new Map(Object.entries(tags)), 'aws:RequestTag'), 'aws:TagKeys': keys };
}

export function checkedTag(key: string, value: string): readonly [string, string] {
  if (/^aws:/i.test(key))
    throw new AwsError('InvalidParameterValue', `Tag keys starting with 'aws:' are reserved for internal use`);
  if (key === '' || key.length > 128)
    throw new AwsError('InvalidParameterValue', `Tag key must be 1 to 128 characters long: '${key}'`);
  if (value.length > 256)
    throw new AwsError('InvalidParameterValue', 'Tag value exceeds the maximum length of 256 characters');
  return [key, value];
}

interface Specification {
  readonly ResourceType?: string | undefined;
  readonly Tags?: readonly Tag[] | undefined;
}

/** The tags that TagSpecifications give to resources of a type. @throws AwsError InvalidParameterValue */
export const specifiedTags = (specifications: readonly Specification[] | undefined, type: string): Tags =>
  Object.fromEntries(
    (specifications ?? [])
      .filter(({ ResourceType: given }) => given === type)
      .flatMap(({ Tags: tags = [] }) => tags.map(({ Key: key = '', Value: value = '' }) => checkedTag(key, value))),
  );

/** @throws AwsError InvalidParameterValue for a type that the request does not make */
export function onlyTagged(specifications: readonly Specification[] | undefined, types: readonly string[]): void {
  const other = specifications?.find(({ ResourceType: type = '' }) => !types.includes(type));
  if (other !== undefined)
    throw new AwsError(
      'InvalidParameterValue',
      `'${other.ResourceType ?? ''}' is not a valid taggable resource type for this operation.`,
    );
}

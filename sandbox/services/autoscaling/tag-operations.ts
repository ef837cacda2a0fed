import type * as sdk from '@aws-sdk/client-auto-scaling';
import { type Operation, operation, type Permission } from '../../core/service.ts';
import { invalid, oneOf } from './errors.ts';
import { checkedTags, MOST_TAGS } from './group-settings.ts';
import type { Group } from './model.ts';
import type { Parts } from './parts.ts';
import { requestTags } from './permissions.ts';

/** The operations on tags of groups (API reference, version 2011-01-01). Tags of instances are those of their launch. */
export function tagOperations({ groups, permissions }: Parts): Readonly<Record<string, Operation>> {
  const byGroup = (tags: readonly sdk.Tag[]): Map<string, sdk.Tag[]> =>
    Map.groupBy(tags, ({ ResourceId: id = '' }) => id);
  const permitted =
    (action: string) =>
    ({ Tags: tags = [] }: { readonly Tags: sdk.Tag[] | undefined }): Permission[] =>
      [...byGroup(tags)].flatMap(([name, those]) => permissions.on(action, name, requestTags(those)));
  const eachGroup = (tags: readonly sdk.Tag[] = []): (readonly [Group, sdk.Tag[]])[] => {
    for (const { ResourceType: type } of tags) oneOf(type, 'tags.member.resourceType', ['auto-scaling-group']);
    return [...byGroup(tags)].map(([name, those]) => [groups.get(name), those] as const);
  };

  return {
    CreateOrUpdateTags: operation<sdk.CreateOrUpdateTagsCommandInput, sdk.CreateOrUpdateTagsCommandOutput>(
      permitted('CreateOrUpdateTags'),
      ({ Tags: tags }) => {
        const changes = eachGroup(tags).map(([group, those]) => [group, checkedTags(those)] as const);
        for (const [group, those] of changes)
          if (new Set([...group.tags.keys(), ...those.map(([key]) => key)]).size > MOST_TAGS)
            throw invalid(`A group has at most ${MOST_TAGS} tags.`);
        for (const [group, those] of changes) for (const [key, tag] of those) group.tags.set(key, tag);
        return {};
      },
    ),
    DeleteTags: operation<sdk.DeleteTagsCommandInput, sdk.DeleteTagsCommandOutput>(
      permitted('DeleteTags'),
      ({ Tags: tags }) => {
        for (const [group, those] of eachGroup(tags)) {
          for (const { Key: key = '', Value: value } of those)
            if (value === undefined || value === '' || group.tags.get(key)?.value === value) group.tags.delete(key);
        }
        return {};
      },
    ),
  };
}

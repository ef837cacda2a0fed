import type { Filter, TagDescription } from '@aws-sdk/client-auto-scaling';
import { invalid } from './errors.ts';
import type { Group } from './model.ts';

interface Test {
  readonly name: string;
  readonly values: ReadonlySet<string>;
}

const tests = (filters: readonly Filter[] | undefined): Test[] =>
  (filters ?? []).map(({ Name: name = '', Values: values = [] }) => ({ name, values: new Set(values) }));

/** Filters of DescribeAutoScalingGroups: `tag-key`, `tag-value` and `tag:KEY`; any value of each (API reference, Filter). */
export function filterGroups(filters: readonly Filter[] | undefined): (group: Group) => boolean {
  const all = tests(filters).map(({ name, values }) => {
    if (name === 'tag-key') return ({ tags }: Group) => [...tags.keys()].some((key) => values.has(key));
    if (name === 'tag-value') return ({ tags }: Group) => [...tags.values()].some(({ value }) => values.has(value));
    if (name.startsWith('tag:')) return ({ tags }: Group) => values.has(tags.get(name.slice(4))?.value ?? '\0');
    throw invalid(`Filter type ${name} is not correct. Allowed Filter types are: tag-key, tag-value, tag:<key>`);
  });
  return (group) => all.every((test) => test(group));
}

const TAG_VALUES: Readonly<Record<string, (tag: TagDescription) => string>> = {
  'auto-scaling-group': ({ ResourceId: id = '' }) => id,
  key: ({ Key: key = '' }) => key,
  value: ({ Value: value = '' }) => value,
  'propagate-at-launch': ({ PropagateAtLaunch: propagate }) => String(propagate),
};

/** Filters of DescribeTags. */
export function filterTags(filters: readonly Filter[] | undefined): (tag: TagDescription) => boolean {
  const all = tests(filters).map(({ name, values }) => {
    const valueOf = Object.hasOwn(TAG_VALUES, name) ? TAG_VALUES[name] : undefined;
    if (valueOf === undefined)
      throw invalid(
        `Filter type ${name} is not correct. Allowed Filter types are: ${Object.keys(TAG_VALUES).join(', ')}`,
      );
    return (tag: TagDescription) => values.has(valueOf(tag));
  });
  return (tag) => all.every((test) => test(tag));
}

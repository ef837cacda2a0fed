import type * as sdk from '@aws-sdk/client-auto-scaling';
import { only } from '../../core/only.ts';
import { type Operation, operation } from '../../core/service.ts';
import { invalid } from './errors.ts';
import { filterGroups, filterTags } from './filters.ts';
import type { Groups } from './groups.ts';
import { page } from './pages.ts';
import { anywhere } from './permissions.ts';
import { shownActivity, shownDetails, shownGroup, shownTags } from './shapes.ts';

const PAGING = ['MaxRecords', 'NextToken'];

/** The operations that read; each needs its action on `*`. */
export function describeOperations(groups: Groups): Readonly<Record<string, Operation>> {
  return {
    DescribeAutoScalingGroups: operation<
      sdk.DescribeAutoScalingGroupsCommandInput,
      sdk.DescribeAutoScalingGroupsCommandOutput
    >(anywhere('DescribeAutoScalingGroups'), (input) => {
      const { AutoScalingGroupNames: names, Filters: filters, IncludeInstances: include = true } = input;
      only('autoscaling:DescribeAutoScalingGroups', input, [
        ...['AutoScalingGroupNames', 'Filters', 'IncludeInstances', ...PAGING],
      ]);
      const wanted = names === undefined || names.length === 0 ? undefined : new Set(names);
      const found = groups.all().filter(({ name }) => wanted === undefined || wanted.has(name));
      const { items, NextToken } = page(found.filter(filterGroups(filters)), input);
      return { AutoScalingGroups: items.map((group) => shownGroup(group, include)), NextToken };
    }),
    DescribeAutoScalingInstances: operation<
      sdk.DescribeAutoScalingInstancesCommandInput,
      sdk.DescribeAutoScalingInstancesCommandOutput
    >(anywhere('DescribeAutoScalingInstances'), (input) => {
      only('autoscaling:DescribeAutoScalingInstances', input, ['InstanceIds', ...PAGING]);
      const wanted = input.InstanceIds?.length ? new Set(input.InstanceIds) : undefined;
      const all = groups.all().flatMap((group) => [...group.members.values()].map((member) => ({ group, member })));
      const found = all.filter(({ member }) => wanted === undefined || wanted.has(member.instanceId));
      const { items, NextToken } = page(found, input);
      return { AutoScalingInstances: items.map(({ group, member }) => shownDetails(group, member)), NextToken };
    }),
    DescribeScalingActivities: operation<
      sdk.DescribeScalingActivitiesCommandInput,
      sdk.DescribeScalingActivitiesCommandOutput
    >(anywhere('DescribeScalingActivities'), (input) => {
      const { AutoScalingGroupName: name, ActivityIds: ids } = input;
      only('autoscaling:DescribeScalingActivities', input, ['AutoScalingGroupName', 'ActivityIds', ...PAGING]);
      const from = name === undefined ? groups.all() : [groups.find(name)].filter((group) => group !== undefined);
      if (from.length === 0 && name !== undefined)
        throw invalid(`AutoScalingGroup name not found - AutoScalingGroup ${name} not found`);
      const wanted = ids === undefined || ids.length === 0 ? undefined : new Set(ids);
      const all = from
        .flatMap((group) => group.activities.map((activity) => ({ group, activity })))
        .filter(({ activity }) => wanted === undefined || wanted.has(activity.id))
        .reverse()
        .toSorted((one, other) => other.activity.startTime - one.activity.startTime);
      const { items, NextToken } = page(all, input, 100);
      return { Activities: items.map(({ group, activity }) => shownActivity(group, activity)), NextToken };
    }),
    DescribeTags: operation<sdk.DescribeTagsCommandInput, sdk.DescribeTagsCommandOutput>(
      anywhere('DescribeTags'),
      (input) => {
        only('autoscaling:DescribeTags', input, ['Filters', ...PAGING]);
        const { items, NextToken } = page(groups.all().flatMap(shownTags).filter(filterTags(input.Filters)), input);
        return { Tags: items, NextToken };
      },
    ),
  };
}

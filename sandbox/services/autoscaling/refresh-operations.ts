import type * as sdk from '@aws-sdk/client-auto-scaling';
import { only } from '../../core/only.ts';
import { type Operation, operation } from '../../core/service.ts';
import { configurationFrom, isActive } from './model.ts';
import { page } from './pages.ts';
import type { Parts } from './parts.ts';
import { anywhere } from './permissions.ts';
import { shownRefresh } from './shapes.ts';

/** The operations of instance refreshes (API reference, version 2011-01-01). */
export function refreshOperations(parts: Parts): Readonly<Record<string, Operation>> {
  const { groups, permissions, refreshes, supervisor } = parts;
  return {
    StartInstanceRefresh: operation<sdk.StartInstanceRefreshCommandInput, sdk.StartInstanceRefreshCommandOutput>(
      ({ AutoScalingGroupName: name, DesiredConfiguration: desired }) => [
        ...permissions.on('StartInstanceRefresh', name),
        ...(desired === undefined ? [] : permissions.toLaunch(configurationFrom(desired))),
      ],
      (input) => {
        only('autoscaling:StartInstanceRefresh', input, [
          ...['AutoScalingGroupName', 'Strategy', 'DesiredConfiguration', 'Preferences'],
        ]);
        const group = groups.get(input.AutoScalingGroupName);
        const { id } = refreshes.start(group, input);
        supervisor.touch(group);
        return { InstanceRefreshId: id };
      },
    ),
    CancelInstanceRefresh: operation<sdk.CancelInstanceRefreshCommandInput, sdk.CancelInstanceRefreshCommandOutput>(
      ({ AutoScalingGroupName: name }) => permissions.on('CancelInstanceRefresh', name),
      ({ AutoScalingGroupName: name, WaitForTransitioningInstances: waits = true }) => {
        const group = groups.get(name);
        const { id } = refreshes.cancel(group, waits);
        supervisor.touch(group);
        return { InstanceRefreshId: id };
      },
    ),
    RollbackInstanceRefresh: operation<
      sdk.RollbackInstanceRefreshCommandInput,
      sdk.RollbackInstanceRefreshCommandOutput
    >(
      ({ AutoScalingGroupName: name }) => permissions.on('RollbackInstanceRefresh', name),
      ({ AutoScalingGroupName: name }) => {
        const group = groups.get(name);
        const { id } = refreshes.rollBack(group);
        supervisor.touch(group);
        return { InstanceRefreshId: id };
      },
    ),
    DescribeInstanceRefreshes: operation<
      sdk.DescribeInstanceRefreshesCommandInput,
      sdk.DescribeInstanceRefreshesCommandOutput
    >(anywhere('DescribeInstanceRefreshes'), (input) => {
      const group = groups.get(input.AutoScalingGroupName);
      const wanted = new Set(input.InstanceRefreshIds ?? group.refreshes.map(({ id }) => id));
      // Those under way first, then the latest.
      const found = group.refreshes
        .filter(({ id }) => wanted.has(id))
        .reverse()
        .toSorted((one, other) => Number(isActive(other)) - Number(isActive(one)));
      const { items, NextToken } = page(found, input);
      return { InstanceRefreshes: items.map((refresh) => shownRefresh(group, refresh)), NextToken };
    }),
  };
}

import type { Provisioners } from '../../core/resources.ts';
import type { Service } from '../../core/service.ts';
import type { World } from '../../core/world.ts';
import type { Ec2 } from '../ec2/index.ts';
import { describeOperations } from './describe-operations.ts';
import { ec2Machines } from './ec2-machines.ts';
import { groupOperations } from './group-operations.ts';
import { Groups } from './groups.ts';
import { instanceOperations } from './instance-operations.ts';
import type { AlarmState } from './machines.ts';
import { activeRefresh, inServiceOf, type Group } from './model.ts';
import type { Parts } from './parts.ts';
import { GroupPermissions } from './permissions.ts';
import { processOperations } from './process-operations.ts';
import { RefreshEngine } from './refresh-engine.ts';
import { refreshOperations } from './refresh-operations.ts';
import { RefreshStatus } from './refresh-status.ts';
import { Refreshes } from './refreshes.ts';
import { Scaling } from './scaling.ts';
import { placeGroup, type StandingGroup } from './standing.ts';
import { Supervisor } from './supervisor.ts';
import { tagOperations } from './tag-operations.ts';

export { PROCESSES } from './process-operations.ts';
export type { StandingGroup } from './standing.ts';

export interface AutoScalingPorts {
  readonly ec2: Ec2;
  /** CloudWatch alarms by name, for AlarmSpecification; there are none without it. */
  readonly alarmState?: AlarmState | undefined;
}

/** A group as a watcher sees it. */
export interface WatchedGroup {
  readonly name: string;
  readonly minSize: number;
  readonly maxSize: number;
  readonly desired: number;
  /** Instances that are in service and healthy. */
  readonly inService: number;
  /** Whether an instance refresh goes on. */
  readonly refreshing: boolean;
}

export interface AutoScaling {
  readonly service: Service;
  readonly resources: Provisioners;
  /** How many instances of a group are in service and healthy now. @throws AwsError ValidationError */
  inService(groupName: string): number;
  /** Tells of a group each time that something about it may have changed, until the sandbox is closed. */
  watch(watcher: (group: WatchedGroup) => void): void;
  /** Puts a group with its instances there, as if it had been running for long. */
  place(group: StandingGroup): void;
}

/** Amazon EC2 Auto Scaling: groups, scaling activities and instance refreshes (API reference, version 2011-01-01). */
export function createAutoScaling(world: World, { ec2, alarmState = () => undefined }: AutoScalingPorts): AutoScaling {
  const machines = ec2Machines(ec2);
  const groups = new Groups(world);
  const scaling = new Scaling(world, machines, groups);
  const status = new RefreshStatus(world);
  const watchers: ((group: WatchedGroup) => void)[] = [];
  const supervisor = new Supervisor({
    ...{ world, machines, scaling },
    engine: new RefreshEngine({ scaling, status, alarmState }),
    groupOf: (instanceId) => groups.groupOf(instanceId),
    empty: (group) => groups.remove(group),
    looked: (group) => watchers.forEach((watcher) => watcher(watched(group))),
  });
  const permissions = new GroupPermissions(world, groups, machines);
  const refreshes = new Refreshes({ world, machines, status, alarmState });
  const parts: Parts = { world, groups, machines, permissions, scaling, supervisor, status, refreshes };
  const operations = {
    ...groupOperations(parts),
    ...describeOperations(groups),
    ...instanceOperations(parts),
    ...processOperations(parts),
    ...tagOperations(parts),
    ...refreshOperations(parts),
  };
  return {
    service: { id: 'autoscaling', operations },
    resources: {},
    inService: (name) => groups.inService(name),
    watch: (watcher) => void watchers.push(watcher),
    place: (group) => placeGroup(parts, group),
  };
}

const watched = (group: Group): WatchedGroup => ({
  ...{ name: group.name, minSize: group.min, maxSize: group.max, desired: group.desired },
  inService: inServiceOf(group),
  refreshing: activeRefresh(group) !== undefined,
});

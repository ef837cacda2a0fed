import type { World } from '../../core/world.ts';
import { observe } from './health.ts';
import type { Machines } from './machines.ts';
import { activeRefresh, type Group, isCounted } from './model.ts';
import { boundsOf } from './refresh-bounds.ts';
import type { RefreshEngine } from './refresh-engine.ts';
import type { Scaling } from './scaling.ts';
import { scaleInOrder } from './zones.ts';
import { Wake } from './wake.ts';

interface Parts {
  readonly world: World;
  readonly machines: Machines;
  readonly scaling: Scaling;
  readonly engine: RefreshEngine;
  readonly groupOf: (instanceId: string) => Group | undefined;
  /** A group that is being deleted has no instances any more. */
  readonly empty: (group: Group) => void;
  /** A group has been looked at, and whatever had to happen to it has begun. */
  readonly looked: (group: Group) => void;
}

/**
 * Keeps each group as it shall be: takes over what EC2 says, goes on with its refresh, replaces what is unhealthy, and
 * launches or terminates up to the desired capacity. It looks at a group when something has happened to it, and at the
 * next time that the group itself asks for: nothing polls.
 */
export class Supervisor {
  readonly #parts: Parts;
  readonly #queued = new Set<Group>();
  readonly #timers = new Map<Group, () => void>();
  /** What happens to its machines now is its own doing. */
  #looking: Group | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    parts.machines.watch((instanceId) => {
      const group = parts.groupOf(instanceId);
      if (group !== undefined && group !== this.#looking) this.touch(group);
    });
  }

  /** Looks at a group as soon as what is happening now has happened. */
  touch(group: Group): void {
    if (this.#queued.has(group)) return;
    this.#queued.add(group);
    const { clock } = this.#parts.world;
    clock.schedule(clock.now(), () => {
      this.#queued.delete(group);
      this.#looking = group;
      this.#look(group);
      this.#looking = undefined;
      this.#parts.looked(group);
    });
  }

  /** No longer looks at a group that is gone. */
  forget(group: Group): void {
    this.#timers.get(group)?.();
    this.#timers.delete(group);
  }

  #look(group: Group): void {
    const { world, machines, scaling, engine, empty } = this.#parts;
    const wake = new Wake(world.clock.now());
    observe(group, machines, scaling, wake);
    if (group.deleting) {
      if (group.members.size === 0) empty(group);
      return;
    }
    const status = activeRefresh(group)?.status;
    engine.step(group, wake);
    if (activeRefresh(group)?.status !== status) this.touch(group); // what has turned goes on at once
    this.#replaceUnhealthy(group);
    this.#fill(group, wake);
    this.#trim(group);
    this.forget(group);
    if (wake.at !== undefined)
      this.#timers.set(
        group,
        world.clock.schedule(wake.at, () => this.touch(group)),
      );
  }

  #replaceUnhealthy(group: Group): void {
    if (group.suspended.has('ReplaceUnhealthy') || group.suspended.has('Terminate')) return;
    for (const member of group.members.values()) {
      if (member.health === 'Unhealthy' && member.lifecycle === 'InService')
        this.#parts.scaling.terminate(group, member, member.healthReason);
    }
  }

  #fill(group: Group, wake: Wake): void {
    const missing = group.desired - capacityOf(group);
    if (missing <= 0 || group.suspended.has('Launch')) return;
    const retryAt = group.failing?.retryAt ?? 0;
    const cause = `an instance was started in response to a difference between desired and actual capacity, increasing the capacity from ${group.desired - missing} to ${group.desired}.`;
    if (retryAt <= wake.now) this.#parts.scaling.launch(group, missing, cause);
    wake.by(group.failing?.retryAt ?? 0);
  }

  #trim(group: Group): void {
    const capacity = capacityOf(group);
    const surplus = capacity - allowedCapacity(group);
    if (surplus <= 0 || group.suspended.has('Terminate')) return;
    const cause = `an instance was taken out of service in response to a difference between desired and actual capacity, shrinking the capacity from ${capacity} to ${capacity - surplus}.`;
    for (const member of scaleInOrder(group, surplus)) this.#parts.scaling.terminate(group, member, cause);
  }
}

const capacityOf = ({ members }: Group): number => [...members.values()].filter(isCounted).length;

/** A refresh that launches first lets a group have more than it shall have. */
function allowedCapacity(group: Group): number {
  const refresh = activeRefresh(group);
  if (refresh?.status !== 'InProgress' && refresh?.status !== 'RollbackInProgress') return group.desired;
  return Math.max(group.desired, boundsOf(group.desired, refresh.preferences).most);
}

import type { InstanceRefreshStatus } from '@aws-sdk/client-auto-scaling';
import type { World } from '../../core/world.ts';
import { configurationFrom, type Group, type Refresh } from './model.ts';

/** The event that a status is told by. Source: Auto Scaling User Guide, "Instance refresh example events and patterns". */
const EVENTS: Readonly<Partial<Record<InstanceRefreshStatus, string>>> = {
  Baking: 'Started Baking',
  Cancelled: 'Cancelled',
  Failed: 'Failed',
  InProgress: 'Started',
  RollbackFailed: 'Rollback Failed',
  RollbackInProgress: 'Rollback Started',
  RollbackSuccessful: 'Rollback Succeeded',
  Successful: 'Succeeded',
};

/** Takes instance refreshes from one status to the next, and tells EventBridge. */
export class RefreshStatus {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  enter(group: Group, refresh: Refresh, status: InstanceRefreshStatus, reason?: string): void {
    refresh.status = status;
    refresh.statusReason = reason;
    const event = EVENTS[status];
    if (event !== undefined) this.#emit(group, refresh, event);
  }

  end(
    group: Group,
    refresh: Refresh,
    status: 'Cancelled' | 'Failed' | 'RollbackFailed' | 'RollbackSuccessful' | 'Successful',
    reason?: string,
  ): void {
    refresh.endTime = this.#world.clock.now();
    this.enter(group, refresh, status, reason);
  }

  /** The group takes the desired configuration over when it has been rolled out, and not before. */
  succeed(group: Group, refresh: Refresh): void {
    if (refresh.desired !== undefined) group.configuration = configurationFrom(refresh.desired);
    refresh.percentage = 100;
    refresh.instancesToUpdate = 0;
    this.end(group, refresh, 'Successful');
  }

  /** Ends in failure, or rolls back where the preferences say so. */
  fail(group: Group, refresh: Refresh, reason: string): void {
    if (refresh.rollback !== undefined) {
      this.end(group, refresh, 'RollbackFailed', reason);
      return;
    }
    if (refresh.preferences.autoRollback) {
      this.rollBack(group, refresh, reason);
      return;
    }
    this.end(group, refresh, 'Failed', reason);
  }

  /** Turns round: what was launched meanwhile is replaced by what the group was saved with. */
  rollBack(group: Group, refresh: Refresh, reason: string): void {
    const now = this.#world.clock.now();
    const { percentage, instancesToUpdate } = refresh;
    refresh.rollback = { reason, startTime: now, percentage, instancesToUpdate };
    refresh.outdated.clear();
    for (const id of refresh.launched) refresh.outdated.add(id);
    refresh.launched.clear();
    refresh.pausedUntil = 0;
    refresh.bakesUntil = undefined;
    progressed(refresh, now);
    this.enter(group, refresh, 'RollbackInProgress', reason);
  }

  reachCheckpoint(group: Group, refresh: Refresh, percentage: number): void {
    const { checkpointDelay = 0 } = refresh.preferences;
    refresh.checkpoint = percentage;
    if (percentage === 100) return;
    refresh.pausedUntil = this.#world.clock.now() + checkpointDelay * 1000;
    this.#emit(group, refresh, 'Checkpoint Reached', {
      CheckpointPercentage: String(percentage),
      CheckpointDelay: String(checkpointDelay),
    });
  }

  #emit(group: Group, { id }: Refresh, event: string, more: Readonly<Record<string, string>> = {}): void {
    this.#world.emit({
      source: 'aws.autoscaling',
      'detail-type': `EC2 Auto Scaling Instance Refresh ${event}`,
      resources: [group.arn],
      detail: { InstanceRefreshId: id, AutoScalingGroupName: group.name, ...more },
    });
  }
}

/** Starts the hour without progress anew, from where the refresh is now. */
export function progressed(refresh: Refresh, now: number): void {
  refresh.progressAt = now;
  Object.assign(refresh.best, { ready: 0, inService: 0, outdated: Number.POSITIVE_INFINITY });
}

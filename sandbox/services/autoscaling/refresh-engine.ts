import type { AlarmState } from './machines.ts';
import { activeRefresh, type Group, type Refresh } from './model.ts';
import { boundsOf } from './refresh-bounds.ts';
import { nextStep } from './refresh-plan.ts';
import { type Census, census } from './refresh-population.ts';
import { account, checkpointReached, failsAt, isDone, longestUntil, waitingFor } from './refresh-progress.ts';
import { progressed, type RefreshStatus } from './refresh-status.ts';
import type { Scaling } from './scaling.ts';
import type { Wake } from './wake.ts';

/** How long a refresh is Pending, and how often it looks at its alarms, milliseconds. */
const PENDING = 2000;
const ALARMS_EVERY = 15_000;

interface Parts {
  readonly scaling: Scaling;
  readonly status: RefreshStatus;
  readonly alarmState: AlarmState;
}

/** Rolling instance refreshes. Source: Auto Scaling User Guide, "How an instance refresh works in an Auto Scaling group". */
export class RefreshEngine {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Goes on with the refresh of a group as far as it can go now, and says when it can go on. */
  step(group: Group, wake: Wake): void {
    const refresh = activeRefresh(group);
    switch (refresh?.status) {
      case 'Pending':
        this.#begin(group, refresh, wake);
        break;
      case 'InProgress':
      case 'RollbackInProgress':
        this.#advance(group, refresh, wake);
        break;
      case 'Baking':
        this.#bake(group, refresh, wake);
        break;
      case 'Cancelling':
        this.#cancel(group, refresh);
    }
  }

  #begin(group: Group, refresh: Refresh, wake: Wake): void {
    const at = refresh.createdAt + PENDING;
    wake.by(at);
    if (wake.now < at) return;
    refresh.startTime = wake.now;
    progressed(refresh, wake.now);
    this.#parts.status.enter(group, refresh, 'InProgress');
    this.#advance(group, refresh, wake);
  }

  #advance(group: Group, refresh: Refresh, wake: Wake): void {
    if (group.suspended.has('InstanceRefresh')) {
      refresh.progressAt = wake.now; // paused by hand: the hour without progress does not run
      refresh.statusReason = 'The InstanceRefresh process is suspended. Resume the process to continue.';
      return;
    }
    const alarm = refresh.rollback === undefined ? this.#alarm(refresh, wake) : undefined;
    if (alarm?.state === 'ALARM') {
      this.#parts.status.fail(group, refresh, byAlarm(alarm.name));
      return;
    }
    const counted = this.#account(group, refresh, wake.now);
    if (wake.now < refresh.pausedUntil) pause(refresh, wake);
    else if (isDone(refresh, counted)) this.#finish(group, refresh, wake);
    else this.#goOn(group, refresh, counted, { alarm: alarm?.name, wake });
  }

  /** Replaces what may be replaced now; looks again when the next instance is warm, and fails when it has waited too long. */
  #goOn(
    group: Group,
    refresh: Refresh,
    counted: Census,
    { alarm, wake }: { readonly alarm: string | undefined; readonly wake: Wake },
  ): void {
    const held = whyHeld(group, alarm);
    if (held === undefined) this.#replace(group, refresh, counted, wake.now);
    refresh.statusReason = held ?? waitingFor(group, counted);
    const deadline = Math.min(failsAt(refresh), longestUntil(refresh));
    wake.by(deadline);
    wake.by(counted.warmAt ?? deadline);
    if (wake.now < deadline) return;
    const reason = `The instance refresh could make no progress. ${refresh.statusReason ?? ''}`.trim();
    this.#parts.status.fail(group, refresh, reason);
  }

  /** Writes down how far the refresh is, and stops at a checkpoint; beyond it the next goal counts. */
  #account(group: Group, refresh: Refresh, now: number): Census {
    const counted = census(group, refresh, now);
    account(refresh, counted, now);
    const checkpoint = checkpointReached(refresh, counted);
    if (checkpoint === undefined) return counted;
    this.#parts.status.reachCheckpoint(group, refresh, checkpoint);
    return census(group, refresh, now);
  }

  #replace(group: Group, refresh: Refresh, counted: Census, now: number): void {
    const { scaling } = this.#parts;
    const { terminate, launch } = nextStep(counted, boundsOf(counted.desired, refresh.preferences));
    const cause = `in response to an instance refresh ${refresh.id}.`;
    for (const member of [...counted.candidates.slice(0, terminate), ...counted.standby])
      scaling.terminate(group, member, `an instance was taken out of service ${cause}`);
    if ((group.failing?.retryAt ?? 0) <= now) scaling.launch(group, launch, `an instance was started ${cause}`);
  }

  #finish(group: Group, refresh: Refresh, wake: Wake): void {
    const { status } = this.#parts;
    const { bakeTime } = refresh.preferences;
    if (refresh.rollback !== undefined) {
      status.end(group, refresh, 'RollbackSuccessful', refresh.rollback.reason);
    } else if (bakeTime === 0) {
      status.succeed(group, refresh);
    } else {
      refresh.bakesUntil = wake.now + bakeTime * 1000;
      status.enter(group, refresh, 'Baking', 'Waiting for the bake time to pass.');
      wake.by(refresh.bakesUntil);
    }
  }

  /** Bake time: everything is replaced, and must stay well for a while. */
  #bake(group: Group, refresh: Refresh, wake: Wake): void {
    const { status } = this.#parts;
    const alarm = this.#alarm(refresh, wake);
    const unhealthy = [...group.members.values()].find(
      ({ health, lifecycle }) => health === 'Unhealthy' && lifecycle === 'InService',
    );
    const { bakesUntil = 0 } = refresh;
    wake.by(bakesUntil);
    if (alarm?.state === 'ALARM') status.fail(group, refresh, byAlarm(alarm.name));
    else if (unhealthy !== undefined)
      status.fail(group, refresh, `The instance ${unhealthy.instanceId} became unhealthy during the bake time.`);
    else if (wake.now >= bakesUntil) status.succeed(group, refresh);
  }

  /** Waits for launches and terminations that are under way. */
  #cancel(group: Group, refresh: Refresh): void {
    const waits = [...group.members.values()].some(
      ({ lifecycle }) => lifecycle === 'Pending' || lifecycle === 'Terminating',
    );
    if (!waits) this.#parts.status.end(group, refresh, 'Cancelled', refresh.statusReason);
  }

  /** The alarm that stands in the way, if one does: in ALARM, or without data. */
  #alarm({ preferences }: Refresh, wake: Wake): { readonly name: string; readonly state: string } | undefined {
    if (preferences.alarms.length === 0) return undefined;
    wake.by(wake.now + ALARMS_EVERY);
    const states = preferences.alarms.map((name) => ({
      name,
      state: this.#parts.alarmState(name) ?? 'INSUFFICIENT_DATA',
    }));
    return states.find(({ state }) => state === 'ALARM') ?? states.find(({ state }) => state !== 'OK');
  }
}

const byAlarm = (name: string): string => `The CloudWatch alarm ${name} is in the ALARM state.`;

function pause(refresh: Refresh, wake: Wake): void {
  refresh.progressAt = refresh.pausedUntil;
  refresh.statusReason = `Reached the checkpoint at ${refresh.checkpoint} percent. Waiting for the checkpoint delay to pass.`;
  wake.by(refresh.pausedUntil);
}

/** Why nothing may be replaced now. Source: Auto Scaling User Guide, "Suspend and resume processes". */
function whyHeld({ suspended }: Group, alarm: string | undefined): string | undefined {
  const process = ['Launch', 'Terminate'].find((each) => suspended.has(each));
  if (process !== undefined) return `Instances cannot be replaced while the ${process} process is suspended.`;
  return alarm === undefined ? undefined : `Waiting for the CloudWatch alarm ${alarm}, which has insufficient data.`;
}

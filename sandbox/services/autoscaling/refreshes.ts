import type { StartInstanceRefreshType } from '@aws-sdk/client-auto-scaling';
import { AwsError } from '../../core/aws-error.ts';
import type { World } from '../../core/world.ts';
import { checkConfiguration, checkNames, irreversible, matches } from './configuration.ts';
import { invalid } from './errors.ts';
import type { AlarmState, Machines } from './machines.ts';
import { activeRefresh, configurationFrom, type Group, type Refresh } from './model.ts';
import { type Preferences, preferencesOf } from './refresh-preferences.ts';
import type { RefreshStatus } from './refresh-status.ts';

interface Parts {
  readonly world: World;
  readonly machines: Machines;
  readonly status: RefreshStatus;
  readonly alarmState: AlarmState;
}

/** Starts instance refreshes, cancels them and rolls them back, as far as AWS lets it. */
export class Refreshes {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  start(group: Group, input: StartInstanceRefreshType): Refresh {
    const { world } = this.#parts;
    const { DesiredConfiguration: desired } = input;
    const preferences = preferencesOf(group, input);
    const configuration = desired === undefined ? group.configuration : configurationFrom(desired);
    if (desired !== undefined) checkNames(configuration);
    checkConfiguration(this.#parts.machines, configuration);
    this.#checkRollback(group, desired, preferences);
    this.#checkAlarms(preferences);
    if (activeRefresh(group) !== undefined)
      throw new AwsError(
        'InstanceRefreshInProgress',
        'An Instance Refresh is already in progress and blocks the execution of this Instance Refresh.',
      );
    const outdated = [...group.members.values()].filter(
      (member) => !(preferences.skipMatching && matches(this.#parts.machines, configuration, member)),
    );
    const refresh: Refresh = {
      id: world.random.uuid(),
      preferences,
      desired,
      createdAt: world.clock.now(),
      status: 'Pending',
      statusReason: undefined,
      startTime: undefined,
      endTime: undefined,
      percentage: 0,
      instancesToUpdate: outdated.length,
      rollback: undefined,
      outdated: new Set(outdated.map(({ instanceId }) => instanceId)),
      launched: new Set(),
      checkpoint: 0,
      pausedUntil: 0,
      bakesUntil: undefined,
      progressAt: world.clock.now(),
      best: { ready: 0, inService: 0, outdated: Number.POSITIVE_INFINITY },
    };
    group.refreshes.push(refresh);
    return refresh;
  }

  #checkRollback(
    group: Group,
    desired: StartInstanceRefreshType['DesiredConfiguration'],
    { autoRollback, skipMatching }: Preferences,
  ): void {
    if (autoRollback) {
      const why = irreversible(this.#parts.machines, group.configuration, desired);
      if (why !== undefined) throw invalid(`The request isn't valid. AutoRollback is not supported. ${why}`);
    }
    if (skipMatching && group.configuration.launchConfigurationName !== undefined && desired === undefined)
      throw invalid("The request isn't valid. SkipMatching is not supported with a launch configuration.");
  }

  /** An alarm must be in order when a refresh starts (guide: "Start an instance refresh with auto rollback"). */
  #checkAlarms({ alarms }: Preferences): void {
    for (const name of alarms) {
      const state = this.#parts.alarmState(name);
      if (state === undefined) throw invalid(`The CloudWatch alarm ${name} was not found.`);
      if (state !== 'OK')
        throw invalid(`The CloudWatch alarm ${name} is in the ${state} state. It must be in the OK state.`);
    }
  }

  cancel(group: Group, waits: boolean): Refresh {
    const refresh = this.#active(group);
    const { status } = this.#parts;
    const reason = 'Cancelled due to user request.';
    if (refresh.status === 'Pending' || !waits) status.end(group, refresh, 'Cancelled', reason);
    else status.enter(group, refresh, 'Cancelling', reason);
    return refresh;
  }

  rollBack(group: Group): Refresh {
    const refresh = this.#active(group);
    if (refresh.status === 'Cancelling' || refresh.rollback !== undefined) throw this.#notFound(group);
    const why = irreversible(this.#parts.machines, group.configuration, refresh.desired);
    if (why !== undefined)
      throw new AwsError('IrreversibleInstanceRefresh', `The instance refresh cannot be rolled back. ${why}`);
    this.#parts.status.rollBack(group, refresh, 'Rollback due to user request.');
    return refresh;
  }

  #active(group: Group): Refresh {
    const refresh = activeRefresh(group);
    if (refresh === undefined) throw this.#notFound(group);
    return refresh;
  }

  #notFound = ({ name }: Group): AwsError =>
    new AwsError(
      'ActiveInstanceRefreshNotFound',
      `No in progress or pending Instance Refresh found for Auto Scaling group ${name}`,
    );
}

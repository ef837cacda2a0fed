import type { CommandStatus } from '@aws-sdk/client-ssm';
import type { World } from '../../core/world.ts';
import { type Command, type Details, type Invocation, isError, isFinal, statusOf } from './model.ts';
import type { Runner } from './runner.ts';

/** A MaxConcurrency or MaxErrors: a number, or a percentage of the targets. */
function limit(text: string, targets: number, least: number): number {
  return Math.max(least, text.endsWith('%') ? Math.floor((Number(text.slice(0, -1)) / 100) * targets) : Number(text));
}

/** All commands of the account, and how they go on: never more instances at once than MaxConcurrency, none after MaxErrors. */
export class Commands {
  readonly all = new Map<string, Command>();
  readonly #world: World;
  #runner: Runner | undefined;

  constructor(world: World) {
    this.#world = world;
  }

  /** The runner reports back here, so each needs the other. */
  useRunner(runner: Runner): void {
    this.#runner = runner;
  }

  start(command: Command): void {
    this.all.set(command.commandId, command);
    this.#emitCommand(command);
    if (command.invocations.size === 0) this.#settle(command, 'Success', 'NoInstancesInTag');
    else this.#release(command);
  }

  /** Cancels on the given instances, or on all. Commands that are over stay as they are. */
  cancel(command: Command, instanceIds: readonly string[]): void {
    const chosen = [...command.invocations.values()].filter(
      ({ instanceId }) => instanceIds.length === 0 || instanceIds.includes(instanceId),
    );
    const running = chosen.filter(({ details }) => !isFinal(details));
    if (running.length === 0) return;
    if (instanceIds.length === 0) {
      command.cancelled = true;
      this.#settle(command, 'Cancelling', 'Cancelling');
    }
    for (const invocation of running) this.#world.clock.spawn(async () => this.#runner?.cancel(command, invocation));
  }

  /** What the runner calls after each change of an invocation. */
  changed(command: Command, invocation: Invocation): void {
    const { commandId, document, requestedAt } = command;
    this.#world.emit({
      source: 'aws.ssm',
      'detail-type': 'EC2 Command Invocation Status-change Notification',
      resources: [this.#instanceArn(invocation.instanceId)],
      detail: {
        'command-id': commandId,
        'document-name': document.name,
        'instance-id': invocation.instanceId,
        'requested-date-time': new Date(requestedAt).toISOString(),
        status: statusOf(invocation.details),
      },
    });
    if (invocation.details === 'InProgress' && command.status === 'Pending')
      this.#settle(command, 'InProgress', 'InProgress');
    if (isFinal(invocation.details)) this.#release(command);
  }

  /** Starts as many pending invocations as may run, or ends the command when none is left. */
  #release(command: Command): void {
    const invocations = [...command.invocations.values()];
    const count = (test: (details: Details) => boolean) => invocations.filter(({ details }) => test(details)).length;
    const waiting = invocations.filter(({ released, details }) => !released && !isFinal(details));
    if (count(isError) > limit(command.maxErrors, invocations.length, 0)) {
      for (const invocation of waiting) this.#terminate(command, invocation);
    } else {
      const active = invocations.filter(({ released, details }) => released && !isFinal(details)).length;
      for (const invocation of waiting.slice(
        0,
        Math.max(0, limit(command.maxConcurrency, invocations.length, 1) - active),
      )) {
        invocation.released = true;
        this.#world.clock.spawn(async () => this.#runner?.run(command, invocation));
      }
    }
    if (invocations.every(({ details }) => isFinal(details)))
      this.#settle(command, ...this.#result(command, invocations));
  }

  #terminate(command: Command, invocation: Invocation): void {
    if (isFinal(invocation.details)) return;
    invocation.details = 'Terminated';
    this.changed(command, invocation);
  }

  /** The status of a command whose invocations are all over (user guide, command statuses). */
  #result(command: Command, invocations: readonly Invocation[]): readonly [CommandStatus, string] {
    const has = (...wanted: readonly Details[]) => invocations.some(({ details }) => wanted.includes(details));
    const failures = invocations.filter(({ details }) => isError(details)).length;
    if (command.cancelled && has('Cancelled')) return ['Cancelled', 'Cancelled'];
    if (failures > limit(command.maxErrors, invocations.length, 0))
      return has('Failed') ? ['Failed', 'Failed'] : ['TimedOut', 'ExecutionTimedOut'];
    if (has('AccessDenied')) return ['Failed', 'AccessDenied'];
    if (has('InvalidPlatform')) return ['Failed', 'InvalidPlatform'];
    if (invocations.every(({ details }) => details === 'DeliveryTimedOut')) return ['TimedOut', 'DeliveryTimedOut'];
    if (invocations.every(({ details }) => details === 'Cancelled')) return ['Cancelled', 'Cancelled'];
    return invocations.every(({ details }) => details === 'Success')
      ? ['Success', 'Success']
      : ['Failed', 'Incomplete'];
  }

  #settle(command: Command, status: CommandStatus, details: string): void {
    if (command.status === status) return;
    command.status = status;
    command.statusDetails = details;
    this.#emitCommand(command);
  }

  #emitCommand(command: Command): void {
    this.#world.emit({
      source: 'aws.ssm',
      'detail-type': 'EC2 Command Status-change Notification',
      resources: [...command.invocations.keys()].map((id) => this.#instanceArn(id)),
      detail: {
        'command-id': command.commandId,
        'document-name': command.document.name,
        'expire-after': new Date(command.expiresAt).toISOString(),
        parameters: command.parameters,
        'requested-date-time': new Date(command.requestedAt).toISOString(),
        status: command.status,
      },
    });
  }

  #instanceArn(instanceId: string): string {
    return `arn:aws:ec2:${this.#world.region}:${this.#world.account}:instance/${instanceId}`;
  }
}

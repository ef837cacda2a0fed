import type { CommandStatus } from '@aws-sdk/client-ssm';
import type { World } from '../../core/world.ts';
import type { Ec2Store } from '../ec2/index.ts';
import { finalStatus } from './command-status.ts';
import { Delivery, type Listener } from './delivery.ts';
import { type Command, type Invocation, isFinal, statusOf } from './model.ts';
import type { Runner } from './runner.ts';

/** All commands of the account, their statuses and the events of both. */
export class Commands {
  readonly #world: World;
  readonly #ec2: Ec2Store;
  readonly #runner: Runner;
  readonly #deliveries = new Map<Command, Delivery>();
  readonly #byId = new Map<string, Command>();
  readonly #order: Command[] = [];

  constructor(world: World, ec2: Ec2Store, runner: Runner) {
    this.#world = world;
    this.#ec2 = ec2;
    this.#runner = runner;
  }

  find(commandId: string): Command | undefined {
    return this.#byId.get(commandId);
  }

  /** Oldest first; only ever added to, so that a position in it stays what it is. */
  get order(): readonly Command[] {
    return this.#order;
  }

  /** Registers a command and sends it; the instances that are refused end as AccessDenied. */
  start(command: Command, refused: ReadonlySet<string> = new Set()): void {
    this.#byId.set(command.commandId, command);
    this.#order.push(command);
    this.#emitCommand(command);
    this.deliver(command, { changed: (...of) => this.#changed(...of), ended: (of) => this.#ended(of) }, refused);
  }

  /** Sends a command that no list shows and that has no events: an association's. */
  deliver(command: Command, listener: Listener, refused: ReadonlySet<string> = new Set()): void {
    const delivery = new Delivery(command, {
      world: this.#world,
      ec2: this.#ec2,
      runner: this.#runner,
      listener: {
        changed: (...of) => listener.changed(...of),
        ended: (ended) => {
          this.#deliveries.delete(ended);
          listener.ended(ended);
        },
      },
    });
    this.#deliveries.set(command, delivery);
    delivery.start(refused);
  }

  /** Cancels on the given instances, or on all. What is over stays as it is. */
  cancel(command: Command, instanceIds: readonly string[] = []): void {
    const all = instanceIds.length === 0;
    const chosen = all ? command.order : instanceIds.flatMap((id) => command.invocations.get(id) ?? []);
    const unfinished = chosen.filter(({ details }) => !isFinal(details));
    if (unfinished.length === 0) return;
    if (all) {
      command.cancelled = true;
      this.#settle(command, 'Cancelling', 'Cancelling');
    }
    this.#deliveries.get(command)?.cancel(unfinished);
  }

  #changed(command: Command, invocation: Invocation): void {
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
    if (command.status !== 'Pending') return;
    if (invocation.details === 'InProgress') this.#settle(command, 'InProgress', 'InProgress');
    else if (invocation.details === 'Delayed') command.statusDetails = 'Delayed';
  }

  #ended(command: Command): void {
    this.#settle(command, ...finalStatus(command));
  }

  #settle(command: Command, status: CommandStatus, details: string): void {
    command.statusDetails = details;
    if (command.status === status) return;
    command.status = status;
    this.#emitCommand(command);
  }

  #emitCommand(command: Command): void {
    this.#world.emit({
      source: 'aws.ssm',
      'detail-type': 'EC2 Command Status-change Notification',
      resources: command.order.map(({ instanceId }) => this.#instanceArn(instanceId)),
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

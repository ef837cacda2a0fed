import type { World } from '../../core/world.ts';
import type { Ec2Store, Instance } from '../ec2/index.ts';
import { isReachable } from './managed.ts';
import { type Command, type Details, type Invocation, isFinal } from './model.ts';
import { RateControl } from './rate-control.ts';
import type { Report, Runner } from './runner.ts';

/** How often the service looks again for agents that are not connected, milliseconds. */
const RETRY = 15_000;

/** Hears how a command goes on. */
export interface Listener {
  /** After each change of an invocation. */
  changed(command: Command, invocation: Invocation): void;
  /** Once no invocation is left to wait for. */
  ended(command: Command): void;
}

interface Surroundings {
  readonly world: World;
  readonly ec2: Ec2Store;
  readonly runner: Runner;
  readonly listener: Listener;
}

/** What is to happen as soon as the agent is connected. */
interface Waiting {
  readonly what: 'deliver' | 'report' | 'cancel';
  readonly go: (instance: Instance) => void;
}

/**
 * Brings one command to its instances and their answers back, under its rate control. What waits for an agent that is not
 * connected waits in one list with one timer, and one more timer ends what is left when the command expires.
 */
export class Delivery {
  readonly #command: Command;
  readonly #on: Surroundings;
  readonly #rate: RateControl;
  /** Those that hold a place: sent, and neither over nor Delayed. */
  readonly #underWay = new Set<Invocation>();
  readonly #waiting = new Map<Invocation, Waiting>();
  readonly #scripts = new Map<Invocation, AbortController>();
  /** Position of the next invocation to send. */
  #next = 0;
  #stopSweep: (() => void) | undefined;
  #stopExpiry: () => void = () => undefined;
  #over = false;

  constructor(command: Command, on: Surroundings) {
    this.#command = command;
    this.#on = on;
    this.#rate = new RateControl(command.maxConcurrency, command.maxErrors, command.tally.total);
  }

  /** Begins. Those that are refused end as AccessDenied at once and are sent nothing. */
  start(refused: ReadonlySet<string> = new Set()): void {
    this.#stopExpiry = this.#on.world.clock.schedule(this.#command.expiresAt, () => this.#expire());
    for (const id of refused) this.#endById(id, 'AccessDenied');
    this.#proceed();
  }

  /** Cancels what is not over of the given invocations: at once what has not begun, the others once their agents obey. */
  cancel(invocations: readonly Invocation[]): void {
    for (const invocation of invocations) {
      if (invocation.details === 'InProgress') this.#cancelRunning(invocation);
      else if (invocation.details !== 'Cancelling') this.#end(invocation, 'Cancelled');
    }
    this.#proceed();
  }

  #cancelRunning(invocation: Invocation): void {
    this.#change(invocation, 'Cancelling');
    this.#on.world.clock.spawn(async () => {
      await this.#pause(200, 600);
      const instance = this.#instance(invocation);
      const abort = ({ agent }: Instance) => {
        if (agent !== 'hangs') this.#scripts.get(invocation)?.abort(new Error('cancelled'));
      };
      if (isFinal(invocation.details) || this.#waiting.has(invocation)) return;
      if (instance !== undefined && isReachable(instance)) abort(instance);
      else this.#await(invocation, { what: 'cancel', go: abort });
    });
  }

  /** Sends to as many more as may run, gives the rest up when too many have failed, and ends when none is left. */
  #proceed(): void {
    const { tally } = this.#command;
    if (this.#rate.exceededBy(tally.errors)) this.#giveUp();
    else
      for (let next = this.#take(); next !== undefined; next = this.#take()) {
        const invocation = next;
        this.#on.world.clock.spawn(() => this.#send(invocation));
      }
    if (this.#over || tally.completed < tally.total) return;
    this.#over = true;
    this.#stopExpiry();
    this.#stopSweep?.();
    this.#on.listener.ended(this.#command);
  }

  /** The next one that nobody has sent or cancelled yet, if there is a place for it. */
  #take(): Invocation | undefined {
    while (this.#rate.free) {
      const invocation = this.#command.order[this.#next++];
      if (invocation === undefined) return undefined;
      if (invocation.details !== 'Pending') continue;
      this.#hold(invocation);
      return invocation;
    }
    return undefined;
  }

  #hold(invocation: Invocation): void {
    this.#underWay.add(invocation);
    this.#rate.begin();
  }

  /** "subsequent command invocations were canceled by the system": those that no agent has. */
  #giveUp(): void {
    for (const [invocation, { what }] of this.#waiting) if (what === 'deliver') this.#end(invocation, 'Terminated');
    for (; this.#next < this.#command.order.length; this.#next++) {
      const invocation = this.#command.order[this.#next];
      if (invocation !== undefined) this.#end(invocation, 'Terminated');
    }
  }

  async #send(invocation: Invocation): Promise<void> {
    await this.#pause(200, 600);
    if (isFinal(invocation.details)) return;
    const instance = this.#instance(invocation);
    if (instance !== undefined && isReachable(instance)) return this.#run(invocation, instance);
    this.#underWay.delete(invocation);
    this.#rate.suspend();
    if (this.#now() >= this.#deadline) this.#end(invocation, 'DeliveryTimedOut');
    else {
      this.#change(invocation, 'Delayed');
      this.#await(invocation, { what: 'deliver', go: (found) => this.#redeliver(invocation, found) });
    }
    this.#proceed();
  }

  #redeliver(invocation: Invocation, instance: Instance): void {
    this.#hold(invocation);
    this.#on.world.clock.spawn(() => this.#run(invocation, instance));
  }

  async #run(invocation: Invocation, instance: Instance): Promise<void> {
    const refusal = refusalOf(this.#command, instance);
    if (refusal !== undefined) {
      this.#end(invocation, refusal);
      this.#proceed();
      return;
    }
    invocation.startedAt = this.#now();
    this.#change(invocation, 'InProgress');
    const script = new AbortController();
    this.#scripts.set(invocation, script);
    const report = await this.#on.runner.run(this.#command, instance, script.signal);
    this.#scripts.delete(invocation);
    if (report === undefined || isFinal(invocation.details)) return;
    invocation.endedAt = report.endedAt;
    if (isReachable(instance)) this.#accept(invocation, report);
    else this.#await(invocation, { what: 'report', go: () => this.#accept(invocation, report) });
  }

  #accept(invocation: Invocation, { details, responseCode, stdout, stderr }: Report): void {
    invocation.stdout = stdout;
    invocation.stderr = stderr;
    this.#end(invocation, details, responseCode);
    this.#proceed();
  }

  #await(invocation: Invocation, waiting: Waiting): void {
    this.#waiting.set(invocation, waiting);
    this.#stopSweep ??= this.#scheduleSweep();
  }

  /** Every quarter of a minute, and at the time-out of the delivery. */
  #scheduleSweep(): () => void {
    const now = this.#now();
    const at = now < this.#deadline ? Math.min(now + RETRY, this.#deadline) : now + RETRY;
    return this.#on.world.clock.schedule(at, () => this.#sweep());
  }

  #sweep(): void {
    const late = this.#now() >= this.#deadline;
    for (const [invocation, { what, go }] of this.#waiting) {
      const instance = this.#instance(invocation);
      if (instance === undefined || !isReachable(instance)) {
        if (late && what === 'deliver') this.#end(invocation, 'DeliveryTimedOut');
      } else if (what !== 'deliver' || this.#rate.free) {
        this.#waiting.delete(invocation);
        go(instance);
      }
    }
    this.#stopSweep = this.#waiting.size > 0 ? this.#scheduleSweep() : undefined;
    this.#proceed();
  }

  /** "it changes status to DeliveryTimedOut for all invocations that have the status InProgress, Pending, or Delayed". */
  #expire(): void {
    this.#next = this.#command.order.length;
    for (const invocation of this.#command.order) this.#end(invocation, 'DeliveryTimedOut');
    this.#proceed();
  }

  #endById(instanceId: string, details: Details): void {
    const invocation = this.#command.invocations.get(instanceId);
    if (invocation !== undefined) this.#end(invocation, details);
  }

  #end(invocation: Invocation, details: Details, responseCode = -1): void {
    if (isFinal(invocation.details)) return;
    invocation.responseCode = responseCode;
    this.#waiting.delete(invocation);
    if (this.#underWay.delete(invocation)) this.#rate.end();
    this.#change(invocation, details);
  }

  #change(invocation: Invocation, details: Details): void {
    this.#command.tally.move(invocation.details, details);
    invocation.details = details;
    this.#on.listener.changed(this.#command, invocation);
  }

  #instance({ instanceId }: Invocation): Instance | undefined {
    return this.#on.ec2.instances.get(instanceId);
  }

  /** If the agent has not taken the command by then, it is not sent any more. */
  get #deadline(): number {
    return this.#command.requestedAt + this.#command.timeoutSeconds * 1000;
  }

  #now(): number {
    return this.#on.world.clock.now();
  }

  #pause(least: number, most: number): Promise<void> {
    const { clock, random } = this.#on.world;
    return clock.sleep(least + random.below(most - least));
  }
}

function refusalOf({ document }: Command, { agent, software }: Instance): Details | undefined {
  if (agent === 'unreachable') return 'Undeliverable';
  if (agent === 'access-denied') return 'AccessDenied';
  return software.platform === document.platform ? undefined : 'InvalidPlatform';
}

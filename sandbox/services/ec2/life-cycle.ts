import type { World } from '../../core/world.ts';
import type { Image } from './images.ts';
import type { Machines } from './machines.ts';
import type { Instance, StateName } from './types.ts';
import type { Volumes } from './volumes.ts';

/** How long a change of state takes, milliseconds. */
const TAKES = { start: 12_000, stop: 25_000, reboot: 20_000, terminate: 15_000 };
/** How long EC2 takes for the status checks of an instance that has booted, milliseconds. */
const CHECKS_TAKE = 120_000;

export type StatusCheck = 'initializing' | 'ok' | 'impaired' | 'not-applicable';

interface Surroundings {
  readonly world: World;
  readonly images: ReadonlyMap<string, Image>;
  readonly volumes: Volumes;
  readonly machines: Machines;
}

/**
 * The states that instances go through, with the event that EC2 sends for each, and what a defect of their AMI does to
 * them ("Amazon EC2 instance state changes" and "Status checks", EC2 User Guide).
 */
export class LifeCycle {
  readonly #on: Surroundings;
  readonly #watchers: ((instance: Instance) => void)[] = [];

  constructor(on: Surroundings) {
    this.#on = on;
  }

  get #now(): number {
    return this.#on.world.clock.now();
  }

  /** Tells of each instance that changes its state, boots or crashes; that status checks pass, `checksEndAt` tells. */
  watch(watcher: (instance: Instance) => void): void {
    this.#watchers.push(watcher);
  }

  /** When the status checks of an instance that is initializing have come to a result. */
  checksEndAt({ bootedAt }: Instance): number {
    return bootedAt + CHECKS_TAKE + 1;
  }

  /** What the status checks of an instance say now. */
  statusOf({ state, bootedAt, impairedFrom }: Instance): StatusCheck {
    if (state !== 'running') return 'not-applicable';
    if (this.#now - bootedAt <= CHECKS_TAKE) return 'initializing';
    return impairedFrom !== undefined && impairedFrom <= this.#now ? 'impaired' : 'ok';
  }

  /** A new instance comes up: its agent registers with SSM 20 to 60 seconds after it runs. */
  begin(instance: Instance): void {
    const { random } = this.#on.world;
    const { agent } = instance;
    const registersAfter = 20_000 + random.below(40_001);
    instance.agent = 'none';
    this.#pass(instance, 'pending', 'running', 5_000 + random.below(10_001), () => {
      this.boot(instance, this.#now);
      if (agent !== 'none' && this.#defectOf(instance)?.kind !== 'never-reaches-ssm')
        this.#later(instance.bootedAt + registersAfter, () => this.#register(instance, agent));
    });
  }

  /** A new instance that EC2 cannot start, because the launching role may not use the key of a volume, say. */
  fail(instance: Instance, reason: string): void {
    instance.stateReason = reason;
    this.#enter(instance, 'pending');
    this.#later(this.#now + TAKES.start, () => this.#enter(instance, 'terminated'));
  }

  /** What happens each time that a machine comes up, or came up at some time in the past. */
  boot(instance: Instance, at: number): void {
    const revived = instance.impairedFrom !== undefined && instance.agent === 'dead';
    instance.bootedAt = at;
    instance.impairedFrom = undefined;
    if (revived) instance.agent = 'online';
    this.#tell(instance);
    const defect = this.#defectOf(instance);
    if (defect === undefined) return;
    if (defect.kind === 'never-reaches-ssm') instance.agent = 'none';
    if (defect.kind === 'fails-health-checks') instance.impairedFrom = at;
    if (defect.kind === 'crashes') this.#crash(instance, at + defect.afterSeconds * 1000);
  }

  start(instance: Instance): void {
    instance.stateReason = '';
    instance.launchTime = this.#now;
    this.#pass(instance, 'pending', 'running', TAKES.start, () => this.boot(instance, this.#now));
  }

  stop(instance: Instance): void {
    instance.stateReason = 'Client.UserInitiatedShutdown';
    this.#on.machines.halt(instance.instanceId);
    this.#pass(instance, 'stopping', 'stopped', TAKES.stop);
  }

  reboot(instance: Instance): void {
    this.#on.machines.halt(instance.instanceId);
    this.#later(this.#now + TAKES.reboot, () => {
      if (instance.state === 'running') this.boot(instance, this.#now);
    });
  }

  terminate(instance: Instance): void {
    const { machines, volumes } = this.#on;
    instance.stateReason = 'Client.UserInitiatedShutdown';
    machines.halt(instance.instanceId);
    this.#pass(instance, 'shutting-down', 'terminated', TAKES.terminate, () => {
      volumes.release(instance.instanceId);
      machines.remove(instance.instanceId);
    });
  }

  #defectOf({ imageId }: Instance): Image['defect'] {
    return this.#on.images.get(imageId)?.defect;
  }

  #register(instance: Instance, agent: Instance['agent']): void {
    if (instance.agent === 'none') instance.agent = agent;
  }

  #crash(instance: Instance, at: number): void {
    const { bootedAt } = instance;
    const crash = () => {
      if (instance.bootedAt !== bootedAt || instance.state !== 'running') return;
      instance.impairedFrom = at;
      instance.agent = 'dead';
      this.#on.machines.halt(instance.instanceId);
      this.#tell(instance);
    };
    if (at <= this.#now) crash();
    else this.#later(at, crash);
  }

  #tell(instance: Instance): void {
    for (const watcher of this.#watchers) watcher(instance);
  }

  #later(at: number, task: () => void): void {
    this.#on.world.clock.schedule(at, task);
  }

  /** Goes through a state into another. */
  #pass(
    instance: Instance,
    through: StateName,
    into: StateName,
    takes: number,
    arrived: () => void = () => undefined,
  ): void {
    this.#enter(instance, through);
    this.#later(this.#now + takes, () => {
      if (instance.state !== through) return;
      arrived();
      this.#enter(instance, into);
    });
  }

  #enter(instance: Instance, state: StateName): void {
    instance.state = state;
    this.#tell(instance);
    const { account, region } = this.#on.world;
    this.#on.world.emit({
      source: 'aws.ec2',
      'detail-type': 'EC2 Instance State-change Notification',
      resources: [`arn:aws:ec2:${region}:${account}:instance/${instance.instanceId}`],
      detail: { 'instance-id': instance.instanceId, state },
    });
  }
}

import { type CallAws, Disk, emptyDirectory, type Hardware, Machine } from '../../agent/index.ts';
import { AwsError } from '../../core/aws-error.ts';
import type { Caller } from '../../core/service.ts';
import type { World } from '../../core/world.ts';
import { instanceType } from './instance-types.ts';
import type { Image, Instance, LaunchRequest, StateName, Volume } from './types.ts';

export type CallerOf = (instanceProfile: string, instanceId: string) => Caller;

/** How long a change of state takes, milliseconds. */
const TAKES = { start: 12_000, stop: 25_000, reboot: 20_000, terminate: 15_000 };
const DAY = 86_400_000;

/** The instances, volumes and images of the account, and the machines behind the instances. */
export class Ec2Store {
  readonly instances = new Map<string, Instance>();
  readonly volumes = new Map<string, Volume>();
  readonly images = new Map<string, Image>();
  readonly vpcId: string;
  readonly subnetId: string;
  readonly securityGroupId: string;
  readonly #world: World;
  readonly #callerOf: CallerOf | undefined;
  readonly #machines = new Map<string, Machine>();
  readonly #attached = new Map<string, Volume[]>();
  #addresses = 9;

  /** `callerOf` says what a machine acts as; machines have no credentials without it. */
  constructor(world: World, callerOf?: CallerOf) {
    this.#world = world;
    this.#callerOf = callerOf;
    this.vpcId = `vpc-${world.random.hex(17)}`;
    this.subnetId = `subnet-${world.random.hex(17)}`;
    this.securityGroupId = `sg-${world.random.hex(17)}`;
  }

  addImage(image: Image): void {
    this.images.set(image.imageId, image);
  }

  /** Makes an instance with its root volume, as if it had been running for a while already. */
  launch(request: LaunchRequest): Instance {
    const image = this.images.get(request.imageId);
    if (image === undefined)
      throw new AwsError('InvalidAMIID.NotFound', `The image id '[${request.imageId}]' does not exist`);
    instanceType(request.instanceType);
    const { random, clock, region } = this.#world;
    const launchTime = clock.now() - (request.uptimeSeconds ?? DAY / 1000) * 1000;
    const instance: Instance = {
      instanceId: request.instanceId ?? `i-${random.hex(17)}`,
      imageId: image.imageId,
      instanceType: request.instanceType,
      availabilityZone: request.availabilityZone ?? `${region}a`,
      privateIp: request.privateIp ?? this.#nextAddress(),
      instanceProfile: request.instanceProfile,
      reservationId: `r-${random.hex(17)}`,
      tags: new Map(Object.entries(request.tags ?? {})),
      software: request.software ?? image.software,
      state: request.state ?? 'running',
      stateReason: '',
      launchTime,
      bootedAt: launchTime,
      agent: request.agent ?? 'online',
    };
    this.instances.set(instance.instanceId, instance);
    const device = image.software.platform === 'Windows' ? '/dev/sda1' : '/dev/xvda';
    const root = this.createVolume(
      image.rootSizeGiB,
      instance.availabilityZone,
      new Disk(image.files, random.uuid(), ''),
      launchTime,
    );
    this.attach(root, instance.instanceId, device, true);
    return instance;
  }

  createVolume(sizeGiB: number, availabilityZone: string, disk?: Disk, createTime = this.#world.clock.now()): Volume {
    const { random } = this.#world;
    const owner = {};
    const volume: Volume = {
      volumeId: `vol-${random.hex(17)}`,
      sizeGiB,
      availabilityZone,
      createTime,
      disk: disk ?? new Disk(emptyDirectory(owner, createTime), random.uuid()),
      tags: new Map(),
      attachment: undefined,
    };
    this.volumes.set(volume.volumeId, volume);
    return volume;
  }

  attach(volume: Volume, instanceId: string, device: string, deleteOnTermination = false): void {
    volume.attachment = { instanceId, device, attachTime: this.#world.clock.now(), deleteOnTermination };
    this.#attached.set(instanceId, [...this.volumesOf(instanceId), volume]);
  }

  detach(volume: Volume): void {
    const { instanceId } = volume.attachment ?? {};
    if (instanceId === undefined) return;
    this.#attached.set(
      instanceId,
      this.volumesOf(instanceId).filter((each) => each !== volume),
    );
    volume.attachment = undefined;
  }

  /** Volumes of an instance in the order of attachment, the root first. */
  volumesOf(instanceId: string): readonly Volume[] {
    return this.#attached.get(instanceId) ?? [];
  }

  /** The computer behind an instance. */
  machine(instanceId: string): Machine {
    const { clock, random } = this.#world;
    const made = () =>
      new Machine({ clock, random: random.fork(), callAws: this.#callAws(instanceId) }, () =>
        this.#hardware(instanceId),
      );
    const found = this.#machines.get(instanceId) ?? made();
    this.#machines.set(instanceId, found);
    return found;
  }

  #callAws(instanceId: string): CallAws | undefined {
    const profile = this.instances.get(instanceId)?.instanceProfile;
    const callerOf = this.#callerOf;
    if (profile === undefined || callerOf === undefined) return undefined;
    return async (service, operation, input) =>
      this.#world.dispatcher.call(callerOf(profile, instanceId), service, operation, input);
  }

  privateDnsName({ privateIp }: Instance): string {
    return `ip-${privateIp.replaceAll('.', '-')}.${this.#world.region}.compute.internal`;
  }

  /** What the machine calls itself. */
  hostname(instance: Instance): string {
    if (instance.software.platform === 'Windows') return `EC2AMAZ-${instance.instanceId.slice(-7).toUpperCase()}`;
    return this.privateDnsName(instance);
  }

  start(instance: Instance): void {
    const now = this.#world.clock.now();
    instance.stateReason = '';
    instance.launchTime = now;
    this.#pass(instance, 'pending', 'running', TAKES.start, () => (instance.bootedAt = this.#world.clock.now()));
  }

  stop(instance: Instance): void {
    instance.stateReason = 'Client.UserInitiatedShutdown';
    this.#machines.get(instance.instanceId)?.halt();
    this.#pass(instance, 'stopping', 'stopped', TAKES.stop);
  }

  reboot(instance: Instance): void {
    const { clock } = this.#world;
    this.#machines.get(instance.instanceId)?.halt();
    clock.schedule(clock.now() + TAKES.reboot, () => {
      if (instance.state === 'running') instance.bootedAt = clock.now();
    });
  }

  terminate(instance: Instance): void {
    instance.stateReason = 'Client.UserInitiatedShutdown';
    this.#machines.get(instance.instanceId)?.halt();
    this.#pass(instance, 'shutting-down', 'terminated', TAKES.terminate, () => {
      for (const volume of this.volumesOf(instance.instanceId)) {
        if (volume.attachment?.deleteOnTermination === true) this.volumes.delete(volume.volumeId);
        this.detach(volume);
      }
      this.#machines.delete(instance.instanceId);
    });
  }

  /** Goes through a state into another, with the event that EC2 sends for each. */
  #pass(
    instance: Instance,
    through: StateName,
    into: StateName,
    takes: number,
    arrived: () => void = () => undefined,
  ): void {
    const { clock } = this.#world;
    this.#enter(instance, through);
    clock.schedule(clock.now() + takes, () => {
      if (instance.state !== through) return;
      arrived();
      this.#enter(instance, into);
    });
  }

  #enter(instance: Instance, state: StateName): void {
    instance.state = state;
    const { account, region } = this.#world;
    this.#world.emit({
      source: 'aws.ec2',
      'detail-type': 'EC2 Instance State-change Notification',
      resources: [`arn:aws:ec2:${region}:${account}:instance/${instance.instanceId}`],
      detail: { 'instance-id': instance.instanceId, state },
    });
  }

  #hardware(instanceId: string): Hardware {
    const instance = this.instances.get(instanceId);
    if (instance === undefined) throw new Error(`no instance ${instanceId}`);
    const { vcpus, memoryMiB, architecture } = instanceType(instance.instanceType);
    return {
      instanceId,
      region: this.#world.region,
      hostname: this.hostname(instance),
      privateIp: instance.privateIp,
      architecture: architecture === 'arm64' ? 'aarch64' : 'x86_64',
      vcpus,
      memoryMiB,
      bootedAt: instance.bootedAt,
      running: instance.state === 'running',
      devices: this.volumesOf(instanceId).map(({ volumeId, sizeGiB, disk, attachment }, index) => ({
        kernelName: `nvme${index}n1`,
        deviceName: attachment?.device ?? '',
        volumeId,
        sizeGiB,
        disk,
      })),
      software: instance.software,
    };
  }

  #nextAddress(): string {
    const number = ++this.#addresses;
    return `10.0.${Math.floor(number / 250)}.${(number % 250) + 4}`;
  }
}

import { Disk, type Machine } from '../../agent/index.ts';
import type { World } from '../../core/world.ts';
import { checkFit } from './fit.ts';
import { type Image, type ImageDefect, type ImageVolume, launchable, type Snapshot } from './images.ts';
import { type LaunchParameters, launchRequest } from './launch-parameters.ts';
import { LaunchTemplates, type ParameterOf } from './launch-templates.ts';
import { LifeCycle, type StatusCheck } from './life-cycle.ts';
import { type CallerOf, hostname, Machines, privateDnsName } from './machines.ts';
import { Network } from './network.ts';
import { newInstance } from './new-instance.ts';
import type { Instance, LaunchRequest, LaunchVolume, StandingRequest, Volume } from './types.ts';
import { Volumes } from './volumes.ts';

export type { CallerOf } from './machines.ts';

const DAY_SECONDS = 86_400;

export interface Ec2Ports {
  /** What a machine acts as; machines have no credentials without it. */
  readonly callerOf?: CallerOf | undefined;
  /** Parameter Store, for launch templates with `resolve:ssm:` images. */
  readonly parameterOf?: ParameterOf | undefined;
}

/** The instances, volumes, images and launch templates of the account, and the machines behind the instances. */
export class Ec2Store {
  readonly instances = new Map<string, Instance>();
  readonly images = new Map<string, Image>();
  readonly network: Network;
  readonly templates: LaunchTemplates;
  readonly #snapshots = new Map<string, Snapshot>();
  readonly #world: World;
  readonly #volumes: Volumes;
  readonly #machines: Machines;
  readonly #lifeCycle: LifeCycle;

  constructor(world: World, { callerOf, parameterOf }: Ec2Ports = {}) {
    this.#world = world;
    this.network = new Network(world);
    this.#volumes = new Volumes(world);
    this.#machines = new Machines({ world, instances: this.instances, volumes: this.#volumes, callerOf });
    const { images } = this;
    this.#lifeCycle = new LifeCycle({ world, images, volumes: this.#volumes, machines: this.#machines });
    this.templates = new LaunchTemplates(world, parameterOf);
  }

  get now(): number {
    return this.#world.clock.now();
  }

  get volumes(): ReadonlyMap<string, Volume> {
    return this.#volumes.all;
  }

  addImage(image: Image): void {
    this.images.set(image.imageId, image);
    for (const volume of image.volumes) this.#snapshots.set(volume.snapshotId, { volume, image });
  }

  /** How the machines of an AMI behave that boot from now on; undefined makes it a good one. A crash comes after 600 s unless told. */
  setDefect(imageId: string, kind: ImageDefect | undefined, afterSeconds = 600): void {
    const image = this.images.get(imageId);
    if (image === undefined) throw new Error(`no image ${imageId}`);
    image.defect = kind === undefined ? undefined : { kind, afterSeconds };
  }

  /**
   * The AMI of a launch, which the account can launch now and the instance type can run.
   * @throws AwsError InvalidAMIID.*, InvalidInstanceType, InvalidParameterValue, InvalidParameterCombination
   */
  launchableImage(imageId: string, type: string): Image {
    const image = launchable(this.images, imageId, { account: this.#world.account, now: this.now });
    checkFit(image, type);
    return image;
  }

  /**
   * The launch that the data of a resolved template asks for, with what a service overrides (`{ ...data, InstanceType }`).
   * @throws AwsError as RunInstances answers
   */
  launchRequest(parameters: LaunchParameters): LaunchRequest {
    return launchRequest(this, parameters);
  }

  /** The volume of an AMI that a snapshot was made for. */
  snapshot(snapshotId: string): ImageVolume | undefined {
    return this.#snapshots.get(snapshotId)?.volume;
  }

  /** The snapshots of the AMIs. */
  get snapshots(): ReadonlyMap<string, Snapshot> {
    return this.#snapshots;
  }

  keyArn(key: string): string {
    const { account, region } = this.#world;
    if (key.startsWith('arn:')) return key;
    return `arn:aws:kms:${region}:${account}:${key.startsWith('alias/') ? key : `key/${key}`}`;
  }

  /**
   * Begins a launch now: pending, then running, with their events; the status checks pass two minutes later, or fail, and
   * the agent registers with SSM 20 to 60 seconds after it runs.
   * @throws AwsError as RunInstances answers: InvalidAMIID.*, InvalidSubnetID.NotFound, InvalidParameterValue, InvalidInstanceType
   */
  begin(request: LaunchRequest): Instance {
    const instance = this.#create(request, this.launchableImage(request.imageId, request.instanceType), this.now);
    this.#lifeCycle.begin(instance);
    return instance;
  }

  /** A launch that EC2 accepts and cannot carry out: pending, then terminated with the reason (`Client.InternalError`). */
  beginInVain(request: LaunchRequest, reason: string): Instance {
    const instance = this.#create(
      { ...request, volumes: [] },
      this.launchableImage(request.imageId, request.instanceType),
      this.now,
    );
    this.#lifeCycle.fail(instance, reason);
    return instance;
  }

  /** Makes an instance with its volumes, as if it had been running for a while already. */
  launch(request: StandingRequest): Instance {
    const uptime = request.uptimeSeconds ?? DAY_SECONDS;
    const image = this.images.get(request.imageId);
    if (image === undefined) throw new Error(`no image ${request.imageId}`);
    const instance = this.#create(request, image, this.now - uptime * 1000);
    instance.state = request.state ?? 'running';
    this.#lifeCycle.boot(instance, instance.launchTime);
    return instance;
  }

  createVolume(sizeGiB: number, availabilityZone: string, disk?: Disk, createTime?: number): Volume {
    return this.#volumes.create({ sizeGiB, availabilityZone, disk, createTime });
  }

  attach(volume: Volume, instanceId: string, device: string, deleteOnTermination = false): void {
    this.#volumes.attach(volume, instanceId, device, deleteOnTermination);
  }

  detach(volume: Volume): void {
    this.#volumes.detach(volume);
  }

  /** Volumes of an instance in the order of attachment, the root first. */
  volumesOf(instanceId: string): readonly Volume[] {
    return this.#volumes.of(instanceId);
  }

  /** The computer behind an instance. */
  machine(instanceId: string): Machine {
    return this.#machines.of(instanceId);
  }

  privateDnsName(instance: Instance): string {
    return privateDnsName(this.#world.region, instance);
  }

  /** What the machine calls itself. */
  hostname(instance: Instance): string {
    return hostname(this.#world.region, instance);
  }

  /** What the status checks of an instance say now. */
  statusOf(instance: Instance): StatusCheck {
    return this.#lifeCycle.statusOf(instance);
  }

  /** When the status checks of an instance that is initializing have come to a result. */
  checksEndAt(instance: Instance): number {
    return this.#lifeCycle.checksEndAt(instance);
  }

  /** Tells of each instance that changes its state, boots or crashes. */
  watch(watcher: (instance: Instance) => void): void {
    this.#lifeCycle.watch(watcher);
  }

  start(instance: Instance): void {
    this.#lifeCycle.start(instance);
  }

  stop(instance: Instance): void {
    this.#lifeCycle.stop(instance);
  }

  reboot(instance: Instance): void {
    this.#lifeCycle.reboot(instance);
  }

  terminate(instance: Instance): void {
    this.#lifeCycle.terminate(instance);
  }

  #create(request: LaunchRequest, image: Image, launchTime: number): Instance {
    const instance = newInstance(request, { world: this.#world, network: this.network, image, launchTime });
    this.instances.set(instance.instanceId, instance);
    (request.volumes ?? image.volumes).forEach((volume, index) => {
      this.#addVolume(instance, volume, { image, root: index === 0, tags: request.volumeTags ?? {} });
    });
    return instance;
  }

  #addVolume(
    { instanceId, availabilityZone, launchTime }: Instance,
    { deviceName, deleteOnTermination, ...volume }: LaunchVolume,
    { image, root, tags }: { image: Image; root: boolean; tags: Readonly<Record<string, string>> },
  ): void {
    const { random } = this.#world;
    const disk = root ? new Disk(image.files, random.uuid(), '') : undefined;
    const made = this.#volumes.create({ ...volume, availabilityZone, disk, createTime: launchTime, tags });
    this.attach(made, instanceId, deviceName, deleteOnTermination);
  }
}

import { Disk, emptyDirectory } from '../../agent/index.ts';
import type { World } from '../../core/world.ts';
import type { Volume } from './types.ts';

interface NewVolume extends Partial<
  Pick<Volume, 'createTime' | 'disk' | 'iops' | 'kmsKeyId' | 'snapshotId' | 'throughput' | 'volumeType'>
> {
  readonly sizeGiB: number;
  readonly availabilityZone: string;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

/** The EBS volumes of the account, and which instance has which. */
export class Volumes {
  readonly all = new Map<string, Volume>();
  readonly #world: World;
  readonly #attached = new Map<string, Volume[]>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Empty unless its disk is given. */
  create({ disk, createTime = this.#world.clock.now(), tags = {}, ...given }: NewVolume): Volume {
    const { random } = this.#world;
    const volume: Volume = {
      ...given,
      volumeId: `vol-${random.hex(17)}`,
      createTime,
      disk: disk ?? new Disk(emptyDirectory({}, createTime), random.uuid()),
      tags: new Map(Object.entries(tags)),
      attachment: undefined,
    };
    this.all.set(volume.volumeId, volume);
    return volume;
  }

  attach(volume: Volume, instanceId: string, device: string, deleteOnTermination: boolean): void {
    volume.attachment = { instanceId, device, attachTime: this.#world.clock.now(), deleteOnTermination };
    this.#attached.set(instanceId, [...this.of(instanceId), volume]);
  }

  detach(volume: Volume): void {
    const { instanceId } = volume.attachment ?? {};
    if (instanceId === undefined) return;
    this.#attached.set(
      instanceId,
      this.of(instanceId).filter((each) => each !== volume),
    );
    volume.attachment = undefined;
  }

  /** Those of an instance in the order of attachment, the root first. */
  of(instanceId: string): readonly Volume[] {
    return this.#attached.get(instanceId) ?? [];
  }

  /** What becomes of them when their instance is terminated. */
  release(instanceId: string): void {
    for (const volume of this.of(instanceId)) {
      if (volume.attachment?.deleteOnTermination === true) this.all.delete(volume.volumeId);
      this.detach(volume);
    }
  }
}

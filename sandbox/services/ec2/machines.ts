import { type CallAws, type Hardware, Machine } from '../../agent/index.ts';
import type { Caller } from '../../core/service.ts';
import type { World } from '../../core/world.ts';
import { instanceType } from './instance-types.ts';
import type { Instance } from './types.ts';
import type { Volumes } from './volumes.ts';

export type CallerOf = (instanceProfile: string, instanceId: string) => Caller;

interface Surroundings {
  readonly world: World;
  readonly instances: ReadonlyMap<string, Instance>;
  readonly volumes: Volumes;
  /** What a machine acts as; machines have no credentials without it. */
  readonly callerOf: CallerOf | undefined;
}

export const privateDnsName = (region: string, { privateIp }: Instance): string =>
  `ip-${privateIp.replaceAll('.', '-')}.${region}.compute.internal`;

/** What the machine calls itself. */
export function hostname(region: string, instance: Instance): string {
  if (instance.software.platform === 'Windows') return `EC2AMAZ-${instance.instanceId.slice(-7).toUpperCase()}`;
  return privateDnsName(region, instance);
}

/** The computers behind the instances, each made when something first runs on it. */
export class Machines {
  readonly #on: Surroundings;
  readonly #made = new Map<string, Machine>();

  constructor(on: Surroundings) {
    this.#on = on;
  }

  of(instanceId: string): Machine {
    const { clock, random } = this.#on.world;
    const made = () =>
      new Machine({ clock, random: random.fork(), callAws: this.#callAws(instanceId) }, () =>
        this.#hardware(instanceId),
      );
    const found = this.#made.get(instanceId) ?? made();
    this.#made.set(instanceId, found);
    return found;
  }

  /** Ends what runs on a machine at once. */
  halt(instanceId: string): void {
    this.#made.get(instanceId)?.halt();
  }

  remove(instanceId: string): void {
    this.#made.delete(instanceId);
  }

  #callAws(instanceId: string): CallAws | undefined {
    const { world, instances, callerOf } = this.#on;
    const profile = instances.get(instanceId)?.instanceProfile;
    if (profile === undefined || callerOf === undefined) return undefined;
    return async (service, operation, input) =>
      world.dispatcher.call(callerOf(profile, instanceId), service, operation, input);
  }

  #hardware(instanceId: string): Hardware {
    const { world, instances, volumes } = this.#on;
    const instance = instances.get(instanceId);
    if (instance === undefined) throw new Error(`no instance ${instanceId}`);
    const { vcpus, memoryMiB, architecture } = instanceType(instance.instanceType);
    return {
      instanceId,
      region: world.region,
      hostname: hostname(world.region, instance),
      privateIp: instance.privateIp,
      architecture: architecture === 'arm64' ? 'aarch64' : 'x86_64',
      vcpus,
      memoryMiB,
      bootedAt: instance.bootedAt,
      running: instance.state === 'running',
      devices: volumes.of(instanceId).map(({ volumeId, sizeGiB, disk, attachment }, index) => ({
        kernelName: `nvme${index}n1`,
        deviceName: attachment?.device ?? '',
        volumeId,
        sizeGiB,
        disk,
      })),
      software: instance.software,
    };
  }
}

import type { World } from '../../core/world.ts';
import type { Image } from './images.ts';
import { instanceType } from './instance-types.ts';
import type { Network } from './network.ts';
import type { Instance, LaunchRequest } from './types.ts';

interface Surroundings {
  readonly world: World;
  readonly network: Network;
  readonly image: Image;
  readonly launchTime: number;
}

/**
 * The instance that a request asks for, with what EC2 chooses; it has no volumes yet and has not begun to run.
 * @throws AwsError InvalidInstanceType, InvalidSubnetID.NotFound, InvalidParameterValue
 */
export function newInstance(request: LaunchRequest, { world, network, image, launchTime }: Surroundings): Instance {
  instanceType(request.instanceType);
  const { random } = world;
  const subnet = network.place(request);
  return {
    instanceId: request.instanceId ?? `i-${random.hex(17)}`,
    imageId: image.imageId,
    instanceType: request.instanceType,
    availabilityZone: subnet.availabilityZone,
    subnetId: subnet.subnetId,
    securityGroupIds: request.securityGroupIds ?? [network.securityGroupId],
    privateIp: request.privateIp ?? network.nextAddress(subnet),
    instanceProfile: request.instanceProfile,
    reservationId: request.reservationId ?? `r-${random.hex(17)}`,
    clientToken: request.clientToken ?? '',
    launchIndex: request.launchIndex ?? 0,
    tags: tagsOf(request),
    software: request.software ?? image.software,
    details: request.details ?? {},
    disableApiTermination: request.disableApiTermination ?? false,
    state: 'pending',
    stateReason: '',
    launchTime,
    bootedAt: launchTime,
    impairedFrom: undefined,
    agent: request.agent ?? 'online',
  };
}

function tagsOf({ tags = {}, launchTemplate }: LaunchRequest): Map<string, string> {
  const all = new Map(Object.entries(tags));
  if (launchTemplate === undefined) return all;
  all.set('aws:ec2launchtemplate:id', launchTemplate.id);
  return all.set('aws:ec2launchtemplate:version', String(launchTemplate.version));
}

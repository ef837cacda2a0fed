import { AwsError } from '../../core/aws-error.ts';
import type { Ec2Store, Instance, LaunchRequest } from '../ec2/index.ts';
import type { Machines, MachineState, StandingMachine } from './machines.ts';

/** The embedded EC2 as the groups see it. */
export function ec2Machines(ec2: Ec2Store): Machines {
  const instance = (id: string): Instance | undefined => ec2.instances.get(id);
  return {
    subnets: new Map([...ec2.network.subnets.values()].map((each) => [each.subnetId, each.availabilityZone])),
    template: (specification) => {
      const template = ec2.templates.find(specification);
      const { number, data } = ec2.templates.version(template, specification.Version);
      const { ImageId: imageId, InstanceType: instanceType } = data;
      return { id: template.id, name: template.name, version: number, imageId, instanceType };
    },
    launch: (request) => ec2.begin(requestFrom(ec2, request)).instanceId,
    stand: ({ uptimeSeconds, ...machine }) => ec2.launch({ ...requestFrom(ec2, machine), uptimeSeconds }).instanceId,
    terminate: (id) => {
      const found = instance(id);
      if (found !== undefined && found.state !== 'shutting-down' && found.state !== 'terminated') ec2.terminate(found);
    },
    state: (id) => stateOf(ec2, instance(id)),
    checksEndAt: (id) => {
      const found = instance(id);
      return found === undefined ? undefined : ec2.checksEndAt(found);
    },
    imageOf: (id) => instance(id)?.imageId,
    watch: (listener) => ec2.watch(({ instanceId }) => listener(instanceId)),
    launchPermissions: () => [],
  };
}

function stateOf(ec2: Ec2Store, instance: Instance | undefined): MachineState {
  if (instance === undefined) return 'terminated';
  const { state } = instance;
  if (state === 'stopping') return 'stopped';
  if (state !== 'running') return state;
  const status = ec2.statusOf(instance);
  return status === 'not-applicable' ? 'initializing' : status;
}

/** What a template says, what an override changes of it, and what comes from the group. */
function requestFrom(ec2: Ec2Store, machine: Omit<StandingMachine, 'uptimeSeconds'>): LaunchRequest {
  const { template, availabilityZone, tags } = machine;
  if (template === undefined) {
    const { imageId = '', instanceType = '', instanceProfile } = machine;
    return { imageId, instanceType, instanceProfile, availabilityZone, tags };
  }
  const { data } = ec2.templates.resolve({ LaunchTemplateId: template.id, Version: String(template.version) });
  const image = machine.imageId ?? data.ImageId;
  if (image === undefined) throw new AwsError('MissingParameter', 'The request must contain the parameter ImageId');
  const own = (data.TagSpecifications ?? []).filter(({ ResourceType: type }) => type === 'instance');
  const ownTags = own.flatMap(({ Tags: all = [] }) => all.map(({ Key = '', Value = '' }) => [Key, Value] as const));
  return {
    imageId: image,
    instanceType: machine.instanceType ?? data.InstanceType ?? 'm1.small',
    availabilityZone,
    securityGroupIds: data.SecurityGroupIds,
    instanceProfile: data.IamInstanceProfile?.Name ?? data.IamInstanceProfile?.Arn?.split('/').at(-1),
    tags: { ...Object.fromEntries(ownTags), ...tags },
    launchTemplate: { id: template.id, version: template.version },
  };
}

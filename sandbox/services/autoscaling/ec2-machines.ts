import type { LaunchTemplateSpecification } from '@aws-sdk/client-auto-scaling';
import type { _InstanceType } from '@aws-sdk/client-ec2';
import type { Ec2, Ec2Store, Instance, LaunchRequest } from '../ec2/index.ts';
import type { Machines, MachineState, StandingMachine } from './machines.ts';

/** Groups know their templates by id and name, of which EC2 takes one. */
function byOne({
  LaunchTemplateId,
  LaunchTemplateName,
  Version,
}: LaunchTemplateSpecification): LaunchTemplateSpecification {
  return LaunchTemplateId === undefined ? { LaunchTemplateName, Version } : { LaunchTemplateId, Version };
}

/** The embedded EC2 as the groups see it. */
export function ec2Machines({ store: ec2, launchPermissions }: Ec2): Machines {
  const instance = (id: string): Instance | undefined => ec2.instances.get(id);
  return {
    subnets: new Map([...ec2.network.subnets.values()].map((each) => [each.subnetId, each.availabilityZone])),
    template: (specification) => {
      const template = ec2.templates.find(byOne(specification));
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
    launchPermissions: ({ specification, instanceType, imageId }) =>
      launchPermissions({
        LaunchTemplate: byOne(specification),
        InstanceType: instanceType as _InstanceType | undefined,
        ImageId: imageId,
      }),
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
  const { template, imageId = '', instanceType = '', instanceProfile, availabilityZone, tags } = machine;
  if (template === undefined) return { imageId, instanceType, instanceProfile, availabilityZone, tags };
  const { data } = ec2.templates.resolve({ LaunchTemplateId: template.id, Version: String(template.version) });
  const request = ec2.launchRequest({
    ...data,
    ImageId: machine.imageId ?? data.ImageId,
    InstanceType: (machine.instanceType ?? data.InstanceType) as _InstanceType | undefined,
    Placement: { ...data.Placement, AvailabilityZone: availabilityZone },
  });
  const launchTemplate = { id: template.id, version: template.version };
  return { ...request, tags: { ...request.tags, ...tags }, launchTemplate };
}

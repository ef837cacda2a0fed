import { AwsError } from '../../core/aws-error.ts';
import { choose } from './configuration.ts';
import type { MachineRequest, Machines, StandingMachine } from './machines.ts';
import { type Group, launchConfigurationOf, type Member } from './model.ts';

/** The next machine of a group, by what it launches by now. @throws AwsError for a launch configuration */
export function machineRequest(group: Group, machines: Machines, availabilityZone: string): MachineRequest {
  const configuration = launchConfigurationOf(group);
  const option = choose(configuration, group.members.values());
  if (option === undefined)
    throw new AwsError(
      'ValidationError',
      `The sandbox does not model launch configurations: ${configuration.launchConfigurationName ?? ''}.`,
    );
  const template = machines.template(option.specification);
  const { instanceType = template.instanceType, imageId } = option;
  return { template, instanceType, imageId, availabilityZone, tags: launchTags(group) };
}

/** The tags that a new instance gets from its group; those of its template are EC2's to add. */
export function launchTags(group: Group): Readonly<Record<string, string>> {
  const tags = [...group.tags].flatMap(([key, { value, propagate }]) => (propagate ? [[key, value] as const] : []));
  return { ...Object.fromEntries(tags), 'aws:autoscaling:groupName': group.name };
}

export function newMember(
  group: Group,
  { template, instanceType, availabilityZone }: Omit<StandingMachine, 'tags' | 'imageId' | 'uptimeSeconds'>,
  instanceId: string,
  rest: Pick<Member, 'imageId' | 'launchedAt'>,
): Member {
  return {
    ...rest,
    instanceId,
    availabilityZone,
    instanceType: instanceType ?? '',
    launchTemplate: template && {
      LaunchTemplateId: template.id,
      LaunchTemplateName: template.name,
      Version: String(template.version),
    },
    launchConfigurationName: undefined,
    lifecycle: 'Pending',
    health: 'Healthy',
    healthReason: '',
    protectedFromScaleIn: group.newInstancesProtected,
    inServiceAt: Number.POSITIVE_INFINITY,
    checked: false,
    activity: undefined,
  };
}

import type {
  DesiredConfiguration,
  LaunchTemplateOverrides,
  LaunchTemplateSpecification,
  MixedInstancesPolicy,
} from '@aws-sdk/client-auto-scaling';
import { AwsError, notImplemented } from '../../core/aws-error.ts';
import { only } from '../../core/only.ts';
import { invalid } from './errors.ts';
import type { LaunchOption, Machines } from './machines.ts';
import { type Configuration, configurationFrom, type Member } from './model.ts';

/** The options of a configuration in the order of their priority; none for a launch configuration. */
export function launchOptions({ launchTemplate, mixedInstancesPolicy }: Configuration): readonly LaunchOption[] {
  const { LaunchTemplateSpecification: base = launchTemplate, Overrides: overrides = [] } =
    mixedInstancesPolicy?.LaunchTemplate ?? {};
  if (base === undefined) return [];
  const option = (override: LaunchTemplateOverrides): LaunchOption => ({
    specification: override.LaunchTemplateSpecification ?? base,
    instanceType: override.InstanceType,
    imageId: override.ImageId,
  });
  return overrides.length > 0 ? overrides.map(option) : [option({})];
}

/** The templates that a configuration names, of which a policy's own may be launched by no override. */
function specifications(configuration: Configuration): readonly LaunchTemplateSpecification[] {
  const own = configuration.mixedInstancesPolicy?.LaunchTemplate?.LaunchTemplateSpecification;
  return [...(own === undefined ? [] : [own]), ...launchOptions(configuration).map((option) => option.specification)];
}

/** Auto Scaling makes a dry run of each launch when it is told of a template (guide: "Launch template permissions"). */
function checkLaunch(machines: Machines, option: LaunchOption): void {
  try {
    machines.launchPermissions(option);
  } catch (error) {
    if (error instanceof AwsError && error.code !== 'NotImplemented')
      throw invalid(`You must use a valid fully-formed launch template. ${error.message}`);
    throw error;
  }
}

function checkPolicy({ LaunchTemplate: template, InstancesDistribution: distribution }: MixedInstancesPolicy): void {
  if (template?.LaunchTemplateSpecification === undefined)
    throw invalid('MixedInstancesPolicy must contain a LaunchTemplate with a LaunchTemplateSpecification.');
  for (const override of template.Overrides ?? [])
    only('overrides of a mixed instances policy', override, ['InstanceType', 'LaunchTemplateSpecification', 'ImageId']);
  only('the distribution of a mixed instances policy', distribution ?? {}, [
    ...['OnDemandAllocationStrategy', 'OnDemandBaseCapacity', 'OnDemandPercentageAboveBaseCapacity'],
    ...['SpotAllocationStrategy', 'SpotInstancePools'],
  ]);
  if ((distribution?.OnDemandPercentageAboveBaseCapacity ?? 100) < 100) throw notImplemented('Spot Instances');
}

/** Refuses a request that names a template in two ways, or in none. A group itself knows its templates by both. */
export function checkNames(configuration: Configuration): void {
  for (const { LaunchTemplateId: id, LaunchTemplateName: name } of specifications(configuration))
    if ((id === undefined) === (name === undefined))
      throw invalid('Valid requests must contain either launchTemplateId or LaunchTemplateName, and not both of them.');
}

/** Refuses a configuration that names no template, or one that there is not. */
export function checkConfiguration(machines: Machines, configuration: Configuration): void {
  const { launchConfigurationName, launchTemplate, mixedInstancesPolicy } = configuration;
  const given = [launchConfigurationName, launchTemplate, mixedInstancesPolicy].filter((each) => each !== undefined);
  if (given.length !== 1)
    throw invalid(
      'Valid requests must contain either LaunchTemplate, LaunchConfigurationName, InstanceId or MixedInstancesPolicy parameter.',
    );
  if (mixedInstancesPolicy !== undefined) checkPolicy(mixedInstancesPolicy);
  for (const option of launchOptions(configuration)) checkLaunch(machines, option);
}

/** The configuration with each template by its id and its name, as AWS shows it whichever of the two was given. */
export function fullyNamed(machines: Machines, configuration: Configuration): Configuration {
  const named = (specification: LaunchTemplateSpecification): LaunchTemplateSpecification => {
    const { id, name } = machines.template(specification);
    return { LaunchTemplateId: id, LaunchTemplateName: name, Version: specification.Version };
  };
  const { launchTemplate, mixedInstancesPolicy: policy } = configuration;
  const { LaunchTemplate: template } = policy ?? {};
  const base = template?.LaunchTemplateSpecification;
  return {
    ...configuration,
    launchTemplate: launchTemplate && named(launchTemplate),
    mixedInstancesPolicy: policy && {
      ...policy,
      LaunchTemplate: template && {
        ...template,
        LaunchTemplateSpecification: base && named(base),
        Overrides: template.Overrides?.map(({ LaunchTemplateSpecification: own, ...override }) => ({
          ...override,
          ...(own && { LaunchTemplateSpecification: named(own) }),
        })),
      },
    },
  };
}

/** The option that a new instance is launched by. There are no prices: `lowest-price` is the one with the fewest members. */
export function choose(configuration: Configuration, members: Iterable<Member>): LaunchOption | undefined {
  const options = launchOptions(configuration);
  const strategy = configuration.mixedInstancesPolicy?.InstancesDistribution?.OnDemandAllocationStrategy;
  if (strategy !== 'lowest-price') return options[0];
  const types = Map.groupBy(members, ({ instanceType }) => instanceType);
  const count = ({ instanceType = '' }: LaunchOption) => types.get(instanceType)?.length ?? 0;
  return options.toSorted((one, other) => count(one) - count(other))[0];
}

/** Whether an instance is as the configuration would launch it now: what SkipMatching leaves alone. */
export function matches(machines: Machines, configuration: Configuration, member: Member): boolean {
  return launchOptions(configuration).some(({ specification, instanceType, imageId }) => {
    const { id, version, instanceType: own } = machines.template(specification);
    return (
      member.launchTemplate?.LaunchTemplateId === id &&
      member.launchTemplate.Version === String(version) &&
      member.instanceType === (instanceType ?? own) &&
      (imageId === undefined || imageId === member.imageId)
    );
  });
}

function unpinned(machines: Machines, configuration: Configuration): string | undefined {
  if (configuration.launchConfigurationName !== undefined) return 'it has a launch configuration';
  const all = specifications(configuration);
  if (all.some(({ Version: version = '$Default' }) => !/^\d+$/.test(version)))
    return 'its launch template has the version $Latest or $Default';
  if (all.some((each) => machines.template(each).imageId?.startsWith('resolve:ssm:')))
    return 'its launch template takes the AMI from a Systems Manager parameter';
  return undefined;
}

/**
 * Why a refresh cannot be rolled back; undefined where it can. Source: Auto Scaling User Guide, "Undo changes with a
 * manual or auto rollback".
 */
export function irreversible(
  machines: Machines,
  group: Configuration,
  desired: DesiredConfiguration | undefined,
): string | undefined {
  if (desired === undefined) return 'The instance refresh has no desired configuration.';
  const before = unpinned(machines, group);
  if (before !== undefined) return `The Auto Scaling group cannot be restored: ${before}.`;
  const after = unpinned(machines, configurationFrom(desired));
  return after === undefined ? undefined : `The desired configuration cannot be rolled back: ${after}.`;
}

import type {
  DesiredConfiguration,
  LaunchTemplateOverrides,
  LaunchTemplateSpecification,
} from '@aws-sdk/client-auto-scaling';
import { TargetNotRollable } from '../errors.ts';
import type { GroupState, TemplateRef } from '../groups/group.ts';
import type { TemplateVersion } from '../schemas/refresh-asg.ts';

/**
 * What a group launches by, with the versions of its templates replaced and all else as it is. UpdateAutoScalingGroup and
 * StartInstanceRefresh take it alike. Throws TargetNotRollable where the group has other templates by now.
 */
export function configurationWith(group: GroupState, versions: readonly TemplateVersion[]): DesiredConfiguration {
  assertSameTemplates(group, versions);
  const { mixedInstances } = group;
  if (mixedInstances === undefined) return { LaunchTemplate: specification(versions, null) };
  const { Overrides } = mixedInstances.LaunchTemplate ?? {};
  const own = (override: LaunchTemplateOverrides, index: number): LaunchTemplateOverrides =>
    override.LaunchTemplateSpecification === undefined
      ? override
      : { ...override, LaunchTemplateSpecification: specification(versions, index) };
  return {
    MixedInstancesPolicy: {
      ...mixedInstances,
      LaunchTemplate: {
        LaunchTemplateSpecification: specification(versions, null),
        ...(Overrides !== undefined && { Overrides: Overrides.map(own) }),
      },
    },
  };
}

/** By the id alone: a request that names the template twice is refused. */
function specification(versions: readonly TemplateVersion[], of: number | null): LaunchTemplateSpecification {
  const { launchTemplateId, version } = versions.find(({ override }) => override === of) ?? {};
  return { LaunchTemplateId: launchTemplateId, Version: version };
}

type Named = Pick<TemplateRef, 'override' | 'launchTemplateId' | 'version'>;
const templateKey = ({ override, launchTemplateId }: Named): string => `${override}:${launchTemplateId}`;
const versionKey = (named: Named): string => `${templateKey(named)}:${named.version}`;

const alike = (one: readonly Named[], other: readonly Named[], key: (named: Named) => string): boolean =>
  one.map(key).sort().join() === other.map(key).sort().join();

/** Whether two say the same versions of the same templates in the same places. */
export const sameVersions = (one: readonly Named[], other: readonly Named[]): boolean => alike(one, other, versionKey);

function assertSameTemplates({ name, templates }: GroupState, versions: readonly TemplateVersion[]): void {
  if (!alike(templates, versions, templateKey))
    throw new TargetNotRollable(`${name} has been given other launch templates meanwhile. Ask again`);
}

/** The versions that an instance refresh rolls out. */
export function versionsIn({ LaunchTemplate, MixedInstancesPolicy }: DesiredConfiguration): Named[] {
  const named = ({ LaunchTemplateId, Version }: LaunchTemplateSpecification, override: number | null): Named => ({
    override,
    launchTemplateId: LaunchTemplateId ?? '',
    version: Version ?? '',
  });
  if (LaunchTemplate !== undefined) return [named(LaunchTemplate, null)];
  const { LaunchTemplateSpecification, Overrides = [] } = MixedInstancesPolicy?.LaunchTemplate ?? {};
  const own = Overrides.flatMap(({ LaunchTemplateSpecification: each }, index) => (each ? [named(each, index)] : []));
  return LaunchTemplateSpecification === undefined ? own : [named(LaunchTemplateSpecification, null), ...own];
}

import type { LaunchTemplateSpecification, MixedInstancesPolicy } from '@aws-sdk/client-auto-scaling';
import * as z from 'zod';
import { REGION } from '../core/world.ts';
import { PROCESSES, type AutoScaling, type StandingGroup } from '../services/autoscaling/index.ts';
import type { Ec2Store } from '../services/ec2/index.ts';
import { outputOf, type Outputs } from './outputs.ts';
import { instanceType, profile, tags } from './parts.ts';

const ZONES = ['a', 'b', 'c'].map((zone) => `${REGION}${zone}`);

/** A launch template of the file; its default version unless told. */
const template = z.strictObject({
  name: z.string().min(1),
  version: z.union([z.int().min(1).transform(String), z.enum(['$Latest', '$Default'])]).default('$Default'),
});

/** Another instance type than the template's, with a template of its own or without. */
const override = z.strictObject({ type: instanceType, launchTemplate: template.optional() });

const percentage = (least: number, most: number) => z.int().min(least).max(most);

/** A group of a fleet file with its instances. */
export const FleetAutoScalingGroup = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(240)
    .regex(/^[^:]+$/, 'a group name has no colon'),
  launchTemplate: template.optional(),
  mixedInstancesPolicy: z
    .strictObject({
      launchTemplate: template,
      overrides: z.array(override).default([]),
      /** `lowest-price` spreads the instances over the overrides, `prioritized` takes the first. */
      onDemandAllocationStrategy: z.enum(['prioritized', 'lowest-price']).default('prioritized'),
    })
    .optional(),
  /** A launch configuration, whose instances are there and which launches no more. */
  launchConfiguration: z
    .strictObject({
      name: z.string().min(1),
      /** An AMI by its name in the file. */
      image: z.string(),
      type: instanceType.default('t3.small'),
      profile: profile.optional(),
    })
    .optional(),
  desired: z.int().min(0).max(10_000),
  /** As many as are desired unless told. */
  min: z.int().min(0).max(10_000).optional(),
  max: z.int().min(0).max(10_000).optional(),
  /** Of the group and, propagated, of its instances. */
  tags: tags.default({}),
  /** Of the group alone. */
  groupTags: tags.default({}),
  /** Availability Zones; all three unless told. */
  zones: z
    .array(z.enum(ZONES, `the region has ${ZONES.join(', ')}`))
    .min(1)
    .optional(),
  healthCheckGraceSeconds: z.int().min(0).default(300),
  defaultInstanceWarmupSeconds: z.int().min(0).optional(),
  instanceMaintenancePolicy: z
    .strictObject({ minHealthyPercentage: percentage(0, 100), maxHealthyPercentage: percentage(100, 200) })
    .optional(),
  newInstancesProtected: z.boolean().default(false),
  protectedInstances: z.int().min(0).default(0),
  /** Beside the desired ones. */
  standbyInstances: z.int().min(0).default(0),
  suspended: z.array(z.enum(PROCESSES)).default([]),
  uptimeSeconds: z.int().min(0).default(86_400),
  /** So many alike, `name-1` and on. */
  count: z.int().min(1).max(10_000).optional(),
});
type FleetAutoScalingGroup = z.output<typeof FleetAutoScalingGroup>;

interface Problem {
  readonly member: string;
  readonly message: string;
  readonly input: unknown;
}

interface Known {
  readonly images: Readonly<Record<string, { readonly id: string }>>;
  readonly launchTemplates: Readonly<Record<string, { readonly versions: readonly unknown[] }>>;
}

/** What does not fit in a group of a file with these images and launch templates. */
export function groupProblems(group: FleetAutoScalingGroup, { images, launchTemplates }: Known): Problem[] {
  const { launchTemplate, mixedInstancesPolicy: mixed, launchConfiguration: old, desired } = group;
  const { min = desired, max = desired } = group;
  const problem = (member: string, message: string, input: unknown): Problem => ({ member, message, input });
  const ways = [launchTemplate, mixed, old].filter((each) => each !== undefined);
  const templates = [
    launchTemplate,
    mixed?.launchTemplate,
    ...(mixed?.overrides ?? []).map((each) => each.launchTemplate),
  ];
  const missing = templates.filter((each) => each !== undefined && !exists(each, launchTemplates));
  return [
    ...(ways.length === 1
      ? []
      : [
          problem(
            'launchTemplate',
            'give one of launchTemplate, mixedInstancesPolicy, launchConfiguration',
            group.name,
          ),
        ]),
    ...missing.map((each) =>
      problem('launchTemplate', `no such version; the file has ${Object.keys(launchTemplates).join(', ')}`, each),
    ),
    ...(old === undefined || Object.hasOwn(images, old.image)
      ? []
      : [problem('launchConfiguration', `no such image; the file has ${Object.keys(images).join(', ')}`, old.image)]),
    ...(min <= desired && desired <= max ? [] : [problem('desired', `between min ${min} and max ${max}`, desired)]),
    ...(group.protectedInstances <= desired
      ? []
      : [problem('protectedInstances', `at most the ${desired} that are desired`, group.protectedInstances)]),
  ];
}

function exists({ name, version }: z.output<typeof template>, templates: Known['launchTemplates']): boolean {
  const found = Object.hasOwn(templates, name) ? templates[name] : undefined;
  if (found === undefined) return false;
  return version.startsWith('$') || Number(version) <= found.versions.length + 1;
}

interface Surroundings {
  readonly autoscaling: AutoScaling;
  readonly ec2: Ec2Store;
  readonly images: Known['images'];
  readonly outputs: Outputs;
}

/** Puts the groups of an entry there, each with its instances. */
export function addAutoScalingGroups(given: FleetAutoScalingGroup, on: Surroundings): void {
  const group = standing(given, on);
  for (let number = 1; number <= (given.count ?? 1); number++) {
    const AutoScalingGroupName = given.count === undefined ? given.name : `${given.name}-${number}`;
    on.autoscaling.place({ ...group, input: { ...group.input, AutoScalingGroupName } });
  }
}

function standing(given: FleetAutoScalingGroup, { ec2, images, outputs }: Surroundings): StandingGroup {
  const { launchConfiguration: old, mixedInstancesPolicy: mixed, instanceMaintenancePolicy: policy, desired } = given;
  const subnets = [...ec2.network.subnets.values()].filter(
    ({ availabilityZone: zone }) => given.zones?.includes(zone) ?? true,
  );
  const tagged = (all: Readonly<Record<string, string>>, PropagateAtLaunch: boolean) =>
    Object.entries(all).map(([Key, Value]) => ({ Key, Value, PropagateAtLaunch }));
  return {
    input: {
      AutoScalingGroupName: given.name,
      LaunchTemplate: given.launchTemplate && specification(given.launchTemplate),
      MixedInstancesPolicy: mixed && policyOf(mixed),
      LaunchConfigurationName: old?.name,
      MinSize: given.min ?? desired,
      MaxSize: given.max ?? desired,
      DesiredCapacity: desired,
      VPCZoneIdentifier: subnets.map(({ subnetId }) => subnetId).join(','),
      HealthCheckGracePeriod: given.healthCheckGraceSeconds,
      DefaultInstanceWarmup: given.defaultInstanceWarmupSeconds,
      InstanceMaintenancePolicy: policy && {
        MinHealthyPercentage: policy.minHealthyPercentage,
        MaxHealthyPercentage: policy.maxHealthyPercentage,
      },
      NewInstancesProtectedFromScaleIn: given.newInstancesProtected,
      Tags: [...tagged(given.tags, true), ...tagged(given.groupTags, false)],
    },
    uptimeSeconds: given.uptimeSeconds,
    protectedInstances: given.protectedInstances,
    standbyInstances: given.standbyInstances,
    suspended: given.suspended,
    launched: old && {
      imageId: images[old.image]?.id,
      instanceType: old.type,
      instanceProfile: old.profile === undefined ? undefined : outputOf(old.profile, outputs),
    },
  };
}

const specification = ({ name, version }: z.output<typeof template>): LaunchTemplateSpecification => ({
  LaunchTemplateName: name,
  Version: version,
});

function policyOf(mixed: NonNullable<FleetAutoScalingGroup['mixedInstancesPolicy']>): MixedInstancesPolicy {
  const overrides = mixed.overrides.map(({ type, launchTemplate }) => ({
    InstanceType: type,
    LaunchTemplateSpecification: launchTemplate && specification(launchTemplate),
  }));
  return {
    LaunchTemplate: { LaunchTemplateSpecification: specification(mixed.launchTemplate), Overrides: overrides },
    InstancesDistribution: { OnDemandAllocationStrategy: mixed.onDemandAllocationStrategy },
  };
}

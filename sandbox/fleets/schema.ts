import * as z from 'zod';
import { FleetAutoScalingGroup, groupProblems } from './auto-scaling-groups.ts';
import { FleetImage } from './images.ts';
import { FleetKeys } from './keys.ts';
import { FleetLaunchTemplate, LaunchTemplateName, launchTemplateProblems } from './launch-templates.ts';
import { container, device, files, instanceType, listener, profile, tags, unit } from './parts.ts';
import { Users } from './users.ts';

const load = z.tuple([z.number().min(0), z.number().min(0), z.number().min(0)]);

const volume = z.strictObject({
  device,
  sizeGiB: z.int().min(1),
  label: z.string().max(16).default(''),
  /** Where /etc/fstab of a Linux instance mounts it; attached but not mounted without one. */
  mountPoint: z.string().regex(/^\/./).optional(),
  files: files.default({}),
  tags: tags.default({}),
});

const state = z.enum(['running', 'stopped']);

const agent = z.enum(['online', 'offline', 'dead', 'dies-at-command', 'hangs', 'unreachable', 'access-denied', 'none']);

/** What is different on some of many: on number `offset`, and on every so-manieth from there. */
const variation = z.strictObject({
  every: z.int().min(1),
  offset: z.int().min(1).optional(),
  agent: agent.optional(),
  state: state.optional(),
  /** Beside those of all; a tag or file of the same name is replaced. */
  tags: tags.default({}),
  files: files.default({}),
});

const instance = z.strictObject({
  name: z.string().min(1),
  id: z
    .string()
    .regex(/^i-[0-9a-f]{17}$/, 'an instance id is i- and 17 hexadecimal digits')
    .optional(),
  image: z.string(),
  type: instanceType.default('t3.small'),
  tags: tags.default({}),
  /** Its instance profile by name, or by the CloudFormation output that holds the name. */
  profile: profile.optional(),
  /** Its Auto Scaling group: the tag `aws:autoscaling:groupName`, which callers can see and filter by and not write. */
  autoScalingGroup: z.string().min(1).max(255).optional(),
  state: state.default('running'),
  agent: agent.default('online'),
  uptimeSeconds: z.int().min(0).default(86_400),
  /** So many alike, `name-1` and on; their ids are made up. */
  count: z.int().min(1).max(50_000).optional(),
  /** Where some of them differ; where two rules meet, the later one holds. */
  vary: z.array(variation).default([]),
  units: z.array(unit).default([]),
  containers: z.array(container).default([]),
  listeners: z.array(listener).default([]),
  memoryUsed: z.number().min(0).max(1).default(0.3),
  load: load.default([0.05, 0.04, 0.01]),
  files: files.default({}),
  volumes: z.array(volume).default([]),
});

const parameter = z.strictObject({
  type: z.enum(['String', 'StringList', 'SecureString']).default('String'),
  value: z.string().min(1),
  dataType: z.enum(['text', 'aws:ec2:image']).default('text'),
  description: z.string().max(1024).optional(),
  tier: z.enum(['Standard', 'Advanced', 'Intelligent-Tiering']).default('Standard'),
});

const alarm = z.strictObject({ state: z.enum(['OK', 'ALARM', 'INSUFFICIENT_DATA']) });

const base = z.strictObject({
  description: z.string().default(''),
  images: z.record(z.string(), FleetImage),
  instances: z.array(instance),
  launchTemplates: z.record(LaunchTemplateName, FleetLaunchTemplate).default({}),
  autoScalingGroups: z.array(FleetAutoScalingGroup).default([]),
  parameters: z.record(z.string(), parameter).default({}),
  /** States of CloudWatch alarms by name; an alarm is made where the stacks have none of the name. */
  alarms: z.record(z.string().min(1).max(255), alarm).default({}),
  keys: FleetKeys.default({}),
  users: Users.default([]),
});

export type Fleet = z.output<typeof base>;
export type FleetInstance = Fleet['instances'][number];

/** A fleet file: what the sandbox's account holds before anybody calls it. */
export const Fleet: z.ZodType<Fleet> = base.superRefine((fleet, context) => {
  for (const [name, template] of Object.entries(fleet.launchTemplates))
    for (const { path, ...problem } of launchTemplateProblems(template, fleet.images))
      context.addIssue({ code: 'custom', path: ['launchTemplates', name, ...path], ...problem });
  fleet.autoScalingGroups.forEach((group, index) => {
    for (const { member, ...problem } of groupProblems(group, fleet))
      context.addIssue({ code: 'custom', path: ['autoScalingGroups', index, member], ...problem });
  });
  const ids = new Set<string>();
  fleet.instances.forEach((each, index) => {
    const refuse = (member: string, message: string, input: unknown) =>
      context.addIssue({ code: 'custom', path: ['instances', index, member], message, input });
    if (!Object.hasOwn(fleet.images, each.image))
      refuse('image', `no such image; the file has ${Object.keys(fleet.images).join(', ')}`, each.image);
    if (each.id !== undefined && ids.has(each.id)) refuse('id', 'another instance has this id', each.id);
    if (each.id !== undefined && each.count !== undefined)
      refuse('id', 'leave the id out where count makes many', each.id);
    if (each.vary.length > 0 && each.count === undefined) refuse('vary', 'only many can vary; give a count', each.vary);
    each.vary.forEach(({ every, offset = every }, rule) => {
      if (offset > every) refuse('vary', `offset is at most every, in rule ${rule}`, each.vary[rule]);
    });
    if (each.id !== undefined) ids.add(each.id);
    const devices = each.volumes.map(({ device }) => device);
    if (new Set(devices).size < devices.length) refuse('volumes', 'two volumes have the same device', devices);
  });
});

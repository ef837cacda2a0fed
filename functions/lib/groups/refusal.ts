import { quoted } from '../quoted.ts';
import { exclusionOf, exclusionOfGroup, type Exclusions, type TaggedInstance } from '../exclusions.ts';
import { templateMisfit, typeMisfit } from './fit.ts';
import type { Followers } from './followers.ts';
import type { GroupState } from './group.ts';
import type { ImageFacts } from './image-facts.ts';
import { staying } from './images-of.ts';
import type { ResolvedTemplate } from './templates.ts';
import type { TypeFacts } from './type-facts.ts';

/** Without these an instance refresh replaces nothing (User Guide, "How suspended processes affect other processes"). */
const NEEDED_PROCESSES = ['Launch', 'Terminate', 'InstanceRefresh'];

/** Tags of services that make groups and their templates for themselves, and would undo or trip over what others change. */
const OWNERS: Readonly<Record<string, string>> = {
  'eks:nodegroup-name': 'Amazon EKS',
  'elasticbeanstalk:environment-name': 'AWS Elastic Beanstalk',
  AWSBatchServiceTag: 'AWS Batch',
};

export interface Refusal {
  readonly reason: 'TargetNotAllowed' | 'TargetNotRollable' | 'TemplateNotPinned' | 'ImageDoesNotFit';
  /** A sentence without its end that begins with the group's name. */
  readonly message: string;
}

/** What groups are held to. */
export interface GroupRules {
  readonly tagGate: { readonly key: string; readonly value: string };
  readonly exclusions: readonly Exclusions[];
}

/** What has to be known of AMIs, instance types, other groups and instances; the same for many groups. See survey.ts. */
export interface Facts {
  readonly image: ImageFacts;
  /** The AMIs that templates launch now, by id, as far as they still exist. */
  readonly images: ReadonlyMap<string, ImageFacts>;
  readonly types: ReadonlyMap<string, TypeFacts>;
  readonly followers: Followers;
  /** The groups' instances by id, as EC2 shows them. */
  readonly members: ReadonlyMap<string, TaggedInstance>;
}

/** Why a group may not be touched at all; undefined where it may. */
export function gateRefusal(
  group: GroupState,
  members: Facts['members'],
  { tagGate: { key, value }, exclusions }: GroupRules,
): Refusal | undefined {
  const refuse = (why: string): Refusal => ({ reason: 'TargetNotAllowed', message: `${group.name} ${why}` });
  const found = group.tags[key];
  if (found !== value)
    return refuse(
      `is not tagged ${key}=${value} (${found === undefined ? 'it has no such tag' : `its value is ${JSON.stringify(found)}`})`,
    );
  const exclusion = exclusionOfGroup(group, exclusions);
  if (exclusion !== undefined) return refuse(exclusion);
  for (const { id } of staying(group)) {
    const excluded = exclusionOf(members.get(id) ?? { InstanceId: id }, exclusions);
    if (excluded !== undefined) return refuse(`has the instance ${id}, which ${excluded}`);
  }
  return undefined;
}

/**
 * Why a group is not rolled to an AMI; undefined where nothing is against it. Decides by what was read and reads nothing.
 * Source: Auto Scaling User Guide, "Use an instance refresh to update instances in an Auto Scaling group".
 */
export function refusalOf(
  group: GroupState,
  templates: readonly ResolvedTemplate[],
  facts: Facts,
  rules: GroupRules,
): Refusal | undefined {
  const message = (why: string) => `${group.name} ${why}`;
  const first = gateRefusal(group, facts.members, rules) ?? rollableRefusal(group, templates);
  if (first !== undefined) return first;
  const notPinned = whyNotPinned(group, templates, facts);
  if (notPinned !== undefined) return { reason: 'TemplateNotPinned', message: message(notPinned) };
  const misfit = whyMisfit(templates, facts);
  if (misfit === undefined) return undefined;
  return { reason: 'ImageDoesNotFit', message: message(`cannot run ${facts.image.imageId}, which ${misfit}`) };
}

/** Why an instance refresh of a group would not do, whichever the AMI; undefined where it would. */
export function rollableRefusal(group: GroupState, templates: readonly ResolvedTemplate[]): Refusal | undefined {
  const why = whyNotRollable(group, templates);
  return why === undefined ? undefined : { reason: 'TargetNotRollable', message: `${group.name} ${why}` };
}

function whyNotRollable(group: GroupState, templates: readonly ResolvedTemplate[]): string | undefined {
  const owner = Object.entries(OWNERS).find(([tag]) => tag in group.tags);
  if (owner !== undefined)
    return `is managed by ${owner[1]} (tag ${owner[0]}), which has ways of its own to change AMIs`;
  if (group.launchConfiguration !== undefined)
    return `launches by the launch configuration ${group.launchConfiguration}, which has no versions. Give it a launch template`;
  if (templates.length === 0) return 'has no launch template';
  const missing = templates.find(({ number }) => number === null);
  if (missing !== undefined)
    return `launches by version ${missing.version} of ${missing.launchTemplateId}, which does not exist`;
  if (templates.some(({ imageId }) => imageId === null)) return 'has a launch template without an AMI';
  const own = group.mixedInstances?.LaunchTemplate?.Overrides?.findIndex(({ ImageId }) => ImageId !== undefined) ?? -1;
  if (own >= 0) return `has an AMI of its own in override ${own} of its mixed-instances policy, beside its template`;
  const suspended = NEEDED_PROCESSES.filter((process) => group.suspendedProcesses.includes(process));
  if (suspended.length > 0)
    return (
      `has suspended ${suspended.join(', ')}, without which nothing is replaced. To resume: ` +
      `aws autoscaling resume-processes --auto-scaling-group-name ${quoted(group.name)} --scaling-processes ${suspended.join(' ')}`
    );
  return undefined;
}

function whyNotPinned(
  group: GroupState,
  templates: readonly ResolvedTemplate[],
  { followers }: Facts,
): string | undefined {
  const byParameter = templates.find(({ imageId }) => imageId?.startsWith('resolve:ssm:'));
  if (byParameter !== undefined)
    return (
      `launches ${byParameter.imageId} by its template ${byParameter.launchTemplateId}, whatever the parameter holds at the time: ` +
      'Auto Scaling rolls no such group back. Give the template an AMI id'
    );
  for (const { launchTemplateId } of templates) {
    const others = (followers.get(launchTemplateId) ?? []).filter((name) => name !== group.name);
    if (others.length > 0)
      return (
        `launches by ${launchTemplateId}, whose latest version ${others.join(', ')} ${others.length === 1 ? 'follows' : 'follow'}: ` +
        'a new version would be launched there at once. Give them the number of a version'
      );
  }
  return undefined;
}

function whyMisfit(templates: readonly ResolvedTemplate[], { image, images, types }: Facts): string | undefined {
  if (image.state !== 'available') return `is ${image.state}, not available`;
  for (const template of templates) {
    const misfit = templateMisfit(image, template, images.get(template.imageId ?? ''));
    if (misfit !== undefined) return misfit;
    for (const type of typesOf(template)) {
      const facts = types.get(type);
      const typed = facts && typeMisfit(image, type, facts);
      if (typed !== undefined) return typed;
    }
  }
  return undefined;
}

/** The instance types that a group launches by a template; none are known where it chooses them by their attributes. */
export const typesOf = ({ instanceTypes, data: { InstanceType } }: ResolvedTemplate): readonly string[] =>
  instanceTypes ?? (InstanceType === undefined ? [] : [InstanceType]);

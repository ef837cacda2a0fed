import type { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import type { EC2Client, Instance } from '@aws-sdk/client-ec2';
import { readFollowers } from './followers.ts';
import type { GroupState } from './group.ts';
import { readImages, type ImageFacts } from './image-facts.ts';
import { imagesOf, membersOf } from './images-of.ts';
import { typesOf, type Facts } from './refusal.ts';
import { resolveTemplates, type ResolvedTemplate } from './templates.ts';
import { readInstanceTypes } from './type-facts.ts';

/** A group, what its templates say, and how many of its instances run which AMI. */
export interface SurveyedGroup {
  readonly group: GroupState;
  readonly templates: readonly ResolvedTemplate[];
  readonly images: Readonly<Record<string, number>>;
}

/** Groups and all that has to be known to say whether they can be rolled to an AMI. */
export interface Survey {
  readonly groups: readonly SurveyedGroup[];
  /** Without the AMI where it does not exist, or is not shared with the account. */
  readonly facts: Omit<Facts, 'image' | 'members'> & {
    readonly image: ImageFacts | undefined;
    readonly members: ReadonlyMap<string, Instance>;
  };
}

/**
 * Reads what is to be known of groups and an AMI, in as few calls for many groups as for one. Source: EC2
 * DescribeLaunchTemplateVersions, DescribeInstances, DescribeImages, DescribeInstanceTypes, Auto Scaling DescribeAutoScalingGroups.
 */
export async function survey(
  { autoScaling, ec2 }: { readonly autoScaling: AutoScalingClient; readonly ec2: EC2Client },
  groups: readonly GroupState[],
  imageId: string,
): Promise<Survey> {
  const refs = groups.flatMap(({ templates }) => templates);
  const resolved = await resolveTemplates(ec2, refs);
  const byRef = new Map(resolved.map((template, index) => [refs[index], template]));
  const members = await membersOf(ec2, groups);
  const used = resolved.flatMap((template) => (template.imageId?.startsWith('ami-') ? template.imageId : []));
  const images = await readImages(ec2, [imageId, ...used]);
  const types = await readInstanceTypes(ec2, resolved.flatMap(typesOf));
  const followers = await readFollowers(autoScaling);
  return {
    groups: groups.map((group) => ({
      group,
      templates: group.templates.flatMap((ref) => byRef.get(ref) ?? []),
      images: imagesOf(group, members),
    })),
    facts: { image: images.get(imageId), images, types, followers, members },
  };
}

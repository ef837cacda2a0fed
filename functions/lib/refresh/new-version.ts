import { createHash } from 'node:crypto';
import {
  CreateLaunchTemplateVersionCommand,
  paginateDescribeLaunchTemplateVersions,
  type EC2Client,
} from '@aws-sdk/client-ec2';
import type { ResolvedTemplate } from '../groups/templates.ts';

/** At most 64 characters; the same for each try of one execution. */
const tokenOf = (...parts: readonly string[]): string => createHash('sha256').update(parts.join('\n')).digest('hex');

/** What a version made here says of itself; by it, one that an earlier execution made is found again. */
const descriptionOf = (imageId: string, source: string): string => `Fleetwright: version ${source} with ${imageId}`;

/**
 * The number of the version that is as a template's is but for its AMI: its own where that has the AMI, one that was made
 * before, or a new one. Source: EC2 CreateLaunchTemplateVersion, DescribeLaunchTemplateVersions.
 */
export async function versionWith(
  ec2: EC2Client,
  { launchTemplateId, number, imageId: old, data }: ResolvedTemplate,
  imageId: string,
  executionArn: string,
): Promise<string> {
  const source = number ?? '';
  if (old === imageId) return source;
  const description = descriptionOf(imageId, source);
  const wanted = stable({ ...data, ImageId: imageId });
  const pages = paginateDescribeLaunchTemplateVersions(
    { client: ec2 },
    { LaunchTemplateId: launchTemplateId, MinVersion: source, MaxResults: 200 },
  );
  for await (const { LaunchTemplateVersions = [] } of pages) {
    const made = LaunchTemplateVersions.find(
      (each) => each.VersionDescription === description && stable(each.LaunchTemplateData) === wanted,
    );
    if (made !== undefined) return String(made.VersionNumber);
  }
  const { LaunchTemplateVersion } = await ec2.send(
    new CreateLaunchTemplateVersionCommand({
      LaunchTemplateId: launchTemplateId,
      SourceVersion: source,
      VersionDescription: description,
      LaunchTemplateData: { ImageId: imageId },
      ClientToken: tokenOf(executionArn, launchTemplateId, source, imageId, 'create-template-version'),
    }),
  );
  return String(LaunchTemplateVersion?.VersionNumber ?? '');
}

/** A value as text, whatever the order of its keys. */
const stable = (value: unknown): string =>
  JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([one], [other]) => (one < other ? -1 : 1)))
      : each,
  );

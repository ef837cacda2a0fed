import {
  paginateDescribeLaunchTemplateVersions,
  type EC2Client,
  type LaunchTemplateVersion,
  type ResponseLaunchTemplateData,
} from '@aws-sdk/client-ec2';
import { each } from '../each.ts';
import type { TemplateVersion } from '../schemas/refresh-asg.ts';
import type { TemplateRef } from './group.ts';

const PAGE = 200;

/** A launch template as a group names it, and what its version says. */
export interface ResolvedTemplate extends TemplateRef {
  /** The number of the version; null where there is no such template or version. */
  readonly number: string | null;
  /** An AMI, or `resolve:ssm:…` as the template has it; null where it has none. */
  readonly imageId: string | null;
  readonly data: ResponseLaunchTemplateData;
}

/**
 * What templates say, in their order; each distinct template is read once. Source: EC2 DescribeLaunchTemplateVersions.
 */
export async function resolveTemplates(ec2: EC2Client, refs: readonly TemplateRef[]): Promise<ResolvedTemplate[]> {
  const ids = [...new Set(refs.map(({ launchTemplateId }) => launchTemplateId))];
  const read = await each(ids, async (id) => {
    const versions = new Set(refs.flatMap((ref) => (ref.launchTemplateId === id ? ref.version : [])));
    return [id, await readVersions(ec2, id, [...versions])] as const;
  });
  const versions = new Map(read);
  return refs.map((ref) => {
    const found = versionOf(versions.get(ref.launchTemplateId) ?? [], ref.version);
    const data = found?.LaunchTemplateData ?? {};
    const number = found?.VersionNumber === undefined ? null : String(found.VersionNumber);
    return { ...ref, number, imageId: data.ImageId ?? null, data };
  });
}

/** What templates say, as it is recorded: by their numbers. */
export const versionsOf = (templates: readonly ResolvedTemplate[]): TemplateVersion[] =>
  templates.map(({ override, launchTemplateId, number, imageId }) => ({
    override,
    launchTemplateId,
    version: number ?? '',
    imageId: imageId ?? '',
  }));

/** Those of the versions that exist. Source: EC2 DescribeLaunchTemplateVersions. */
async function readVersions(ec2: EC2Client, id: string, versions: string[]): Promise<LaunchTemplateVersion[]> {
  const found: LaunchTemplateVersion[] = [];
  try {
    for await (const page of paginateDescribeLaunchTemplateVersions(
      { client: ec2 },
      { LaunchTemplateId: id, Versions: versions, MaxResults: PAGE },
    ))
      found.push(...(page.LaunchTemplateVersions ?? []));
    return found;
  } catch (error) {
    if (!(error instanceof Error) || !isMissing(error)) throw error;
    // One version that is gone hides the others.
    if (!error.name.includes('Version') || versions.length === 1) return [];
    return (await each(versions, (version) => readVersions(ec2, id, [version]))).flat();
  }
}

const isMissing = ({ name }: Error): boolean =>
  /^InvalidLaunchTemplate(?:Id|Name)\.(?:NotFound|VersionNotFound|MalformedException)$/.test(name);

/** `$Latest` and `$Default` were asked for too where they are looked for here, so that they are among those found. */
function versionOf(found: readonly LaunchTemplateVersion[], version: string): LaunchTemplateVersion | undefined {
  if (version === '$Default') return found.find(({ DefaultVersion }) => DefaultVersion);
  if (version !== '$Latest') return found.find(({ VersionNumber }) => String(VersionNumber) === version);
  const numbers = found.map(({ VersionNumber = 0 }) => VersionNumber);
  return found.find(({ VersionNumber }) => VersionNumber === Math.max(...numbers));
}

import type { ImageFacts } from './image-facts.ts';
import type { ResolvedTemplate } from './templates.ts';
import type { TypeFacts } from './type-facts.ts';

/** Names that root devices have; a template that maps the other one means the root of another AMI. */
const ROOTS = ['/dev/xvda', '/dev/sda1'];

/** Why an AMI cannot be launched on an instance type, as the end of a sentence that begins with the AMI's id. */
export function typeMisfit(image: ImageFacts, type: string, facts: TypeFacts): string | undefined {
  const { architecture, virtualizationType, bootMode, rootDeviceType } = image;
  const lacks = (supported: readonly string[], wanted: string) => supported.length > 0 && !supported.includes(wanted);
  if (lacks(facts.architectures, architecture))
    return `is for ${architecture}, and ${type} runs ${facts.architectures.join(', ')}`;
  if (lacks(facts.virtualizationTypes, virtualizationType))
    return `is for ${virtualizationType} virtualization, and ${type} has ${facts.virtualizationTypes.join(', ')}`;
  // Whatever the type has does for uefi-preferred, and for an AMI that does not say.
  if (bootMode !== undefined && bootMode !== 'uefi-preferred' && lacks(facts.bootModes, bootMode))
    return `boots by ${bootMode}, and ${type} by ${facts.bootModes.join(', ')}`;
  if (lacks(facts.rootDeviceTypes, rootDeviceType))
    return `has its root on ${rootDeviceType}, and ${type} takes ${facts.rootDeviceTypes.join(', ')}`;
  return undefined;
}

/** The same for a template: its block devices, and the AMI that it launches now, as far as that is still known. */
export function templateMisfit(
  image: ImageFacts,
  { data }: ResolvedTemplate,
  before: ImageFacts | undefined,
): string | undefined {
  if (before !== undefined && before.platform !== image.platform)
    return `is for ${image.platform}, and its template launches ${before.platform} now`;
  const roots = new Set([...ROOTS, ...(before === undefined ? [] : [before.rootDeviceName])]);
  for (const { DeviceName: device = '', Ebs } of data.BlockDeviceMappings ?? []) {
    const isRoot = device === image.rootDeviceName;
    if (!isRoot && roots.has(device) && !(device in image.deviceSizesGiB))
      return `has its root on ${image.rootDeviceName}, and its template maps the root as ${device}`;
    if (isRoot && Ebs?.SnapshotId !== undefined)
      return `brings its root with it, and its template gives ${device} the snapshot ${Ebs.SnapshotId}`;
    const least = image.deviceSizesGiB[device] ?? 0;
    if (Ebs?.SnapshotId === undefined && Ebs?.VolumeSize !== undefined && Ebs.VolumeSize < least)
      return `needs ${least} GiB on ${device}, and its template gives it ${Ebs.VolumeSize} GiB`;
  }
  return undefined;
}

import type { InstanceRefresh } from '@aws-sdk/client-auto-scaling';
import type { EC2Client } from '@aws-sdk/client-ec2';
import type { GroupInstance, GroupState } from '../groups/group.ts';
import { imagesOf, membersOf, staying } from '../groups/images-of.ts';
import { resolveTemplates, versionsOf } from '../groups/templates.ts';
import type { TemplateVersion } from '../schemas/refresh-asg.ts';
import type { RefreshEnd, RefreshPlan } from '../schemas/refresh-asg-run.ts';
import { activeCommand, isStandby, refreshCommand } from './commands.ts';
import { sameVersions } from './configuration.ts';

/** How many instances are named. */
const MOST_NAMED = 20;

/** What a group launches and runs. */
export interface Seen {
  readonly current: TemplateVersion[];
  readonly images: Record<string, number>;
  /** Those of its instances that stay, with their AMIs as far as EC2 knows them. */
  readonly running: readonly (readonly [GroupInstance, imageId: string | undefined])[];
}

/** Source: EC2 DescribeLaunchTemplateVersions, DescribeInstances. */
export async function look(ec2: EC2Client, group: GroupState): Promise<Seen> {
  const current = versionsOf(await resolveTemplates(ec2, group.templates));
  const members = await membersOf(ec2, [group]);
  const running = staying(group).map((instance) => [instance, members.get(instance.id)?.ImageId] as const);
  return { current, images: imagesOf(group, members), running };
}

interface Refreshed {
  readonly plan: RefreshPlan;
  readonly previous: readonly TemplateVersion[];
  readonly target: readonly TemplateVersion[];
  readonly end: RefreshEnd;
  readonly instanceRefreshIds: readonly string[];
}

interface Verdict {
  readonly status: 'Refreshed' | 'RolledBack' | 'Failed';
  readonly statusReason: string;
  readonly repairCommand?: string | undefined;
  /** Instances that were left alone on purpose, and are on another AMI than the group launches. */
  readonly kept: readonly GroupInstance[];
}

/**
 * What became of a group: it is wholly on the new versions, wholly on the previous ones, or neither. `active`: the instance
 * refresh that goes on, whoever started it.
 */
export function verdictOf(of: Refreshed, seen: Seen, active: InstanceRefresh | undefined): Verdict {
  const { plan, previous, target, end, instanceRefreshIds } = of;
  const settled = (versions: readonly TemplateVersion[]) =>
    active === undefined && sameVersions(seen.current, versions) && notOn(seen, versions).strays.length === 0;
  if (settled(target)) return { status: 'Refreshed', statusReason: end.reason, ...leftAlone(of, seen, target) };
  if (settled(previous) && instanceRefreshIds.length > 0)
    return { status: 'RolledBack', statusReason: end.reason, ...leftAlone(of, seen, previous) };
  const { kept, strays } = notOn(seen, seen.current);
  const { autoScalingGroupName: name } = plan;
  const statusReason = [
    end.reason,
    active === undefined ? '' : `The instance refresh ${active.InstanceRefreshId ?? ''} goes on.`,
    strays.length === 0 ? '' : `${named(strays)} not on what the group launches.`,
  ];
  const repair = strays.length + kept.length === 0 ? undefined : refreshCommand(name, kept);
  return {
    status: 'Failed',
    statusReason: statusReason.filter((reason) => reason !== '').join(' '),
    repairCommand: active === undefined ? repair : activeCommand(name, active, instanceRefreshIds),
    kept,
  };
}

function leftAlone({ plan }: Refreshed, seen: Seen, versions: readonly TemplateVersion[]) {
  const { kept } = notOn(seen, versions);
  return { kept, repairCommand: kept.length === 0 ? undefined : refreshCommand(plan.autoScalingGroupName, kept) };
}

/** Instances that run none of the AMIs of some versions: those that were left alone on purpose, and others. */
function notOn({ running }: Seen, versions: readonly TemplateVersion[]) {
  const wanted = new Set(versions.map(({ imageId }) => imageId));
  const others = running.flatMap(([instance, imageId]) =>
    imageId === undefined || wanted.has(imageId) ? [] : [instance],
  );
  const isKept = (instance: GroupInstance) => instance.isProtected || isStandby(instance);
  return { kept: others.filter(isKept), strays: others.filter((instance) => !isKept(instance)) };
}

function named(strays: readonly GroupInstance[]): string {
  const ids = strays.slice(0, MOST_NAMED).map(({ id }) => id);
  const more = strays.length > ids.length ? ` and ${strays.length - ids.length} more` : '';
  return `${ids.join(', ')}${more} ${strays.length === 1 ? 'is' : 'are'}`;
}

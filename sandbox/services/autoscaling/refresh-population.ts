import { type Group, isCapacity, isInService, type Member, type Refresh } from './model.ts';
import type { Population } from './refresh-plan.ts';

/** The instances of a group as a refresh sees them. */
export interface Census extends Population {
  readonly candidates: readonly Member[];
  /** Of the current instances those that are ready, and those that are in service at least. */
  readonly currentReady: number;
  readonly currentInService: number;
  /** Of the current instances those that are ready and were launched by the refresh, and those that it keeps. */
  readonly updated: number;
  readonly kept: number;
  /** Still to be replaced, among them what may not be replaced now. */
  readonly outdated: number;
  /** On standby, to be terminated without a replacement. */
  readonly standby: readonly Member[];
  /** When the next instance has warmed up. */
  readonly warmAt: number | undefined;
  /** Examples of what is waited for. */
  readonly waiting: {
    readonly protected: Member | undefined;
    readonly standby: Member | undefined;
    readonly warming: Member | undefined;
    readonly unchecked: Member | undefined;
  };
}

const warmsUntil = ({ inServiceAt }: Member, { preferences }: Refresh): number =>
  inServiceAt + preferences.instanceWarmup * 1000;

/** Healthy, checked by EC2 once, and warmed up (guide: "Instance maintenance policy", minimum healthy percentage). */
const isReady = (member: Member, refresh: Refresh, now: number): boolean =>
  isInService(member) && member.checked && warmsUntil(member, refresh) <= now;

type Standing = 'current' | 'candidate' | 'protected' | 'pending' | 'standby' | 'ignored';

/** What a refresh does with an instance by its preferences for protected instances and for those on standby. */
function standing(member: Member, { outdated, preferences }: Refresh): Standing {
  const { scaleInProtectedInstances, standbyInstances } = preferences;
  if (member.lifecycle === 'Standby')
    return !outdated.has(member.instanceId) || standbyInstances === 'Ignore' ? 'ignored' : 'standby';
  if (!isCapacity(member)) return 'ignored';
  if (!outdated.has(member.instanceId)) return 'current';
  if (member.protectedFromScaleIn && scaleInProtectedInstances !== 'Refresh')
    return scaleInProtectedInstances === 'Ignore' ? 'current' : 'protected';
  return member.lifecycle === 'Pending' ? 'pending' : 'candidate';
}

/** How many instances shall be current before the refresh pauses at a checkpoint, or is done. */
function goalOf({ desired }: Group, refresh: Refresh): number {
  const checkpoints = refresh.rollback === undefined ? refresh.preferences.checkpointPercentages : [];
  const percentage = checkpoints.find((each) => each > refresh.checkpoint) ?? checkpoints.at(-1) ?? 100;
  return Math.ceil((desired * percentage) / 100);
}

export function census(group: Group, refresh: Refresh, now: number): Census {
  const by = Map.groupBy(group.members.values(), (member) => standing(member, refresh));
  const of = (...kinds: readonly Standing[]) => kinds.flatMap((kind) => by.get(kind) ?? []);
  const ready = (member: Member) => isReady(member, refresh, now);
  const current = of('current');
  const isNew = ({ instanceId }: Member) => refresh.launched.has(instanceId);
  const active = of('current', 'candidate', 'protected', 'pending');
  // What is not ready yet goes first: it costs no capacity.
  const candidates = of('candidate').toSorted(
    (one, other) => Number(ready(one)) - Number(ready(other)) || one.launchedAt - other.launchedAt,
  );
  const standby = of('standby');
  const warming = active.filter((member) => isInService(member) && member.checked && !ready(member));
  const terminatesStandby = refresh.preferences.standbyInstances === 'Terminate';
  return {
    desired: group.desired,
    total: active.length,
    inService: active.filter(isInService).length,
    ready: active.filter(ready).length,
    current: current.length,
    replaceable: candidates.map(ready),
    goal: goalOf(group, refresh),
    candidates,
    currentReady: current.filter(ready).length,
    currentInService: current.filter(isInService).length,
    updated: current.filter((member) => isNew(member) && ready(member)).length,
    kept: current.filter((member) => !isNew(member)).length,
    outdated: of('candidate', 'protected', 'pending', 'standby').length,
    standby: terminatesStandby ? standby : [],
    warmAt: warming.length === 0 ? undefined : Math.min(...warming.map((member) => warmsUntil(member, refresh))),
    waiting: {
      protected: of('protected')[0],
      standby: terminatesStandby ? undefined : standby[0],
      warming: warming[0],
      unchecked: active.find((member) => !member.checked),
    },
  };
}

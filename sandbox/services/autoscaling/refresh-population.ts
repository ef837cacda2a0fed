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

interface Tally {
  total: number;
  inService: number;
  ready: number;
  current: number;
  currentReady: number;
  currentInService: number;
  updated: number;
  kept: number;
  outdated: number;
  warmAt: number | undefined;
}

/** Counts the instances of a group in one go, in the order of their launch: big groups are counted often. */
export function census(group: Group, refresh: Refresh, now: number): Census {
  const tally: Tally = {
    ...{ total: 0, inService: 0, ready: 0, current: 0, currentReady: 0, currentInService: 0 },
    ...{ updated: 0, kept: 0, outdated: 0, warmAt: undefined },
  };
  const [ready, unready, standby]: [Member[], Member[], Member[]] = [[], [], []];
  const waiting: { -readonly [K in keyof Census['waiting']]: Census['waiting'][K] } = {
    ...{ protected: undefined, standby: undefined, warming: undefined, unchecked: undefined },
  };
  for (const member of group.members.values()) {
    const stands = standing(member, refresh);
    if (stands === 'ignored') continue;
    if (stands !== 'current') tally.outdated++;
    if (stands === 'standby') {
      standby.push(member);
      continue;
    }
    const isReadyNow = isReady(member, refresh, now);
    count(tally, member, isReadyNow);
    if (stands === 'current') countCurrent(tally, member, isReadyNow, refresh);
    if (stands === 'candidate') (isReadyNow ? ready : unready).push(member);
    if (stands === 'protected') waiting.protected ??= member;
    if (!member.checked) waiting.unchecked ??= member;
    else if (!isReadyNow && isInService(member)) {
      waiting.warming ??= member;
      tally.warmAt = Math.min(tally.warmAt ?? Number.POSITIVE_INFINITY, warmsUntil(member, refresh));
    }
  }
  const terminatesStandby = refresh.preferences.standbyInstances === 'Terminate';
  if (!terminatesStandby) waiting.standby = standby[0];
  return {
    ...tally,
    ...{ desired: group.desired, goal: goalOf(group, refresh), waiting },
    // What is not ready yet goes first: it costs no capacity.
    candidates: [...unready, ...ready],
    replaceable: [...unready.map(() => false), ...ready.map(() => true)],
    standby: terminatesStandby ? standby : [],
  };
}

function count(tally: Tally, member: Member, ready: boolean): void {
  tally.total++;
  if (isInService(member)) tally.inService++;
  if (ready) tally.ready++;
}

function countCurrent(tally: Tally, member: Member, ready: boolean, { launched }: Refresh): void {
  tally.current++;
  if (isInService(member)) tally.currentInService++;
  if (ready) tally.currentReady++;
  if (!launched.has(member.instanceId)) tally.kept++;
  else if (ready) tally.updated++;
}

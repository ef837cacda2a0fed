import { activeRefresh, type Group, isCounted, type Member } from './model.ts';

/** The instances that count, by zone. */
function byZone({ members, zones }: Group): Map<string, Member[]> {
  const found = new Map(zones.map((zone) => [zone, [] as Member[]]));
  for (const member of members.values())
    if (isCounted(member)) found.set(member.availabilityZone, [...(found.get(member.availabilityZone) ?? []), member]);
  return found;
}

/** Where the next instance goes: the zone with the fewest, the first of the group's where several have. */
export function nextZone(group: Group): string {
  const counted = byZone(group);
  const [first = ''] = group.zones;
  return group.zones.reduce(
    (best, zone) => ((counted.get(zone)?.length ?? 0) < (counted.get(best)?.length ?? 0) ? zone : best),
    first,
  );
}

const versionOf = ({ launchTemplate }: Member): number => Number(launchTemplate?.Version ?? 0);

/**
 * Which instances go when a group scales in, by the default termination policy: not the protected ones; from the zone
 * with the most; of these first what is unhealthy, then what a refresh would replace, then the oldest version of the template, then the oldest.
 */
export function scaleInOrder(group: Group, count: number): Member[] {
  const zones = byZone(group);
  const outdated = activeRefresh(group)?.outdated;
  const rank = ({ instanceId, health }: Member) =>
    health === 'Unhealthy' ? 0 : outdated?.has(instanceId) === true ? 1 : 2;
  const candidates = [...zones.values()]
    .flat()
    .filter(({ protectedFromScaleIn }) => !protectedFromScaleIn)
    .toSorted(
      (one, other) => rank(one) - rank(other) || versionOf(one) - versionOf(other) || one.launchedAt - other.launchedAt,
    );
  const sizes = new Map([...zones].map(([zone, members]) => [zone, members.length]));
  const chosen: Member[] = [];
  while (chosen.length < count && candidates.length > 0) {
    const largest = Math.max(...candidates.map(({ availabilityZone }) => sizes.get(availabilityZone) ?? 0));
    const at = candidates.findIndex(({ availabilityZone }) => sizes.get(availabilityZone) === largest);
    const [member] = candidates.splice(at, 1);
    if (member === undefined) break;
    sizes.set(member.availabilityZone, largest - 1);
    chosen.push(member);
  }
  return chosen;
}

import type { Fleet } from '../../sandbox/fleets/index.ts';
import { amis, deleteGroups, groupFleet, placeGroup } from './groups.ts';
import type { Lab } from './lab.ts';
import { PARAMETER, putAmi, setPolicy, startByHand } from './rollouts.ts';

const ALARM = 'checkout-5xx';

/** Machines and AMIs of all other tests, and what a rollout needs besides. */
export const smallRolloutFleet: Fleet = {
  ...groupFleet,
  alarms: { [ALARM]: { state: 'OK' } },
  parameters: { [PARAMETER]: { type: 'String', value: amis.old, dataType: 'text', tier: 'Standard' } },
};

/** Sets the alarm of the policy. */
async function setAlarm(lab: Lab, StateValue: 'OK' | 'ALARM'): Promise<void> {
  await lab.call('cloudwatch', 'SetAlarmState', { AlarmName: ALARM, StateValue, StateReason: 'a test' });
}

/** How many machines the groups have that follow the parameter, by what they are called. */
export type Sizes = Readonly<Record<string, number>>;

/** The name of a group of one rollout. */
export const groupOf = (part: string, rollout: string): string => `${part}${rollout.replaceAll('/', '.')}`;

/** Leaves nothing of an earlier rollout, and no rule that starts one. */
export async function clearForRollout(lab: Lab): Promise<void> {
  await startByHand(lab);
  await deleteGroups(lab);
  await setAlarm(lab, 'OK');
}

/** Puts groups there, writes a version, and answers with the input of a rollout of it, through one group after the other. */
export async function smallRollout(lab: Lab, rollout: string, sizes: Sizes, policy: object = {}): Promise<object> {
  const scenario = groupOf('', rollout);
  await setPolicy(lab, {
    selector: { tags: { scenario } },
    waves: { canary: 1, batch: 1, concurrency: 10, maxFailures: 0, bakeSeconds: 15 },
    preferences: { minHealthyPercentage: 50, instanceWarmup: 0 },
    rollBack: 'all',
    alarms: [ALARM],
    ...policy,
  });
  for (const [part, count] of Object.entries(sizes))
    await placeGroup(lab, { name: groupOf(part, rollout), count, tags: { SSMRunAllowed: 'true', scenario } });
  await putAmi(lab, amis.good);
  return { parameter: PARAMETER };
}

/** As `smallRollout`; a minute after it has begun, while its first group is refreshed, the alarm fires. */
export async function alarmedRollout(lab: Lab, rollout: string, sizes: Sizes): Promise<object> {
  const { clock } = lab.sandbox;
  clock.schedule(clock.now() + 60_000, () => setAlarm(lab, 'ALARM'));
  return smallRollout(lab, rollout, sizes);
}

import type { Instance } from '@aws-sdk/client-ec2';
import type { InstanceInformation } from '@aws-sdk/client-ssm';
import { exclusionOf, type Exclusions } from '../exclusions.ts';
import type { Refusal } from '../schemas/fleet-command.ts';

/** The tag that lets Fleetwright work on an instance. */
interface TagGate {
  readonly key: string;
  readonly value: string;
}

/** Why a machine is not sent to: the reason and its words. */
export type Refused = readonly [reason: Refusal['reason'], message: string] | undefined;

/** What an instance is held to. */
export interface Rules {
  readonly tagGate: TagGate;
  readonly exclusions: readonly Exclusions[];
}

/** Why an instance is not sent to, by what EC2 says of it; undefined if it may be. */
export function refusedByEc2(instance: Instance | undefined, { tagGate, exclusions }: Rules): Refused {
  const state = instance?.State?.Name;
  if (instance === undefined || state === 'terminated' || state === 'shutting-down')
    return [
      'TargetNotFound',
      instance === undefined ? 'It does not exist in this account and region' : `It is ${state ?? 'gone'}`,
    ];
  const tag = instance.Tags?.find(({ Key }) => Key === tagGate.key);
  if (tag?.Value !== tagGate.value)
    return [
      'TargetNotAllowed',
      `It is not tagged ${tagGate.key}=${tagGate.value} (${tag === undefined ? 'it has no such tag' : `its value is ${JSON.stringify(tag.Value)}`})`,
    ];
  const exclusion = exclusionOf(instance, exclusions);
  if (exclusion !== undefined) return ['TargetExcluded', `It ${exclusion}`];
  return state === 'running' ? undefined : ['TargetNotRunning', `It is ${state ?? 'in an unknown state'}, not running`];
}

/** Why an instance is not sent to, by what SSM says of its agent; undefined if it may be. */
export function refusedBySsm(agent: InstanceInformation | undefined): Refused {
  if (agent === undefined) return ['TargetOffline', 'It is not managed by SSM: its agent never registered'];
  if (agent.PingStatus === 'Online') return undefined;
  const last = agent.LastPingDateTime?.toISOString() ?? 'never';
  return ['TargetOffline', `Its SSM agent is ${agent.PingStatus ?? 'unknown'}, not Online; last ping: ${last}`];
}

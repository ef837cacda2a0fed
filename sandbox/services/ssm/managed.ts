import type { Ec2Store, Instance } from '../ec2/index.ts';

const PING_EVERY = 5 * 60_000;

/** An instance as SSM knows it: the agent has registered, which takes an agent and an instance profile. */
export function isManaged(instance: Instance): boolean {
  return (
    instance.agent !== 'none' &&
    instance.instanceProfile !== undefined &&
    instance.state !== 'terminated' &&
    instance.state !== 'shutting-down'
  );
}

/** Whether a command sent now finds a running agent. */
export const isReachable = (instance: Instance): boolean =>
  instance.state === 'running' && instance.agent !== 'offline' && instance.agent !== 'dead';

/** The instances that SSM knows, in the order in which EC2 has them. */
export const managedInstances = ({ instances }: Ec2Store): readonly Instance[] =>
  [...instances.values()].filter(isManaged);

/** When the agent last reported: every five minutes while it is connected. Epoch milliseconds. */
export function lastPing(instance: Instance, now: number): number {
  if (!isReachable(instance)) return instance.launchTime + PING_EVERY;
  return now - ((now - instance.bootedAt) % PING_EVERY);
}

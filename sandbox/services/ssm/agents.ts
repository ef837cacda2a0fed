import type { AgentMode, Ec2Store, Instance } from '../ec2/index.ts';

/** The SSM agents of the instances, for tests that change how they behave while commands are under way. */
export class Agents {
  readonly #ec2: Ec2Store;

  constructor(ec2: Ec2Store) {
    this.#ec2 = ec2;
  }

  get(instanceId: string): AgentMode {
    return this.#instance(instanceId).agent;
  }

  /** From now on. What a dying agent runs dies with it. Throws Error for an instance that does not exist. */
  set(instanceId: string, mode: AgentMode): void {
    this.#instance(instanceId).agent = mode;
    if (mode === 'dead') this.#ec2.machine(instanceId).halt();
  }

  #instance(instanceId: string): Instance {
    const found = this.#ec2.instances.get(instanceId);
    if (found === undefined) throw new Error(`no instance ${instanceId}`);
    return found;
  }
}

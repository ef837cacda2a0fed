import type { Provisioners } from '../../core/resources.ts';
import type { Caller, Service } from '../../core/service.ts';
import type { World } from '../../core/world.ts';
import type { Ec2Store } from '../ec2/index.ts';
import { Commands } from './commands.ts';
import { followOperations } from './follow.ts';
import { instanceOperations } from './instances.ts';
import { ParameterStore } from './parameter-store.ts';
import { parameterOperations, parameterResources } from './parameters.ts';
import { Runner } from './runner.ts';
import { sendCommand } from './send.ts';

export type { ParameterStore } from './parameter-store.ts';

export interface SsmOptions {
  readonly ec2: Ec2Store;
  /** What the agent on an instance acts as: it uploads output so. An AwsError makes the upload fail, and nothing else. */
  readonly callerOf: (instanceProfile: string, instanceId: string) => Caller;
}

export interface Ssm {
  readonly service: Service;
  readonly resources: Provisioners;
  readonly parameters: ParameterStore;
}

/** AWS Systems Manager: Run Command, managed instances, Parameter Store (API reference, version 2014-11-06). */
export function createSsm(world: World, { ec2, callerOf }: SsmOptions): Ssm {
  const parameters = new ParameterStore(world);
  const commands = new Commands(world);
  commands.useRunner(
    new Runner({ world, ec2, callerOf, changed: (command, invocation) => commands.changed(command, invocation) }),
  );
  const operations = {
    SendCommand: sendCommand(world, ec2, parameters, commands),
    ...followOperations(world, commands),
    ...instanceOperations(world, ec2),
    ...parameterOperations(parameters),
  };
  return { service: { id: 'ssm', operations }, resources: parameterResources(parameters), parameters };
}

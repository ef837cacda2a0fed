import type { Provisioners } from '../../core/resources.ts';
import type { Caller, Service } from '../../core/service.ts';
import type { World } from '../../core/world.ts';
import { type Ec2Store, isSharedWith } from '../ec2/index.ts';
import { Agents } from './agents.ts';
import { createAssociations } from './associations.ts';
import { Commands } from './commands.ts';
import { followOperations } from './follow.ts';
import { instanceOperations } from './instances.ts';
import { parameterChanges } from './parameter-changes.ts';
import { parameterResources } from './parameter-resources.ts';
import { ParameterStore } from './parameter-store.ts';
import { parameterReads } from './parameters.ts';
import { Runner } from './runner.ts';
import { sendCommand, type SendCommandDenial } from './send.ts';

export type { ParameterStore } from './parameter-store.ts';
export type { SendCommandDenial } from './send.ts';

export interface SsmOptions {
  readonly ec2: Ec2Store;
  /** What the agent on an instance acts as: it uploads output so. An AwsError makes the upload fail, and nothing else. */
  readonly callerOf: (instanceProfile: string, instanceId: string) => Caller;
  /** What SendCommand does about instances that its caller may not send to; `call` unless told. */
  readonly sendCommandDenial?: SendCommandDenial | undefined;
}

export interface Ssm {
  readonly service: Service;
  readonly resources: Provisioners;
  readonly parameters: ParameterStore;
  /** How the agents behave, to be changed at any time. */
  readonly agents: Agents;
}

/** AWS Systems Manager: Run Command, State Manager, managed instances, Parameter Store (API reference, version 2014-11-06). */
export function createSsm(world: World, { ec2, callerOf, sendCommandDenial = 'call' }: SsmOptions): Ssm {
  const parameters = new ParameterStore(world);
  const commands = new Commands(world, ec2, new Runner({ world, ec2, callerOf }));
  const associations = createAssociations({ world, ec2, parameters, commands });
  const hasImage = (imageId: string): boolean => {
    const image = ec2.images.get(imageId);
    return image !== undefined && isSharedWith(image, world.account);
  };
  const operations = {
    SendCommand: sendCommand({ world, ec2, store: parameters, commands, denial: sendCommandDenial }),
    ...followOperations(world, commands),
    ...instanceOperations(world, ec2),
    ...parameterReads(parameters),
    ...parameterChanges({ world, store: parameters, hasImage }),
    ...associations.operations,
  };
  return {
    service: { id: 'ssm', operations },
    resources: { ...parameterResources(parameters), ...associations.resources },
    parameters,
    agents: new Agents(ec2),
  };
}

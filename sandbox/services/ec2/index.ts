import type { Provisioners } from '../../core/resources.ts';
import type { Service } from '../../core/service.ts';
import type { World } from '../../core/world.ts';
import { changeOperations } from './changes.ts';
import { describeOperations } from './describe.ts';
import { Shapes } from './shapes.ts';
import { type Ec2Ports, Ec2Store } from './store.ts';

export { tagContext } from './changes.ts';
export { INSTANCE_TYPES } from './instance-types.ts';
export type { Ec2Store } from './store.ts';
export type { Image, ImageDefect } from './images.ts';
export type { AgentMode, Instance, LaunchRequest } from './types.ts';

export interface Ec2 {
  readonly service: Service;
  /** None yet: security groups, launch templates and instances come from fleet files so far. */
  readonly resources: Provisioners;
  /** Instances, volumes, images, and the machine behind each instance. */
  readonly store: Ec2Store;
}

/** Amazon EC2: instances with their life cycle, volumes, images, launch templates, tags (API reference, version 2016-11-15). */
export function createEc2(world: World, ports: Ec2Ports = {}): Ec2 {
  const store = new Ec2Store(world, ports);
  const shapes = new Shapes(world, store);
  const operations = { ...describeOperations(store, shapes, world.account), ...changeOperations(world, store) };
  return { service: { id: 'ec2', operations }, resources: {}, store };
}

import type { Provisioners } from '../../core/resources.ts';
import type { Service } from '../../core/service.ts';
import type { World } from '../../core/world.ts';
import { changeOperations } from './changes.ts';
import { describeOperations } from './describe.ts';
import { imageOperations } from './image-operations.ts';
import { placeOperations } from './places.ts';
import { createLauncher, type Launcher } from './run-instances.ts';
import { Shapes } from './shapes.ts';
import { templateChanges } from './template-changes.ts';
import { templateQueries } from './template-queries.ts';
import { typeOperations } from './type-operations.ts';
import { type Ec2Ports, Ec2Store } from './store.ts';

export { INSTANCE_TYPES } from './instance-types.ts';
export { tagContext } from './tags.ts';
export type { Ec2Store } from './store.ts';
export { type Image, isSharedWith } from './images.ts';
export type { AgentMode, Instance, LaunchRequest } from './types.ts';

export interface Ec2 {
  readonly service: Service;
  /** None yet: what there is comes from fleet files and from calls. */
  readonly resources: Provisioners;
  /** Instances, volumes, images, and the machine behind each instance. */
  readonly store: Ec2Store;
  /** For services that launch in the name of a caller, who must be allowed to do it. */
  readonly launchPermissions: Launcher['permissions'];
}

/** Amazon EC2: instances with their life cycle, volumes, images, launch templates, tags (API reference, version 2016-11-15). */
export function createEc2(world: World, ports: Ec2Ports = {}): Ec2 {
  const store = new Ec2Store(world, ports);
  const shapes = new Shapes(world, store);
  const launcher = createLauncher({ world, store, shapes, callerOf: ports.callerOf });
  const operations = {
    ...describeOperations(store, shapes, world.account),
    ...imageOperations(world, store),
    ...placeOperations(world, store),
    ...typeOperations,
    ...changeOperations(world, store),
    ...launcher.operations,
    ...templateChanges(world, store.templates),
    ...templateQueries(world, store.templates),
  };
  return { service: { id: 'ec2', operations }, resources: {}, store, launchPermissions: launcher.permissions };
}

import type { Provisioners } from '../../core/resources.ts';
import type { Operation } from '../../core/service.ts';
import type { World } from '../../core/world.ts';
import type { Ec2Store } from '../ec2/index.ts';
import { Executor } from './associations-executor.ts';
import { changingOperations, describingOperations } from './associations-operations.ts';
import { AssociationPermissions } from './associations-permissions.ts';
import { associationResources } from './associations-resources.ts';
import { Associations } from './associations-store.ts';
import type { Commands } from './commands.ts';
import type { ParameterStore } from './parameter-store.ts';

interface Surroundings {
  readonly world: World;
  readonly ec2: Ec2Store;
  readonly parameters: ParameterStore;
  readonly commands: Commands;
}

/** State Manager: associations, their schedules and executions (API reference, version 2014-11-06). */
export function createAssociations(on: Surroundings): {
  readonly operations: Readonly<Record<string, Operation>>;
  readonly resources: Provisioners;
} {
  const associations = new Associations(on.world, new Executor(on));
  const permissions = new AssociationPermissions({ ...on, associations });
  const parts = { ...on, associations, permissions };
  return {
    operations: { ...changingOperations(parts), ...describingOperations(parts) },
    resources: associationResources(associations, on.parameters),
  };
}

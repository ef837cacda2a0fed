import * as z from 'zod';
import type { Created, Provisioners, ResourceContext } from '../../../sandbox/core/resources.ts';
import type { Caller, ServiceId } from '../../../sandbox/core/service.ts';
import type { World } from '../../../sandbox/core/world.ts';
import { operator } from './world.ts';

/** Creates a resource as the template loader does. */
export async function provision(
  resources: Provisioners,
  type: string,
  properties: object,
  logicalId = 'Resource',
): Promise<Created> {
  const found = resources[type];
  if (found === undefined) throw new Error(`no provisioner for ${type}`);
  const context: ResourceContext = {
    logicalId,
    stackName: 'Stack',
    physicalName: (maximumLength = 128) => `Stack-${logicalId}-ABC`.slice(0, maximumLength),
    assetPath: (bucket, key) => `${bucket}/${key}`,
  };
  return found.create(z.parse(found.properties, properties), context);
}

/** Calls operations of one service, as the operator unless told, and gives their output. */
export function caller(
  world: World,
  service: ServiceId,
): <O = Record<string, unknown>>(operation: string, input?: object, as?: Caller) => Promise<O> {
  return async <O>(operation: string, input: object = {}, as: Caller = operator) =>
    (await world.dispatcher.call(as, service, operation, input)) as O;
}

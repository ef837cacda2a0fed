import type { Created, Provisioners, ResourceContext } from '../../../sandbox/core/resources.ts';

const CONTEXT: ResourceContext = {
  logicalId: 'Resource',
  stackName: 'stack',
  physicalName: (maximumLength) => 'stack-Resource-ABC'.slice(0, maximumLength),
  assetPath: (_bucket, key) => `/assets/${key}`,
};

/** Creates one resource as the CloudFormation loader does: its properties parsed first. */
export async function provision(provisioners: Provisioners, type: string, properties: object): Promise<Created> {
  const found = provisioners[type];
  if (found === undefined) throw new Error(`nothing provisions ${type}`);
  return found.create(found.properties.parse(properties), CONTEXT);
}

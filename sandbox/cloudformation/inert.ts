import type { Created, ResourceContext } from '../core/resources.ts';
import type { World } from '../core/world.ts';
import type { JsonObject } from './template.ts';

type InertWorld = Pick<World, 'random'>;

/** A type that has no effect in the sandbox: why that is right, and what Ref and Fn::GetAtt give all the same. */
export interface Inert {
  readonly why: string;
  readonly created: (properties: JsonObject, context: ResourceContext, world: InertWorld) => Created;
}

const named =
  (property: string): Inert['created'] =>
  (properties, context) => {
    const given = properties[property];
    return { ref: typeof given === 'string' ? given : context.physicalName(), attributes: {} };
  };

/** Types that are read and then left alone. Everything else without a provisioner is an error. */
export const INERT: Readonly<Record<string, Inert>> = {
  'AWS::CDK::Metadata': {
    why: 'usage statistics of the CDK; no resource',
    created: (_, { logicalId }) => ({ ref: logicalId, attributes: {} }),
  },
  'AWS::CloudWatch::Dashboard': { why: 'shown by the console alone', created: named('DashboardName') },
  'AWS::Logs::QueryDefinition': {
    why: 'a saved query of the console',
    created: (_, __, { random }) => {
      const id = random.uuid();
      return { ref: id, attributes: { QueryDefinitionId: id } };
    },
  },
};

/** An inert type that the caller of `deploy` adds, with its reason; it has no attributes. */
export const inertBecause = (why: string): Inert => ({
  why,
  created: (_, context) => ({ ref: context.physicalName(), attributes: {} }),
});

import * as z from 'zod';
import { provisioner, type Provisioners } from '../../core/resources.ts';
import { IMAGE } from './parameter-model.ts';
import type { ParameterStore } from './parameter-store.ts';

const Properties = z.strictObject({
  Name: z.string().optional(),
  Type: z.enum(['String', 'StringList']),
  Value: z.string(),
  Description: z.string().optional(),
  AllowedPattern: z.string().optional(),
  DataType: z.enum(['text', IMAGE]).optional(),
  Tier: z.enum(['Standard', 'Advanced', 'Intelligent-Tiering']).optional(),
  Tags: z.record(z.string(), z.string()).optional(),
});

/**
 * `AWS::SSM::Parameter`: Ref is its name; `Type` and `Value` are its attributes. An AMI id is taken as it is, because the
 * images of a fleet file come after the stacks.
 */
export function parameterResources(store: ParameterStore): Provisioners {
  return {
    'AWS::SSM::Parameter': provisioner(Properties, (given, context) => {
      const name = given.Name ?? context.physicalName();
      store.put(
        {
          name,
          value: given.Value,
          type: given.Type,
          description: given.Description,
          dataType: given.DataType,
          allowedPattern: given.AllowedPattern,
          tier: given.Tier,
        },
        'cloudformation.amazonaws.com',
        new Map(Object.entries(given.Tags ?? {})),
      );
      return { ref: name, attributes: { Type: given.Type, Value: given.Value } };
    }),
  };
}

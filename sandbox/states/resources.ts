import * as z from 'zod';
import { notImplemented } from '../core/aws-error.ts';
import { provisioner, type Provisioners } from '../core/resources.ts';
import { jsonSchema } from './json.ts';
import { createMachine } from './service/create.ts';
import type { Store } from './service/store.ts';
import { createAlias, publishVersion } from './service/versions.ts';

const StateMachine = z.strictObject({
  StateMachineName: z.string().optional(),
  StateMachineType: z.enum(['STANDARD', 'EXPRESS']).optional(),
  DefinitionString: z.string().optional(),
  Definition: jsonSchema.optional(),
  DefinitionSubstitutions: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
  RoleArn: z.string(),
  LoggingConfiguration: z
    .strictObject({
      Level: z.enum(['ALL', 'ERROR', 'FATAL', 'OFF']).optional(),
      IncludeExecutionData: z.boolean().optional(),
      Destinations: z
        .array(z.strictObject({ CloudWatchLogsLogGroup: z.strictObject({ LogGroupArn: z.string() }) }))
        .optional(),
    })
    .optional(),
  TracingConfiguration: z.strictObject({ Enabled: z.boolean() }).optional(),
  Tags: z.array(z.strictObject({ Key: z.string(), Value: z.string() })).optional(),
});

type StateMachineProperties = z.infer<typeof StateMachine>;

/** Fills `${Name}` in; what has no substitution stays, as it does on AWS. */
function substituted({ DefinitionString, Definition, DefinitionSubstitutions }: StateMachineProperties): string {
  const text = DefinitionString ?? JSON.stringify(Definition ?? {});
  return text.replaceAll(/\$\{([A-Za-z0-9_]+)\}/g, (whole, name: string) => {
    const value = DefinitionSubstitutions[name];
    return value === undefined ? whole : String(value);
  });
}

function logging({ LoggingConfiguration: configuration }: StateMachineProperties) {
  if (configuration === undefined) return undefined;
  const { Level, IncludeExecutionData, Destinations } = configuration;
  const destinations = Destinations?.map(({ CloudWatchLogsLogGroup: { LogGroupArn } }) => ({
    cloudWatchLogsLogGroup: { logGroupArn: LogGroupArn },
  }));
  return {
    level: Level ?? 'OFF',
    includeExecutionData: IncludeExecutionData ?? false,
    ...(destinations && { destinations }),
  };
}

const Version = z.strictObject({
  StateMachineArn: z.string(),
  Description: z.string().optional(),
  StateMachineRevisionId: z.string().optional(),
});

const Alias = z.strictObject({
  Name: z.string(),
  Description: z.string().optional(),
  RoutingConfiguration: z
    .array(z.strictObject({ StateMachineVersionArn: z.string(), Weight: z.number() }))
    .min(1)
    .optional(),
  DeploymentPreference: jsonSchema.optional(),
});

/** The one version of an alias: a split of the traffic is not modelled. */
function aliasedVersion({ RoutingConfiguration, DeploymentPreference }: z.infer<typeof Alias>): string {
  const [first, ...others] = RoutingConfiguration ?? [];
  if (DeploymentPreference !== undefined)
    throw notImplemented('DeploymentPreference of AWS::StepFunctions::StateMachineAlias');
  if (first === undefined || others.length > 0) throw notImplemented('aliases of other than one version');
  return first.StateMachineVersionArn;
}

/** Source: CloudFormation, AWS::StepFunctions. */
export function stateMachineResources(store: Store): Provisioners {
  return {
    'AWS::StepFunctions::StateMachine': provisioner(StateMachine, (properties, context) => {
      const machine = createMachine(store, {
        name: properties.StateMachineName ?? context.physicalName(80),
        definition: substituted(properties),
        roleArn: properties.RoleArn,
        type: properties.StateMachineType,
        loggingConfiguration: logging(properties),
        tracingConfiguration: properties.TracingConfiguration && { enabled: properties.TracingConfiguration.Enabled },
        tags: properties.Tags?.map(({ Key, Value }) => ({ key: Key, value: Value })),
      });
      return {
        ref: machine.arn,
        attributes: { Arn: machine.arn, Name: machine.name, StateMachineRevisionId: 'INITIAL' },
      };
    }),
    'AWS::StepFunctions::StateMachineVersion': provisioner(Version, ({ StateMachineArn, Description }) => {
      const { arn } = publishVersion(store, store.machine(StateMachineArn), Description);
      return { ref: arn, attributes: { Arn: arn } };
    }),
    'AWS::StepFunctions::StateMachineAlias': provisioner(Alias, (properties) => {
      const { arn } = createAlias(store, properties.Name, aliasedVersion(properties), properties.Description);
      return { ref: arn, attributes: { Arn: arn } };
    }),
  };
}

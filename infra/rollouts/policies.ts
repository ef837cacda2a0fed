import { ArnFormat, Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { ParameterTier, StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { isPublic } from '../ami-parameters.ts';
import type { FleetContext } from '../constructs/fleet-context.ts';

/** An advanced parameter takes no more. Source: Systems Manager User Guide, "Managing parameter tiers". */
const MOST_BYTES = 8192;

type Deployment = Pick<FleetContext, 'environment' | 'config'>;

/** Where the policies are in Parameter Store; the name of the AMI parameter follows. */
const policyPrefix = ({ environment, config }: Deployment): string =>
  `/${config.project}/${environment}/rollout-policies`;

/** The policies of the AMI parameters, each as a parameter that a deployment writes and functions read. */
export class RolloutPolicyParameters extends Construct {
  constructor(scope: Construct, id: string, deployment: Deployment) {
    super(scope, id);
    for (const followed of deployment.config.amiParameters) {
      const { parameter } = followed;
      const stringValue = JSON.stringify({ ...followed, event: undefined });
      const bytes = Buffer.byteLength(stringValue);
      if (bytes > MOST_BYTES)
        Validations.of(this).addError(
          'RolloutPolicy',
          `The policy of ${parameter} has ${bytes} bytes, and Parameter Store takes ${MOST_BYTES}: name fewer groups, instances and alarms, or select by tags`,
        );
      // No name of a parameter holds a |, and no id of a construct a /.
      new StringParameter(this, parameter.slice(1).replaceAll('/', '|'), {
        parameterName: `${policyPrefix(deployment)}${parameter}`,
        description: 'How a new AMI gets to what follows it; written from the configuration',
        tier: ParameterTier.INTELLIGENT_TIERING,
        stringValue,
      });
    }
  }
}

/** What functions are given and may do that know the AMI parameters and how each is rolled out. */
export interface RolloutPolicies {
  readonly environment: Readonly<Record<string, string>>;
  /** Reads policies, one or all. */
  readonly readPolicies: readonly PolicyStatement[];
  /** Reads the parameters that are followed. */
  readonly readParameters: readonly PolicyStatement[];
  /** Reads what they were before; not of public ones, which show their value alone. */
  readonly readHistory: readonly PolicyStatement[];
  /** Writes those that are the account's own. */
  readonly writeParameters: readonly PolicyStatement[];
}

/** How the functions of a stack get at the policies and at the parameters that are followed. */
export function rolloutPolicies(scope: Construct, context: Deployment): RolloutPolicies {
  const arnOf = (name: string, account?: string): string =>
    Stack.of(scope).formatArn({
      service: 'ssm',
      resource: `parameter${name}`,
      arnFormat: ArnFormat.NO_RESOURCE_NAME,
      ...(account !== undefined && { account }),
    });
  const { amiParameters } = context.config;
  const own = amiParameters.filter((each) => !isPublic(each)).map(({ parameter }) => arnOf(parameter));
  const ofNobody = amiParameters.filter(isPublic).map(({ parameter }) => arnOf(parameter, ''));
  const prefix = policyPrefix(context);
  const policies = amiParameters.map(({ parameter }) => arnOf(`${prefix}${parameter}`));
  return {
    environment: { POLICY_PREFIX: prefix },
    readPolicies: [...allow('ssm:GetParametersByPath', [arnOf(prefix)]), ...allow('ssm:GetParameter', policies)],
    readParameters: allow('ssm:GetParameter', [...own, ...ofNobody]),
    readHistory: allow('ssm:GetParameterHistory', own),
    writeParameters: allow('ssm:PutParameter', own),
  };
}

const allow = (action: string, resources: string[]): PolicyStatement[] =>
  resources.length === 0 ? [] : [new PolicyStatement({ actions: [action], resources })];

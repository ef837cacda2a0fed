import { statSync } from 'node:fs';
import { notImplemented } from '../core/aws-error.ts';
import { provisioner, type Provisioners } from '../core/resources.ts';
import type { Caller } from '../core/service.ts';
import type { World } from '../core/world.ts';
import type { Concurrency } from './concurrency.ts';
import type { Destinations } from './destinations.ts';
import { parseFunctionName } from './function-name.ts';
import type { Functions } from './functions.ts';
import {
  AliasProperties,
  EventInvokeConfigProperties,
  FunctionProperties,
  PermissionProperties,
  VersionProperties,
} from './properties.ts';

interface Given {
  readonly world: Pick<World, 'resourcePolicies'>;
  readonly functions: Functions;
  readonly concurrency: Concurrency;
  readonly destinations: Destinations;
  readonly assumeRole: (roleArn: string, sessionName: string) => Caller;
}

/** Who a Permission lets in, as AddPermission writes it into the policy. */
function principalOf(principal: string): unknown {
  if (principal === '*') return '*';
  if (/^\d{12}$/.test(principal)) return { AWS: `arn:aws:iam::${principal}:root` };
  return principal.startsWith('arn:') ? { AWS: principal } : { Service: principal };
}

function conditionOf({ SourceArn, SourceAccount, PrincipalOrgID }: PermissionProperties): object {
  const equals = {
    ...(SourceAccount !== undefined && { 'AWS:SourceAccount': SourceAccount }),
    ...(PrincipalOrgID !== undefined && { 'aws:PrincipalOrgID': PrincipalOrgID }),
  };
  const condition = {
    ...(Object.keys(equals).length > 0 && { StringEquals: equals }),
    ...(SourceArn !== undefined && { ArnLike: { 'AWS:SourceArn': SourceArn } }),
  };
  return Object.keys(condition).length > 0 ? { Condition: condition } : {};
}

/** Lambda's CloudFormation types. Source: AWS CloudFormation Template Reference, AWS::Lambda. */
export function lambdaResources({ world, functions, concurrency, destinations, assumeRole }: Given): Provisioners {
  return {
    'AWS::Lambda::Function': provisioner(FunctionProperties, (properties, context) => {
      const name = properties.FunctionName ?? context.physicalName(64);
      const taskRoot = context.assetPath(properties.Code.S3Bucket, properties.Code.S3Key);
      if (!statSync(taskRoot).isDirectory()) throw notImplemented(`function code that is no folder (${taskRoot})`);
      assumeRole(properties.Role, name);
      const deadLetters = properties.DeadLetterConfig?.TargetArn;
      if (deadLetters !== undefined) destinations.check(deadLetters);
      functions.create(name, properties, taskRoot);
      const { ReservedConcurrentExecutions: reserved } = properties;
      if (reserved !== undefined) concurrency.reserve(name, reserved);
      return { ref: name, attributes: { Arn: functions.arn(name) } };
    }),
    'AWS::Lambda::Version': provisioner(VersionProperties, ({ FunctionName, Description }) => {
      const { name, version } = functions.publish(FunctionName, Description);
      const arn = functions.arn(name, version);
      return { ref: arn, attributes: { Version: version, FunctionArn: arn } };
    }),
    'AWS::Lambda::Alias': provisioner(AliasProperties, ({ FunctionName, Name, FunctionVersion, Description }) => {
      functions.addAlias(FunctionName, Name, FunctionVersion, Description);
      const arn = functions.arn(parseFunctionName(FunctionName).name, Name);
      return { ref: arn, attributes: { AliasArn: arn } };
    }),
    'AWS::Lambda::Permission': provisioner(PermissionProperties, (properties, context) => {
      const { arn } = functions.resolve(properties.FunctionName);
      const Sid = context.physicalName(100);
      const { Action, Principal } = properties;
      const statement = { Sid, Effect: 'Allow', Principal: principalOf(Principal), Action, Resource: arn };
      world.resourcePolicies.attach(arn, { Statement: { ...statement, ...conditionOf(properties) } });
      return { ref: Sid, attributes: { Id: Sid } };
    }),
    'AWS::Lambda::EventInvokeConfig': provisioner(
      EventInvokeConfigProperties,
      ({ FunctionName, Qualifier, ...config }) => {
        for (const destination of Object.values(config.DestinationConfig)) destinations.check(destination.Destination);
        const { version } = functions.resolve(FunctionName, Qualifier);
        functions.configureEventInvoke(FunctionName, Qualifier, config);
        return { ref: `${version.name}|${Qualifier}`, attributes: {} };
      },
    ),
  };
}

import type {
  AliasConfiguration,
  FunctionConfiguration,
  GetAliasRequest,
  GetFunctionConfigurationRequest,
  GetFunctionRequest,
  GetFunctionResponse,
  GetPolicyRequest,
  GetPolicyResponse,
  InvocationRequest,
  InvocationResponse,
  ListAliasesRequest,
  ListAliasesResponse,
  ListFunctionsRequest,
  ListFunctionsResponse,
  ListVersionsByFunctionRequest,
  ListVersionsByFunctionResponse,
  PublishVersionRequest,
} from '@aws-sdk/client-lambda';
import { only } from '../core/only.ts';
import { operation, type Permission, type Service } from '../core/service.ts';
import type { World } from '../core/world.ts';
import { resourceNotFound } from './errors.ts';
import { parseFunctionName } from './function-name.ts';
import { pageOf, type Alias, type Functions, type FunctionVersion } from './functions.ts';
import type { Invoker } from './invoker.ts';
import { logGroupOf } from './pool.ts';

interface Given {
  readonly world: Pick<World, 'resourcePolicies'>;
  readonly functions: Functions;
  readonly invoker: Invoker;
}

/** Lambda's operations. Source: AWS Lambda API Reference, Actions. */
export function lambdaService({ world, functions, invoker }: Given): Service {
  const on = (action: string, functionName: string | undefined, qualifier?: string): readonly Permission[] => {
    const reference = parseFunctionName(functionName, qualifier);
    return [{ action: `lambda:${action}`, resource: functions.arn(reference.name, reference.qualifier) }];
  };
  const configuration = (version: FunctionVersion, arn: string): FunctionConfiguration => configurationOf(version, arn);
  const alias = (functionName: string | undefined, each: Alias): AliasConfiguration => ({
    AliasArn: functions.arn(parseFunctionName(functionName).name, each.name),
    Name: each.name,
    FunctionVersion: each.version,
    Description: each.description,
    RevisionId: each.revisionId,
  });

  return {
    id: 'lambda',
    operations: {
      Invoke: operation<InvocationRequest, InvocationResponse>(
        ({ FunctionName, Qualifier }) => on('InvokeFunction', FunctionName, Qualifier),
        (input, call) => invoker.invoke(input, call),
      ),
      GetFunction: operation<GetFunctionRequest, GetFunctionResponse>(
        ({ FunctionName, Qualifier }) => on('GetFunction', FunctionName, Qualifier),
        ({ FunctionName, Qualifier }) => {
          const { version, arn } = functions.resolve(FunctionName, Qualifier);
          const { ReservedConcurrentExecutions: reserved, Code, Tags } = version.properties;
          return {
            Configuration: configuration(version, arn),
            Code: { RepositoryType: 'S3', Location: `https://${Code.S3Bucket}.s3.amazonaws.com/${Code.S3Key}` },
            ...(Tags.length > 0 && { Tags: Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value])) }),
            ...(reserved !== undefined && { Concurrency: { ReservedConcurrentExecutions: reserved } }),
          };
        },
      ),
      GetFunctionConfiguration: operation<GetFunctionConfigurationRequest, FunctionConfiguration>(
        ({ FunctionName, Qualifier }) => on('GetFunctionConfiguration', FunctionName, Qualifier),
        ({ FunctionName, Qualifier }) => {
          const { version, arn } = functions.resolve(FunctionName, Qualifier);
          return configuration(version, arn);
        },
      ),
      GetPolicy: operation<GetPolicyRequest, GetPolicyResponse>(
        ({ FunctionName, Qualifier }) => on('GetPolicy', FunctionName, Qualifier),
        ({ FunctionName, Qualifier }) => {
          const { version, arn } = functions.resolve(FunctionName, Qualifier);
          const policy = world.resourcePolicies.for(arn);
          if (policy === undefined) throw resourceNotFound('The resource you requested does not exist.');
          return { Policy: JSON.stringify(policy), RevisionId: version.revisionId };
        },
      ),
      ListFunctions: operation<ListFunctionsRequest, ListFunctionsResponse>(
        () => [{ action: 'lambda:ListFunctions', resource: '*' }],
        (input) => {
          only('lambda:ListFunctions', input, ['FunctionVersion', 'Marker', 'MaxItems']);
          const { Marker, MaxItems, FunctionVersion: which } = input;
          const { page, ...next } = pageOf(functions.list(which === 'ALL'), Marker, MaxItems);
          return { Functions: page.map((each) => configuration(each, versionArn(functions, each))), ...next };
        },
      ),
      ListVersionsByFunction: operation<ListVersionsByFunctionRequest, ListVersionsByFunctionResponse>(
        ({ FunctionName }) => on('ListVersionsByFunction', FunctionName),
        ({ FunctionName, Marker, MaxItems }) => {
          const { page, ...next } = pageOf(functions.versions(FunctionName), Marker, MaxItems);
          return { Versions: page.map((each) => configuration(each, functions.arn(each.name, each.version))), ...next };
        },
      ),
      GetAlias: operation<GetAliasRequest, AliasConfiguration>(
        ({ FunctionName, Name }) => on('GetAlias', FunctionName, Name),
        ({ FunctionName, Name }) => alias(FunctionName, functions.alias(FunctionName, Name)),
      ),
      ListAliases: operation<ListAliasesRequest, ListAliasesResponse>(
        ({ FunctionName }) => on('ListAliases', FunctionName),
        ({ FunctionName, FunctionVersion: version, Marker, MaxItems }) => {
          const { page, ...next } = pageOf(functions.aliases(FunctionName, version), Marker, MaxItems);
          return { Aliases: page.map((each) => alias(FunctionName, each)), ...next };
        },
      ),
      PublishVersion: operation<PublishVersionRequest, FunctionConfiguration>(
        ({ FunctionName }) => on('PublishVersion', FunctionName),
        (input) => {
          only('lambda:PublishVersion', input, ['FunctionName', 'Description']);
          const { FunctionName, Description } = input;
          const published = functions.publish(FunctionName ?? '', Description ?? '');
          return configuration(published, functions.arn(published.name, published.version));
        },
      ),
    },
  };
}

const versionArn = (functions: Functions, { name, version }: FunctionVersion): string =>
  functions.arn(name, version === '$LATEST' ? undefined : version);

function configurationOf(version: FunctionVersion, arn: string): FunctionConfiguration {
  const { properties } = version;
  const { LogFormat, ApplicationLogLevel, SystemLogLevel } = properties.LoggingConfig;
  const levels = LogFormat === 'JSON' ? { ApplicationLogLevel, SystemLogLevel } : {};
  return {
    FunctionName: version.name,
    FunctionArn: arn,
    Runtime: properties.Runtime,
    Role: properties.Role,
    Handler: properties.Handler,
    Description: version.description,
    Timeout: properties.Timeout,
    MemorySize: properties.MemorySize,
    LastModified: version.lastModified,
    Version: version.version,
    RevisionId: version.revisionId,
    State: 'Active',
    LastUpdateStatus: 'Successful',
    PackageType: 'Zip',
    Architectures: [...properties.Architectures],
    EphemeralStorage: properties.EphemeralStorage,
    TracingConfig: properties.TracingConfig,
    ...(properties.Environment && { Environment: { Variables: properties.Environment.Variables ?? {} } }),
    ...(properties.DeadLetterConfig && { DeadLetterConfig: properties.DeadLetterConfig }),
    ...(properties.KmsKeyArn !== undefined && { KMSKeyArn: properties.KmsKeyArn }),
    LoggingConfig: { LogFormat, LogGroup: logGroupOf(version), ...levels },
  };
}

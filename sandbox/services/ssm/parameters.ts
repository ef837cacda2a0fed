import type * as ssm from '@aws-sdk/client-ssm';
import { AwsError } from '../../core/aws-error.ts';
import { longest } from '../../core/constraints.ts';
import { only } from '../../core/only.ts';
import { type Operation, operation, type Permission } from '../../core/service.ts';
import { page } from './checks.ts';
import { describeFilter, pathFilter } from './parameter-filters.ts';
import type { ParameterVersion } from './parameter-model.ts';
import type { ParameterStore } from './parameter-store.ts';

const CIPHERTEXT = 'AQICAHsandbox';

/** What IAM must allow for a parameter, which may be named by version or ARN; conditions see its tags. */
export function parameterPermission(
  store: ParameterStore,
  action: string,
  reference: string | undefined,
  context: Permission['context'] = {},
): Permission {
  const { name } = store.reference(reference ?? '');
  const tags = [...store.tagsForPermission(name)].flatMap(([key, value]) => [
    [`aws:ResourceTag/${key}`, value] as const,
    [`ssm:resourceTag/${key}`, value] as const,
  ]);
  return { action: `ssm:${action}`, resource: store.arn(name), context: { ...Object.fromEntries(tags), ...context } };
}

/** A SecureString is kept as it is; without decryption a ciphertext comes back. */
const valueShown = (name: string, { type, value }: ParameterVersion, decrypt: boolean | undefined): string =>
  type === 'SecureString' && decrypt !== true ? `${CIPHERTEXT}${Buffer.from(name).toString('base64')}` : value;

function exists(store: ParameterStore, reference: string): boolean {
  try {
    store.find(reference);
    return true;
  } catch (error) {
    if (error instanceof AwsError) return false;
    throw error;
  }
}

function shape(store: ParameterStore, reference: string, decrypt: boolean | undefined): ssm.Parameter {
  const { name, found } = store.find(reference);
  const { version } = store.reference(reference);
  return {
    Name: name,
    Type: found.type,
    Value: valueShown(name, found, decrypt),
    Version: found.version,
    LastModifiedDate: new Date(found.modifiedAt),
    ARN: store.arn(name),
    DataType: found.dataType,
    ...(version !== undefined && { Selector: `:${version}` }),
  };
}

function common(name: string, version: ParameterVersion) {
  return {
    Name: name,
    Type: version.type,
    LastModifiedDate: new Date(version.modifiedAt),
    LastModifiedUser: version.modifiedBy,
    Description: version.description,
    AllowedPattern: version.allowedPattern,
    Version: version.version,
    Tier: version.tier,
    Policies: [],
    DataType: version.dataType,
  };
}

/** The operations that read parameters. Source: AWS Systems Manager API Reference. */
export function parameterReads(store: ParameterStore): Readonly<Record<string, Operation>> {
  return {
    GetParameter: operation<ssm.GetParameterCommandInput, ssm.GetParameterCommandOutput>(
      ({ Name: name }) => [parameterPermission(store, 'GetParameter', name)],
      ({ Name: name = '', WithDecryption: decrypt }) => ({ Parameter: shape(store, name, decrypt) }),
    ),
    GetParameters: operation<ssm.GetParametersCommandInput, ssm.GetParametersCommandOutput>(
      ({ Names: names = [] }) => names.map((name) => parameterPermission(store, 'GetParameters', name)),
      ({ Names: names = [], WithDecryption: decrypt }) => {
        longest(names, 'names', 10);
        return {
          Parameters: names.filter((name) => exists(store, name)).map((name) => shape(store, name, decrypt)),
          InvalidParameters: names.filter((name) => !exists(store, name)),
        };
      },
    ),
    GetParametersByPath: operation<ssm.GetParametersByPathCommandInput, ssm.GetParametersByPathCommandOutput>(
      ({ Path: path, Recursive: recursive = false }) => [
        parameterPermission(store, 'GetParametersByPath', path, { 'ssm:Recursive': String(recursive) }),
      ],
      (input) => {
        const { Path: path = '', Recursive: recursive = false, ParameterFilters: filters } = input;
        const { items, NextToken } = page(store.below(path, recursive).filter(pathFilter(store, filters)), input, 10);
        return { Parameters: items.map((name) => shape(store, name, input.WithDecryption)), NextToken };
      },
    ),
    DescribeParameters: operation<ssm.DescribeParametersCommandInput, ssm.DescribeParametersCommandOutput>(
      () => [{ action: 'ssm:DescribeParameters', resource: '*' }],
      (input) => {
        only('ssm:DescribeParameters', input, ['Filters', 'ParameterFilters', 'MaxResults', 'NextToken']);
        const { items, NextToken } = page(store.names.filter(describeFilter(store, input)), input);
        const metadata = items.map((name) => ({ ...common(name, store.find(name).found), ARN: store.arn(name) }));
        return { Parameters: metadata, NextToken };
      },
    ),
    GetParameterHistory: operation<ssm.GetParameterHistoryCommandInput, ssm.GetParameterHistoryCommandOutput>(
      ({ Name: name }) => [parameterPermission(store, 'GetParameterHistory', name)],
      (input) => {
        const { name } = store.reference(input.Name ?? '');
        const { items, NextToken } = page(store.versions(name), input);
        const history = items.map((version) => ({
          ...common(name, version),
          Value: valueShown(name, version, input.WithDecryption),
          Labels: [],
        }));
        return { Parameters: history, NextToken };
      },
    ),
  };
}

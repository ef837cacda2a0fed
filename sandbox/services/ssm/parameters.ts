import type * as ssm from '@aws-sdk/client-ssm';
import * as z from 'zod';
import { AwsError, notImplemented } from '../../core/aws-error.ts';
import { only } from '../../core/only.ts';
import { provisioner, type Provisioners } from '../../core/resources.ts';
import { type Call, type Operation, operation, type Permission } from '../../core/service.ts';
import { longest, page } from './checks.ts';
import type { ParameterStore, ParameterVersion } from './parameter-store.ts';

const CIPHERTEXT = 'AQICAHsandbox';

/** The operations of Parameter Store. SecureStrings are kept as they are; without decryption a ciphertext comes back. */
export function parameterOperations(store: ParameterStore): Readonly<Record<string, Operation>> {
  const on = (action: string, name: string | undefined): Permission => ({
    action: `ssm:${action}`,
    resource: store.arn((name ?? '').replace(/:[^:]*$/, '')),
  });
  const shape = (reference: string, decrypt: boolean | undefined): ssm.Parameter => {
    const { name, found } = store.find(reference);
    return {
      Name: name,
      Type: found.type,
      Value:
        found.type === 'SecureString' && decrypt !== true
          ? `${CIPHERTEXT}${Buffer.from(name).toString('base64')}`
          : found.value,
      Version: found.version,
      LastModifiedDate: new Date(found.modifiedAt),
      ARN: store.arn(name),
      DataType: found.dataType,
      ...(reference === name ? {} : { Selector: reference.slice(name.length) }),
    };
  };
  const exists = (reference: string): boolean => {
    try {
      store.find(reference);
      return true;
    } catch (error) {
      if (error instanceof AwsError) return false;
      throw error;
    }
  };

  return {
    GetParameter: operation<ssm.GetParameterCommandInput, ssm.GetParameterCommandOutput>(
      ({ Name: name }) => [on('GetParameter', name)],
      ({ Name: name = '', WithDecryption: decrypt }) => ({ Parameter: shape(name, decrypt) }),
    ),
    GetParameters: operation<ssm.GetParametersCommandInput, ssm.GetParametersCommandOutput>(
      ({ Names: names }) => (names ?? []).map((name) => on('GetParameters', name)),
      ({ Names: names = [], WithDecryption: decrypt }) => {
        longest(names, 'names', 10);
        return {
          Parameters: names.filter(exists).map((name) => shape(name, decrypt)),
          InvalidParameters: names.filter((name) => !exists(name)),
        };
      },
    ),
    GetParametersByPath: operation<ssm.GetParametersByPathCommandInput, ssm.GetParametersByPathCommandOutput>(
      ({ Path: path }) => [on('GetParametersByPath', path)],
      (input) => {
        if (input.ParameterFilters?.length) throw notImplemented('ParameterFilters of ssm:GetParametersByPath');
        const prefix = `${(input.Path ?? '').replace(/\/$/, '')}/`;
        const below = store.names.filter(
          (name) => name.startsWith(prefix) && (input.Recursive === true || !name.slice(prefix.length).includes('/')),
        );
        const { items, NextToken } = page(below, input, 10);
        return { Parameters: items.map((name) => shape(name, input.WithDecryption)), NextToken };
      },
    ),
    PutParameter: operation<ssm.PutParameterCommandInput, ssm.PutParameterCommandOutput>(
      ({ Name: name }) => [on('PutParameter', name)],
      (input, call) => putParameter(store, input, call),
    ),
    DeleteParameter: operation<ssm.DeleteParameterCommandInput, ssm.DeleteParameterCommandOutput>(
      ({ Name: name }) => [on('DeleteParameter', name)],
      ({ Name: name = '' }) => {
        store.delete(name);
        return {};
      },
    ),
    DescribeParameters: operation<ssm.DescribeParametersCommandInput, ssm.DescribeParametersCommandOutput>(
      () => [{ action: 'ssm:DescribeParameters', resource: '*' }],
      (input) => {
        only('ssm:DescribeParameters', input, ['Filters', 'ParameterFilters', 'MaxResults', 'NextToken']);
        const found = store.names.filter(nameFilter(input));
        const { items, NextToken } = page(found, input);
        return { Parameters: items.map((name) => metadata(store, name)), NextToken };
      },
    ),
    GetParameterHistory: operation<ssm.GetParameterHistoryCommandInput, ssm.GetParameterHistoryCommandOutput>(
      ({ Name: name }) => [on('GetParameterHistory', name)],
      (input) => {
        const name = input.Name ?? '';
        const { items, NextToken } = page(store.versions(name), input);
        return {
          Parameters: items.map((version) => ({
            ...common(name, version),
            Value: shape(`${name}:${version.version}`, input.WithDecryption).Value,
            Labels: [],
          })),
          NextToken,
        };
      },
    ),
  };
}

function putParameter(store: ParameterStore, input: ssm.PutParameterCommandInput, { caller }: Call) {
  if (input.DataType !== undefined && input.DataType !== 'text')
    throw notImplemented(`the parameter data type '${input.DataType}'`);
  for (const [member, value] of Object.entries({
    KeyId: input.KeyId,
    Policies: input.Policies,
    Tags: input.Tags?.length,
  })) {
    if (value) throw notImplemented(`${member} of ssm:PutParameter`);
  }
  if (input.Tier === 'Intelligent-Tiering') throw notImplemented('the parameter tier Intelligent-Tiering');
  const put = store.put(
    {
      name: input.Name ?? '',
      value: input.Value ?? '',
      type: input.Type,
      description: input.Description,
      dataType: input.DataType,
      tier: input.Tier,
      allowedPattern: input.AllowedPattern,
      overwrite: input.Overwrite,
    },
    caller.arn,
  );
  return { Version: put.version, Tier: put.tier };
}

function common(name: string, version: ParameterVersion) {
  return {
    Name: name,
    Type: version.type,
    LastModifiedDate: new Date(version.modifiedAt),
    LastModifiedUser: version.modifiedBy,
    Description: version.description,
    Version: version.version,
    Tier: version.tier,
    Policies: [],
    DataType: version.dataType,
  };
}

const metadata = (store: ParameterStore, name: string): ssm.ParameterMetadata => ({
  ...common(name, store.find(name).found),
  ARN: store.arn(name),
});

/** DescribeParameters' filters by Name; others are refused. */
function nameFilter({
  Filters: old,
  ParameterFilters: filters,
}: ssm.DescribeParametersCommandInput): (name: string) => boolean {
  const tests = [
    ...(old ?? []).map(({ Key: key, Values: values }) => ({ key, option: 'Equals', values })),
    ...(filters ?? []).map(({ Key: key, Option: option = 'Equals', Values: values }) => ({ key, option, values })),
  ].map(({ key, option, values = [] }) => {
    if (key !== 'Name') throw notImplemented(`the filter '${key ?? ''}' of ssm:DescribeParameters`);
    if (option === 'Equals') return (name: string) => values.includes(name);
    if (option === 'BeginsWith') return (name: string) => values.some((value) => name.startsWith(value));
    if (option === 'Contains') return (name: string) => values.some((value) => name.includes(value));
    throw new AwsError('InvalidFilterOption', `The filter option ${option} is not valid.`);
  });
  return (name) => tests.every((test) => test(name));
}

/** `AWS::SSM::Parameter`: Ref is its name; `Type` and `Value` are its attributes. */
export function parameterResources(store: ParameterStore): Provisioners {
  const properties = z.strictObject({
    Name: z.string().optional(),
    Type: z.enum(['String', 'StringList']),
    Value: z.string(),
    Description: z.string().optional(),
    AllowedPattern: z.string().optional(),
    DataType: z.literal('text').optional(),
    Tier: z.enum(['Standard', 'Advanced']).optional(),
    Tags: z.record(z.string(), z.string()).optional(),
  });
  return {
    'AWS::SSM::Parameter': provisioner(properties, (given, context) => {
      const name = given.Name ?? context.physicalName();
      store.put(
        {
          name,
          value: given.Value,
          type: given.Type,
          description: given.Description,
          allowedPattern: given.AllowedPattern,
          tier: given.Tier,
        },
        'cloudformation.amazonaws.com',
      );
      return { ref: name, attributes: { Type: given.Type, Value: given.Value } };
    }),
  };
}

import type * as ssm from '@aws-sdk/client-ssm';
import { AwsError, notImplemented } from '../../core/aws-error.ts';
import type { ParameterStore } from './parameter-store.ts';

type Test = (name: string) => boolean;

const OPTIONS: Readonly<Record<string, (value: string, wanted: string) => boolean>> = {
  Equals: (value, wanted) => value === wanted,
  BeginsWith: (value, wanted) => value.startsWith(wanted),
  Contains: (value, wanted) => value.includes(wanted),
  OneLevel: (name, path) => name.startsWith(below(path)) && !name.slice(below(path).length).includes('/'),
  Recursive: (name, path) => name.startsWith(below(path)),
};

const below = (path: string): string => `${path.replace(/\/$/, '')}/`;

const KEYS: Readonly<Record<string, readonly string[]>> = {
  Name: ['Equals', 'BeginsWith', 'Contains'],
  Path: ['OneLevel', 'Recursive'],
};

/** What a parameter has for the key of a filter; undefined for nothing. */
function valueOf(store: ParameterStore, key: string, name: string): string | undefined {
  const { type, tier, dataType } = store.find(name).found;
  switch (key) {
    case 'Name':
    case 'Path':
      return name;
    case 'Type':
      return type;
    case 'Tier':
      return tier;
    case 'DataType':
      return dataType;
    default:
      return store.tags(name).get(key.slice('tag:'.length));
  }
}

function testOf(store: ParameterStore, keys: readonly string[], filter: ssm.ParameterStringFilter): Test {
  const { Key: key = '', Values: values = [] } = filter;
  const known = key.startsWith('tag:') ? 'tag' : key;
  if (known === 'KeyId') throw notImplemented('the filter KeyId of parameters');
  if (!keys.includes(known))
    throw new AwsError(
      'InvalidFilterKey',
      `The following filter key is not valid: ${key}. Valid filter keys include: [${keys.join(', ')}].`,
    );
  const { Option: option = known === 'Path' ? 'OneLevel' : 'Equals' } = filter;
  const allowed = KEYS[known] ?? ['Equals', 'BeginsWith'];
  const passes = OPTIONS[option];
  if (passes === undefined || !allowed.includes(option))
    throw new AwsError(
      'InvalidFilterOption',
      `The following filter option is not valid: ${option}. Valid options include: [${allowed.join(', ')}].`,
    );
  return (name) => {
    const value = valueOf(store, key, name);
    return value !== undefined && (values.length === 0 || values.some((wanted) => passes(value, wanted)));
  };
}

/** The filters of DescribeParameters, old and new: all must hold, each by one of its values. */
export function describeFilter(
  store: ParameterStore,
  { Filters: old = [], ParameterFilters: filters = [] }: ssm.DescribeParametersCommandInput,
): Test {
  const keys = ['DataType', 'Name', 'Path', 'tag', 'Tier', 'Type'];
  const tests = [...old, ...filters].map((filter) => testOf(store, keys, filter));
  return (name) => tests.every((test) => test(name));
}

/** Those of GetParametersByPath: by Type; labels are not modelled. */
export function pathFilter(store: ParameterStore, filters: readonly ssm.ParameterStringFilter[] = []): Test {
  if (filters.some(({ Key: key }) => key === 'Label')) throw notImplemented('labels of parameters');
  const tests = filters.map((filter) => testOf(store, ['Type'], filter));
  return (name) => tests.every((test) => test(name));
}

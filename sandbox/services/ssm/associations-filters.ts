import type * as ssm from '@aws-sdk/client-ssm';
import { AwsError, notImplemented } from '../../core/aws-error.ts';

type Test<T> = (item: T) => boolean;

const wrong = (message: string): AwsError => new AwsError('ValidationException', message);

function time(value: string): number {
  const at = Date.parse(value);
  if (Number.isNaN(at)) throw wrong(`The filter value ${value} is not a date and time.`);
  return at;
}

const seconds = (milliseconds: number): number => Math.floor(milliseconds / 1000);

/** Filters of DescribeAssociationExecutions; EQUAL to a time holds within its second. Throws ValidationException. */
export function executionFilter(
  filters: readonly ssm.AssociationExecutionFilter[] = [],
): Test<ssm.AssociationExecution> {
  const tests = filters.map(({ Key: key, Value: value = '', Type: type }): Test<ssm.AssociationExecution> => {
    if (key === 'CreatedTime') return createdTime(type, time(value));
    if (key !== 'ExecutionId' && key !== 'Status') throw wrong(`The filter key ${String(key)} is not valid.`);
    if (type !== 'EQUAL') throw wrong(`The filter type ${String(type)} is not valid for ${key}.`);
    return (execution) => execution[key] === value;
  });
  return (execution) => tests.every((test) => test(execution));
}

function createdTime(type: ssm.AssociationFilterOperatorType | undefined, at: number): Test<ssm.AssociationExecution> {
  const created = ({ CreatedTime: date }: ssm.AssociationExecution): number => Number(date);
  switch (type) {
    case 'GREATER_THAN':
      return (execution) => created(execution) > at;
    case 'LESS_THAN':
      return (execution) => created(execution) < at;
    case 'EQUAL':
      return (execution) => seconds(created(execution)) === seconds(at);
    default:
      throw wrong(`The filter type ${String(type)} is not valid for CreatedTime.`);
  }
}

/** Filters of DescribeAssociationExecutionTargets. Throws ValidationException. */
export function targetFilter(
  filters: readonly ssm.AssociationExecutionTargetsFilter[] = [],
): Test<ssm.AssociationExecutionTarget> {
  const tests = filters.map(({ Key: key, Value: value }): Test<ssm.AssociationExecutionTarget> => {
    if (key !== 'Status' && key !== 'ResourceId' && key !== 'ResourceType')
      throw wrong(`The filter key ${String(key)} is not valid.`);
    return (target) => target[key] === value;
  });
  return (target) => tests.every((test) => test(target));
}

/** Filters of ListAssociations; by InstanceId come only associations made with one, and here there are none. */
export function associationFilter(filters: readonly ssm.AssociationFilter[] = []): Test<ssm.Association> {
  const tests = filters.map(({ key, value = '' }): Test<ssm.Association> => {
    switch (key) {
      case 'AssociationId':
      case 'AssociationName':
      case 'Name':
        return (association) => association[key] === value;
      case 'AssociationStatusName':
        return ({ Overview: overview }) => overview?.Status === value;
      case 'LastExecutedAfter':
        return lastExecuted((executed, at) => executed > at, time(value));
      case 'LastExecutedBefore':
        return lastExecuted((executed, at) => executed < at, time(value));
      case 'InstanceId':
        return () => false;
      default:
        throw notImplemented(`the filter ${String(key)} of ssm:ListAssociations`);
    }
  });
  return (association) => tests.every((test) => test(association));
}

const lastExecuted =
  (compare: (executed: number, at: number) => boolean, at: number): Test<ssm.Association> =>
  ({ LastExecutionDate: date }) =>
    date !== undefined && compare(Number(date), at);

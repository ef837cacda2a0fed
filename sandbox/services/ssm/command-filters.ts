import type { CommandFilter } from '@aws-sdk/client-ssm';
import { AwsError } from '../../core/aws-error.ts';
import { constraint, longest } from '../../core/constraints.ts';
import { type Command, type Invocation, statusOf } from './model.ts';

/** The values of Status that each list takes (API reference, CommandFilter), which are statuses and their details. */
const BOTH = [
  'Pending',
  'InProgress',
  'Success',
  'Cancelled',
  'Failed',
  'TimedOut',
  'Cancelling',
  'AccessDenied',
  'DeliveryTimedOut',
  'ExecutionTimedOut',
];
const OF_COMMANDS = new Set([...BOTH, 'Incomplete', 'NoInstancesInTag', 'LimitExceeded']);
const OF_INVOCATIONS = new Set([...BOTH, 'Delayed', 'Undeliverable', 'InvalidPlatform', 'Terminated']);

const STAGES: Readonly<Record<string, readonly string[]>> = {
  Executing: ['Pending', 'InProgress', 'Cancelling'],
  Complete: ['Success', 'Failed', 'TimedOut', 'Cancelled'],
};

type Test<T> = (thing: T) => boolean;

const everyOf =
  <T>(tests: readonly Test<T>[]): Test<T> =>
  (thing) =>
    tests.every((test) => test(thing));

/** The filters of ListCommands. Throws InvalidFilterKey, ValidationException. */
export function commandFilter(filters: readonly CommandFilter[] | undefined): Test<Command> {
  checkAll(filters);
  return everyOf((filters ?? []).map(ofCommand));
}

/** The filters of ListCommandInvocations, of which Status is the invocation's. Throws as `commandFilter`. */
export function invocationFilter(filters: readonly CommandFilter[] | undefined) {
  checkAll(filters);
  const all = filters ?? [];
  if (all.some(({ key }) => key === 'ExecutionStage'))
    throw new AwsError('InvalidFilterKey', 'The filter key ExecutionStage is not valid for ListCommandInvocations.');
  return {
    ofCommand: everyOf(all.filter(({ key }) => key !== 'Status').map(ofCommand)),
    ofInvocation: everyOf(
      all
        .filter(({ key }) => key === 'Status')
        .map(({ value }) => statusTest(value, OF_INVOCATIONS))
        .map(
          (test): Test<Invocation> =>
            ({ details }) =>
              test(statusOf(details), details),
        ),
    ),
  };
}

function checkAll(filters: readonly CommandFilter[] | undefined): void {
  if (filters === undefined) return;
  if (filters.length === 0) throw constraint(filters, 'filters', 'Member must have length greater than or equal to 1');
  longest(filters, 'filters', 5);
}

function ofCommand({ key, value = '' }: CommandFilter): Test<Command> {
  switch (key) {
    case 'InvokedAfter':
    case 'InvokedBefore': {
      const at = timeOf(value);
      return ({ requestedAt }) => (key === 'InvokedAfter' ? requestedAt >= at : requestedAt < at);
    }
    case 'Status': {
      const test = statusTest(value, OF_COMMANDS);
      return ({ status, statusDetails }) => test(status, statusDetails);
    }
    case 'DocumentName':
      return ({ document }) => document.name === value;
    case 'ExecutionStage': {
      const stage = STAGES[value];
      if (stage === undefined) throw invalidValue(value);
      return ({ status }) => stage.includes(status);
    }
    default:
      throw new AwsError('InvalidFilterKey', `The filter key ${String(key)} is not valid.`);
  }
}

function statusTest(value: string | undefined, known: ReadonlySet<string>) {
  if (value === undefined || !known.has(value)) throw invalidValue(value ?? '');
  return (status: string, details: string) => status === value || details === value;
}

function timeOf(value: string): number {
  const at = Date.parse(value);
  if (Number.isNaN(at)) throw invalidValue(value);
  return at;
}

const invalidValue = (value: string): AwsError =>
  new AwsError('InvalidFilterKey', `The filter value ${value} is not valid.`);

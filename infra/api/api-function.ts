import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { FleetFunction } from '../constructs/fleet-function.ts';
import type { FleetFunctionProps } from '../constructs/fleet-function.ts';
import type { FleetContext } from '../constructs/fleet-context.ts';
import { pascalCase } from '../constructs/pascal-case.ts';
import type { Runbook } from '../constructs/runbook.ts';
import { BY_RUNBOOK } from '../foundation-stack.ts';
import type { FoundationStack } from '../foundation-stack.ts';

/** What the functions of the API work on. */
export interface Served {
  readonly context: FleetContext;
  readonly foundation: FoundationStack;
  readonly runbooks: readonly Runbook[];
}

/** A function that answers requests: bad ones are answers, not errors, so that one error raises its alarm. */
export const addApiFunction = (scope: Construct, props: Omit<FleetFunctionProps, 'throttlesImpact'>): FleetFunction =>
  new FleetFunction(scope, pascalCase(props.name), {
    ...props,
    throttlesImpact: 'Requests are answered with 503; their callers may repeat them.',
  });

/** `NAME=ARN,…`: how functions tell the runbooks apart that an id may name. */
export const stateMachines = (runbooks: readonly Runbook[]): string =>
  runbooks.map(({ name, stateMachine }) => `${name}=${stateMachine.stateMachineArn}`).join(',');

/** Actions on items of the result table, and the leave to open the key that it is encrypted with. */
export const onResults = (
  { resultTable, key }: FoundationStack,
  ...actions: `dynamodb:${string}`[]
): PolicyStatement[] => [new PolicyStatement({ actions, resources: [resultTable.tableArn] }), useKey({ key })];

/** The index alone, which holds no results. */
export const onResultIndex = ({ resultTable, key }: FoundationStack): PolicyStatement[] => [
  new PolicyStatement({ actions: ['dynamodb:Query'], resources: [`${resultTable.tableArn}/index/${BY_RUNBOOK}`] }),
  useKey({ key }),
];

/** DynamoDB opens a table's key with the rights of its caller, to write as to read. */
export const useKey = ({ key }: Pick<FoundationStack, 'key'>): PolicyStatement =>
  new PolicyStatement({ actions: ['kms:Decrypt'], resources: [key.keyArn] });

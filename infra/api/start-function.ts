import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { StartRoute } from '../../functions/lib/schemas/routes.ts';
import type { FleetFunction } from '../constructs/fleet-function.ts';
import { addApiFunction, onResults } from './api-function.ts';
import type { Served } from './api-function.ts';

/** The item of the lock table that counts the requests which wait for their result. */
const WAITS = 'api-waits';

/** The function that starts the route's runbook and no other; undefined where there is no such runbook. */
export function startFunction(
  scope: Construct,
  { runbook: name }: StartRoute,
  { context, foundation, runbooks }: Served,
): FleetFunction | undefined {
  const runbook = runbooks.find((each) => each.name === name);
  if (runbook === undefined) return undefined;
  const { stateMachineArn } = runbook.stateMachine;
  const { resultTable, lockTable } = foundation;
  return addApiFunction(scope, {
    context,
    name: `start-${name}`,
    bundle: 'start-runbook',
    description: `Starts the runbook ${name} for a request`,
    // A request may wait 25 seconds for its result, and API Gateway waits 30 for the answer.
    timeoutSeconds: 29,
    environment: {
      RUNBOOK: name,
      STATE_MACHINE_ARN: stateMachineArn,
      RESULT_TABLE: resultTable.tableName,
      LOCK_TABLE: lockTable.tableName,
      WAIT_CONCURRENCY: String(context.config.api.waitConcurrency),
    },
    statements: [
      ...onResults(foundation, 'dynamodb:GetItem', 'dynamodb:PutItem'),
      new PolicyStatement({
        actions: ['dynamodb:GetItem', 'dynamodb:UpdateItem'],
        resources: [lockTable.tableArn],
        conditions: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [WAITS] } },
      }),
      new PolicyStatement({ actions: ['states:StartExecution'], resources: [stateMachineArn] }),
    ],
    errorImpact: `Requests to start ${name} are not answered; whether it was started, a repeat with the same Idempotency-Key tells.`,
  });
}

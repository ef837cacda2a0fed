import { ArnFormat, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { acknowledgePattern } from '../constructs/acknowledge-pattern.ts';
import type { ApiAuthorization } from '../config.ts';
import type { FleetFunction } from '../constructs/fleet-function.ts';
import { allowUnscoped } from '../constructs/unscoped-actions.ts';
import type { FoundationStack } from '../foundation-stack.ts';
import { addApiFunction, onResultIndex, onResults, stateMachines, useKey } from './api-function.ts';
import type { Served } from './api-function.ts';

/** The functions of routes that start nothing, by their files' names. */
export function ownFunctions(scope: Construct, served: Served): ReadonlyMap<string, FleetFunction> {
  const functions = [getExecution, listExecutions, stopExecution, decideApproval, getOpenapi].map((add) =>
    add(scope, served),
  );
  return new Map(functions.map((each) => [each.name, each]));
}

const tableAndMachines = ({ foundation, runbooks }: Served) => ({
  RESULT_TABLE: foundation.resultTable.tableName,
  STATE_MACHINES: stateMachines(runbooks),
});

const getExecution = (scope: Construct, served: Served): FleetFunction =>
  addApiFunction(scope, {
    context: served.context,
    name: 'get-execution',
    description: 'Tells how far an execution has got, and its result',
    environment: tableAndMachines(served),
    statements: onResults(served.foundation, 'dynamodb:GetItem'),
    errorImpact: 'Callers cannot read what came of their requests; the runs themselves go on.',
  });

const listExecutions = (scope: Construct, served: Served): FleetFunction =>
  addApiFunction(scope, {
    context: served.context,
    name: 'list-executions',
    description: 'Lists executions, the latest first',
    environment: tableAndMachines(served),
    statements: onResultIndex(served.foundation),
    errorImpact: 'Callers cannot list executions; reading one by its id is another function.',
  });

function stopExecution(scope: Construct, served: Served): FleetFunction {
  // A check for drift has its row when it ends: there is nothing to stop that could be found.
  const stoppable = served.runbooks.filter(({ name }) => name !== 'check-drift');
  const executions = stoppable.map((runbook) =>
    Stack.of(scope).formatArn({
      service: 'states',
      resource: 'execution',
      // By its export, because that is how the template and cdk-nag write it.
      resourceName: `${Stack.of(runbook).exportValue(runbook.stateMachine.stateMachineName)}:*`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    }),
  );
  const stop = addApiFunction(scope, {
    context: served.context,
    name: 'stop-execution',
    description: 'Asks an execution to stop',
    environment: { ...tableAndMachines(served), ROLLOUT_TABLE: served.foundation.rolloutTable.tableName },
    statements: [
      ...onResults(served.foundation, 'dynamodb:UpdateItem', 'dynamodb:GetItem'),
      new PolicyStatement({ actions: ['states:StopExecution'], resources: executions }),
      onRollouts(served.foundation, 'dynamodb:GetItem'),
      allowUnscoped('states:SendTaskFailure'),
    ],
    errorImpact: 'Callers cannot stop executions; StopExecution of Step Functions can.',
  });
  for (const execution of executions)
    acknowledgePattern(
      stop.role,
      'Executions have names of their own, behind the name of their state machine.',
      execution,
    );
  return stop;
}

const decideApproval = (scope: Construct, served: Served): FleetFunction =>
  addApiFunction(scope, {
    context: served.context,
    name: 'decide-approval',
    description: 'Approves or refuses a rollout that waits for it',
    environment: { ROLLOUT_TABLE: served.foundation.rolloutTable.tableName },
    statements: [
      onRollouts(served.foundation, 'dynamodb:GetItem', 'dynamodb:UpdateItem'),
      useKey(served.foundation),
      allowUnscoped('states:SendTaskSuccess', 'states:SendTaskFailure'),
    ],
    errorImpact:
      'Rollouts that wait for an approval go on waiting, until it expires; nothing has been changed by then.',
  });

const onRollouts = ({ rolloutTable }: FoundationStack, ...actions: `dynamodb:${string}`[]): PolicyStatement =>
  new PolicyStatement({ actions, resources: [rolloutTable.tableArn] });

/** How the document says that callers are told. */
const authorizationOf = (authorization: ApiAuthorization): Record<string, string> => ({
  AUTHORIZATION: authorization.type,
  ...(authorization.type === 'lambda' && { IDENTITY_HEADERS: authorization.identityHeaders.join(',') }),
});

const getOpenapi = (scope: Construct, { context }: Served): FleetFunction =>
  addApiFunction(scope, {
    context,
    name: 'get-openapi',
    description: 'Answers with the OpenAPI document of the API',
    environment: authorizationOf(context.config.api.authorization),
    statements: [],
    errorImpact: 'Callers cannot read the description of the API; the API itself works.',
  });

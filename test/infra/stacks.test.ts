import { expect, it } from '@jest/globals';
import { START_ROUTES } from '../../functions/lib/schemas/routes.ts';
import { functionNames } from '../../infra/constructs/function-names.ts';
import { ofType, synthesize } from './synthesize.ts';

const { foundation, runbooks, api } = synthesize();
const stacks = [foundation, runbooks, api];

it('deploy every file of functions/ once, and start-runbook once for each runbook of the API', () => {
  const deployed = stacks
    .flatMap((stack) => ofType(stack, 'AWS::Lambda::Function'))
    .map(([, { Properties }]) => Properties.Environment as { Variables: Record<string, unknown> })
    .map(({ Variables }) => Variables.POWERTOOLS_SERVICE_NAME);
  const starts = START_ROUTES.map(({ runbook }) => `start-${runbook}`);
  const files = functionNames().filter((name) => name !== 'start-runbook');
  expect(deployed.sort()).toEqual([...files, ...starts].sort());
});

/** What has a name or does not exist; it need not be the only one of its name. */
const NAMED = [
  'AWS::Logs::QueryDefinition',
  'AWS::ApiGatewayV2::Api',
  'AWS::ApiGatewayV2::Authorizer',
  // By project and environment, because people edit it.
  'AWS::SSM::Parameter',
];

const OF_A_FUNCTION = ['AWS::Lambda::Permission', 'AWS::Lambda::EventInvokeConfig'];

it('name nothing themselves, so that they can stand twice in an account', () => {
  const naming = /^(Function|StateMachine|Role|Table|Bucket|Topic|Queue|Alarm|LogGroup|InstanceProfile)?Name$/;
  for (const { Resources } of stacks)
    for (const { Type, Properties } of Object.values(Resources))
      // They name the function that they are for.
      if (!NAMED.includes(Type) && !OF_A_FUNCTION.includes(Type))
        expect(Object.keys(Properties).filter((property) => naming.test(property))).toEqual([]);
});

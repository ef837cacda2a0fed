import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { parseConfig } from '../../../infra/config.ts';
import type { FleetContext } from '../../../infra/constructs/fleet-context.ts';
import { FleetFunction } from '../../../infra/constructs/fleet-function.ts';
import { pascalCase } from '../../../infra/constructs/pascal-case.ts';
import { Runbook } from '../../../infra/constructs/runbook.ts';
import { standInBundles, temporaryFolder, testApp } from '../synthesize.ts';

const bundles = standInBundles();

/** A stack with one function and the runbook `try-out`, whose definition is given. */
function stackWith(
  definition: unknown,
  substitutions: Record<string, string> = {},
  functionName = 'send-command',
): Stack {
  const stack = new Stack(testApp(), 'Test');
  const alerting = { topic: new Topic(stack, 'Topic'), actionsEnabled: true };
  const context: FleetContext = { environment: 'dev', config: parseConfig('test', {}), bundles, alerting };
  const common = { context, errorImpact: 'Nobody is served.', statements: [] };
  const send = new FleetFunction(stack, 'Send', { ...common, name: functionName, description: 'Sends' });
  const folder = temporaryFolder();
  if (definition !== undefined) writeFileSync(join(folder, 'try-out.asl.json'), JSON.stringify(definition));
  new Runbook(stack, 'TryOut', { ...common, name: 'try-out', functions: [send], substitutions, folder });
  return stack;
}
const invoke = {
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Arguments: { FunctionName: '${SendCommandArn}' },
  End: true,
};
const definition = { QueryLanguage: 'JSONata', StartAt: 'Invoke', States: { Invoke: invoke } };
const refusals = (stack: Stack): unknown[] =>
  stack.node
    .findAll()
    .flatMap(({ node }) => node.metadata)
    .filter(({ type }) => type === 'aws:cdk:error')
    .map(({ data }): unknown => data);

describe('a Runbook', () => {
  it('fills the placeholders of its functions by their names', () => {
    const stack = stackWith(definition);
    expect(refusals(stack)).toEqual([]);
    Template.fromStack(stack).hasResourceProperties('AWS::StepFunctions::StateMachine', {
      DefinitionSubstitutions: { SendCommandArn: Match.anyValue() },
    });
  });

  it('refuses a placeholder that nothing fills', () => {
    const stack = stackWith({ ...definition, Comment: '${TopicArn}' });
    expect(refusals(stack)).toEqual([expect.stringMatching(/try-out\.asl\.json asks for \$\{TopicArn\}/)]);
  });

  it('refuses a substitution that its definition does not ask for', () => {
    expect(refusals(stackWith(definition, { TopicArn: 'x' }))).toEqual([
      expect.stringMatching(/try-out\.asl\.json never asks for \$\{TopicArn\}/),
    ]);
  });

  it('refuses to be without its file', () => {
    expect(refusals(stackWith(undefined))).toEqual([expect.stringMatching(/try-out\.asl\.json does not exist/)]);
  });
});

describe('a FleetFunction', () => {
  it('refuses to be without its file', () => {
    const ask = { ...invoke, Arguments: { FunctionName: '${SendNothingArn}' } };
    const stack = stackWith({ ...definition, States: { Invoke: ask } }, {}, 'send-nothing');
    expect(refusals(stack)).toEqual([expect.stringMatching(/functions\/send-nothing\.ts does not exist/)]);
  });
});

describe('pascalCase', () => {
  it('writes names as placeholders do', () => expect(pascalCase('send-command')).toBe('SendCommand'));
});

import { describe, expect, it } from '@jest/globals';
import { prepareDefinition } from '../../../infra/constructs/definition.ts';

const source = (FunctionName: string) =>
  JSON.stringify({
    StartAt: 'Invoke',
    States: { Invoke: { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Arguments: { FunctionName } } },
  });

describe('prepareDefinition', () => {
  it('accepts a definition whose placeholders are all filled, and adds retries', () => {
    const { text, problems } = prepareDefinition(source('${SendCommandArn}'), ['SendCommandArn']);
    expect(problems).toEqual([]);
    expect(JSON.parse(text)).toMatchObject({ States: { Invoke: { Retry: [{ JitterStrategy: 'FULL' }] } } });
  });

  it('refuses a placeholder that nothing fills', () => {
    expect(prepareDefinition(source('${SendComandArn}'), []).problems).toEqual([
      expect.stringMatching(/asks for \$\{SendComandArn\}, which nothing fills/),
    ]);
  });

  it('refuses a substitution that nothing asks for', () => {
    expect(prepareDefinition(source('x'), ['TopicArn']).problems).toEqual([
      expect.stringMatching(/never asks for \$\{TopicArn\}/),
    ]);
  });

  it('takes a JSONata object on the context for no placeholder', () => {
    expect(prepareDefinition(source("{% ${'a': 1} %}"), []).problems).toEqual([]);
  });
});

import { describe, expect, it } from '@jest/globals';
import { Stack } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { RolloutPolicy } from '../../../functions/lib/schemas/rollout-policy.ts';
import { parseConfig } from '../../../infra/config.ts';
import type { ConfigInput } from '../../../infra/config.ts';
import { RolloutPolicyParameters, rolloutPolicies } from '../../../infra/rollouts/policies.ts';
import { ofType, synthesize, testApp } from '../synthesize.ts';

const selector = { tags: { ami: 'test' } };
const following = (...parameters: string[]): ConfigInput => ({
  amiParameters: parameters.map((parameter) => ({ parameter, selector })),
});

describe('the policies', () => {
  const { foundation } = synthesize(following('/ami/linux/test', '/aws/service/public'));
  const written = ofType(foundation, 'AWS::SSM::Parameter')
    .map(([, { Properties }]) => Properties)
    .filter(({ Tier }) => Tier !== undefined && Tier !== 'Standard');

  it('are written each to a parameter of its own, which functions can parse', () => {
    expect(written.map(({ Name, Tier }) => [Name, Tier])).toEqual([
      ['/fleetwright/dev/rollout-policies/ami/linux/test', 'Intelligent-Tiering'],
      ['/fleetwright/dev/rollout-policies/aws/service/public', 'Intelligent-Tiering'],
    ]);
    expect(RolloutPolicy.parse(JSON.parse(written[0]?.Value as string))).toMatchObject({
      parameter: '/ami/linux/test',
      selector,
      waves: { canary: 1 },
    });
  });

  it('are refused where Parameter Store does not take them', () => {
    const autoScalingGroups = Array.from({ length: 200 }, (_, index) => String(index).padStart(40, 'g'));
    const config = parseConfig('test', { amiParameters: [{ parameter: '/ami/web', selector: { autoScalingGroups } }] });
    const policies = new RolloutPolicyParameters(new Stack(testApp(), 'Test'), 'Policies', {
      config,
      environment: 'dev',
    });
    expect(policies.node.metadata.map(({ type, data }) => [type, data as unknown])).toEqual([
      ['aws:cdk:error', expect.stringMatching(/The policy of \/ami\/web has \d{4} bytes.*: name fewer groups/)],
    ]);
  });
});

describe('a function', () => {
  const grantsOf = (settings: ConfigInput) => {
    const stack = new Stack(testApp(), 'Test');
    const deployment = { config: parseConfig('test', settings), environment: 'dev' };
    const { environment, ...statements } = rolloutPolicies(stack, deployment);
    const written = Object.entries(statements).map(([name, list]) => [
      name,
      list.map((statement: PolicyStatement) => statement.toStatementJson() as unknown),
    ]);
    return { environment, statements: flat(stack.resolve(Object.fromEntries(written))) };
  };

  it('reads policies and the parameters that are followed, of which public ones belong to nobody', () => {
    const own = 'arn:Partition:ssm:Region:AccountId:parameter/ami/linux/test';
    const prefix = 'arn:Partition:ssm:Region:AccountId:parameter/fleetwright/dev/rollout-policies';
    const allowed = (Action: string, ...Resource: string[]) => ({
      ...{ Effect: 'Allow', Action },
      Resource: Resource.length === 1 ? Resource[0] : Resource,
    });
    expect(grantsOf(following('/ami/linux/test', '/aws/service/public'))).toEqual({
      environment: { POLICY_PREFIX: '/fleetwright/dev/rollout-policies' },
      statements: {
        readPolicies: [
          allowed('ssm:GetParametersByPath', prefix),
          allowed('ssm:GetParameter', `${prefix}/ami/linux/test`, `${prefix}/aws/service/public`),
        ],
        readParameters: [allowed('ssm:GetParameter', own, 'arn:Partition:ssm:Region::parameter/aws/service/public')],
        readHistory: [allowed('ssm:GetParameterHistory', own)],
        writeParameters: [allowed('ssm:PutParameter', own)],
      },
    });
  });

  it('is allowed no parameter where none is followed', () => {
    const { readPolicies, ...others } = grantsOf({}).statements as Record<string, unknown[]>;
    expect(readPolicies).toHaveLength(1);
    expect(others).toEqual({ readParameters: [], readHistory: [], writeParameters: [] });
  });
});

/** With ARNs as one text each, without what CloudFormation fills in. */
function flat(resolved: unknown): unknown {
  const text = JSON.stringify(resolved);
  const joined = text.replaceAll(/\{"Fn::Join":\["",\[(.*?)\]\]\}/g, (_, parts: string) =>
    JSON.stringify(parts.replaceAll(/\{"Ref":"AWS::(\w+)"\}/g, '$1').replaceAll(/[",]/g, '')),
  );
  return JSON.parse(joined);
}

import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { deploy, type DeployOptions } from '../../../sandbox/cloudformation/index.ts';
import { inDependencyOrder } from '../../../sandbox/cloudformation/order.ts';
import { physicalName } from '../../../sandbox/cloudformation/physical-name.ts';
import { Random } from '../../../sandbox/core/random.ts';
import { serviceOf } from '../lambda/support.ts';
import { testWorld } from '../support/world.ts';
import { deployTemplates, propertiesOf } from './support.ts';

const thing = (Properties: Record<string, unknown> = {}, more: Record<string, unknown> = {}) => ({
  Type: 'Test::Thing',
  Properties,
  ...more,
});
const refused = (template: unknown, problem: string, options: Partial<DeployOptions> = {}) =>
  expect(deployTemplates({ stack: template }, options)).rejects.toThrow(problem);

describe('deploy', () => {
  it('creates resources after what they refer to or depend on', async () => {
    const Resources = {
      A: thing({ B: { Ref: 'B' } }),
      B: thing({}, { DependsOn: 'D' }),
      C: thing({ Text: { 'Fn::Sub': '${A.Arn}' } }),
      D: thing({}, { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain', Metadata: { a: 1 } }),
    };
    const { made, deployment } = await deployTemplates({ stack: { Resources } });
    expect(made.map(({ logicalId }) => logicalId)).toEqual(['D', 'B', 'A', 'C']);
    const [, b, a, c] = made;
    expect(a?.properties).toEqual({ B: b?.name });
    expect(c?.properties).toEqual({ Text: `arn:aws:test:::${String(a?.name)}` });
    expect(a?.name).toMatch(/^stack-A-[A-Z2-7]{12}$/);
    expect(Object.keys(deployment.resources)).toEqual(['stack/A', 'stack/B', 'stack/C', 'stack/D']);
    expect(deployment.resources['stack/A']).toMatchObject({ type: 'Test::Thing', physicalId: a?.name });
  });

  it('resolves pseudo parameters, parameters, mappings and conditions', async () => {
    const sections = {
      Parameters: { Size: { Type: 'Number', Default: 3 }, Names: { Type: 'CommaDelimitedList', Default: 'a, b' } },
      Mappings: { Zones: { 'eu-central-1': { count: 2 } } },
      Conditions: { Big: { 'Fn::Equals': [{ Ref: 'Size' }, '3'] }, Small: { 'Fn::Not': [{ Condition: 'Big' }] } },
    };
    const properties = {
      Where: { 'Fn::Sub': '${AWS::Partition} ${AWS::Region} ${AWS::AccountId} ${AWS::StackName} ${AWS::URLSuffix}' },
      Names: { Ref: 'Names' },
      Count: { 'Fn::FindInMap': ['Zones', { Ref: 'AWS::Region' }, 'count'] },
      Kept: { 'Fn::If': ['Big', 1, { Ref: 'AWS::NoValue' }] },
      Left: { 'Fn::If': ['Small', 1, { Ref: 'AWS::NoValue' }] },
    };
    expect(await propertiesOf(properties, sections)).toEqual({
      Where: 'aws eu-central-1 123456789012 stack amazonaws.com',
      Names: ['a', 'b'],
      Count: 2,
      Kept: 1,
    });
  });

  it('leaves out resources and outputs whose condition does not hold', async () => {
    const Conditions = { Never: { 'Fn::Equals': ['a', 'b'] } };
    const Resources = { A: thing(), B: thing({}, { Condition: 'Never' }) };
    const Outputs = { Kept: { Value: { Ref: 'A' } }, Left: { Value: { Ref: 'B' }, Condition: 'Never' } };
    const { deployment } = await deployTemplates({ stack: { Conditions, Resources, Outputs } });
    expect(Object.keys(deployment.resources)).toEqual(['stack/A']);
    expect(Object.keys(deployment.outputs)).toEqual(['stack.Kept', 'Kept']);
  });

  it('hands exports from stack to stack, in dependency order', async () => {
    const user = { Resources: { A: thing({ V: { 'Fn::ImportValue': 'shared' } }) }, Outputs: { Id: { Value: 1 } } };
    const owner = {
      Resources: { A: thing() },
      Outputs: { Id: { Value: { 'Fn::GetAtt': ['A', 'Endpoint.Address'] }, Export: { Name: 'shared' } } },
    };
    const { made, deployment } = await deployTemplates({ user, owner }, {}, { user: ['owner'] });
    expect(made[1]?.properties).toEqual({ V: 'A.test' });
    expect(deployment.stacks.map(({ name }) => name)).toEqual(['owner', 'user']);
    expect(deployment.outputs).toEqual({ 'owner.Id': 'A.test', 'user.Id': '1' });
  });

  it('takes parameters by stack, and checks them', async () => {
    const template = {
      Parameters: {
        Name: { Type: 'String', AllowedPattern: '[a-z]+' },
        Version: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/cdk-bootstrap/hnb659fds/version' },
      },
      Resources: { A: thing({ Name: { Ref: 'Name' }, Version: { Ref: 'Version' } }) },
    };
    const { made } = await deployTemplates({ stack: template }, { parameters: { stack: { Name: 'abc' } } });
    expect(made[0]?.properties).toEqual({ Name: 'abc', Version: '30' });
    await refused(template, 'stack stack: Parameters: Parameters: [Name] must have values');
    await refused(template, "'Name' must match pattern [a-z]+; found 'A'", { parameters: { stack: { Name: 'A' } } });
    await refused(template, '[Other] do not exist in the template', { parameters: { stack: { Other: 'A' } } });
  });

  it('reads parameters from Parameter Store', async () => {
    const world = testWorld();
    world.dispatcher.register(
      serviceOf('ssm', 'GetParameter', ({ Name }: { Name: string }) => ({ Parameter: { Value: `value of ${Name}` } })),
    );
    const template = {
      Parameters: { Image: { Type: 'AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>', Default: '/ami' } },
      Resources: { A: thing({ Image: { Ref: 'Image' } }) },
    };
    const { made } = await deployTemplates({ stack: template }, { world });
    expect(made[0]?.properties).toEqual({ Image: 'value of /ami' });
  });

  it.each<[string, unknown, string]>([
    [
      'an unknown type',
      { Resources: { A: { Type: 'AWS::Foo::Bar' } } },
      'stack stack: resource A (AWS::Foo::Bar): the sandbox has no provisioner',
    ],
    [
      'an unknown section',
      { Resources: {}, Transform: 'AWS::Serverless-2016-10-31' },
      'Transform is not known to the sandbox',
    ],
    [
      'an unknown attribute',
      { Resources: { A: thing({}, { Lifetime: 1 }) } },
      'Resources.A.Lifetime is not known to the sandbox',
    ],
    [
      'an unknown property',
      { Resources: { A: { Type: 'Test::Strict', Properties: { Size: 1, Sub: { Name: 'n', Other: 1 } } } } },
      'stack stack: resource A (Test::Strict): Properties.Sub.Other is not known',
    ],
    [
      'a bad value',
      { Resources: { A: { Type: 'Test::Strict', Properties: { Size: 11 } } } },
      'Properties.Size: Too big: expected number to be <=10; found 11',
    ],
    [
      'a missing value',
      { Resources: { A: { Type: 'Test::Strict' } } },
      'Properties.Size: Invalid input: expected number, received undefined; found nothing',
    ],
    [
      'an unknown attribute of a resource',
      { Resources: { A: thing(), B: thing({ v: { 'Fn::GetAtt': ['A', 'Nope'] } }) } },
      "resource B (Test::Thing): the sandbox's Test::Thing A has no attribute Nope",
    ],
    [
      'an unknown name',
      { Resources: { A: thing({ v: { Ref: 'Nope' } }) } },
      'resource A: Unresolved resource dependencies [Nope]',
    ],
    [
      'an unknown dependency',
      { Resources: { A: thing({}, { DependsOn: ['Nope'] }) } },
      'Unresolved resource dependencies [Nope]',
    ],
    [
      'a cycle',
      { Resources: { A: thing({ v: { Ref: 'B' } }), B: thing({}, { DependsOn: 'A' }) } },
      'circular dependency: A -> B -> A',
    ],
    [
      'an unknown condition',
      { Resources: { A: thing({}, { Condition: 'Nope' }) } },
      'resource A: there is no condition Nope',
    ],
    [
      'a cycle of conditions',
      { Conditions: { X: { Condition: 'X' } }, Resources: { A: thing({}, { Condition: 'X' }) } },
      'circular dependency of condition X',
    ],
    ['an unknown export', { Resources: { A: thing({ v: { 'Fn::ImportValue': 'x' } }) } }, 'No export named x found'],
    [
      'a missing map entry',
      { Mappings: { M: {} }, Resources: { A: thing({ v: { 'Fn::FindInMap': ['M', 'a', 'b'] } }) } },
      'finds no M.a.b',
    ],
    [
      'a rule that does not hold',
      {
        Resources: {},
        Rules: { R: { Assertions: [{ Assert: { 'Fn::Equals': ['a', 'b'] }, AssertDescription: 'a is b' }] } },
      },
      'rule R: a is b',
    ],
    ['another region', { Resources: { A: thing({ v: { 'Fn::GetAZs': 'us-east-1' } }) } }, 'Fn::GetAZs of us-east-1'],
  ])('refuses %s', async (_, template, problem) => {
    await refused(template, problem);
  });

  it('leaves inert types alone, and gives what is asked of them', async () => {
    const Resources = {
      Query: { Type: 'AWS::Logs::QueryDefinition', Properties: { QueryString: 'fields @message' } },
      User: thing({ Id: { 'Fn::GetAtt': ['Query', 'QueryDefinitionId'] } }),
      Own: { Type: 'Test::Inert' },
    };
    const { made, deployment } = await deployTemplates(
      { stack: { Resources } },
      { inert: { 'Test::Inert': 'nothing asks for it' } },
    );
    const query = deployment.resources['stack/Query']?.physicalId;
    expect(made[0]?.properties).toEqual({ Id: query });
    expect(query).toMatch(/^[0-9a-f-]{36}$/);
    expect(deployment.resources['stack/Own']?.physicalId).toMatch(/^stack-Own-/);
  });

  it('refuses to deploy over what is there, and a folder that is no assembly', async () => {
    const world = testWorld();
    const stack = { Resources: { A: thing() } };
    await deployTemplates({ stack }, { world });
    await expect(deployTemplates({ stack }, { world })).rejects.toThrow(
      'stack stack: is deployed already; the sandbox does not model updates',
    );
    await expect(deploy('/nowhere', { world, provisioners: {} })).rejects.toThrow(
      '/nowhere/manifest.json: is not there',
    );
  });

  it('makes up the same names for the same seed', async () => {
    const Resources = { A: thing(), B: thing() };
    const [first, second] = [
      await deployTemplates({ stack: { Resources } }),
      await deployTemplates({ stack: { Resources } }),
    ];
    expect(first.made).toEqual(second.made);
  });
});

describe('physicalName', () => {
  it('never is longer than asked for, and ends in its suffix', () => {
    const name = fc.stringMatching(/^[A-Za-z0-9]{1,120}$/);
    fc.assert(
      fc.property(name, name, fc.integer({ min: 32, max: 255 }), (stack, id, maximum) => {
        const made = physicalName(stack, id, new Random(1), maximum);
        expect(made.length).toBeLessThanOrEqual(maximum);
        expect(made).toMatch(/^[A-Za-z0-9]+-[A-Za-z0-9]+-[A-Z2-7]{12}$/);
      }),
    );
  });
});

describe('inDependencyOrder', () => {
  it('puts everything after what it needs, once each', () => {
    const graph = fc.array(fc.array(fc.nat(30), { maxLength: 4 }), { maxLength: 30 });
    fc.assert(
      fc.property(graph, (needs) => {
        const names = needs.map((_, index) => String(index));
        const earlier = (name: string) =>
          (needs[Number(name)] ?? []).filter((needed) => needed < Number(name)).map(String);
        const reversed = [...names].reverse();
        const order = inDependencyOrder(reversed, earlier);
        expect([...order].sort()).toEqual([...names].sort());
        for (const name of names)
          for (const needed of earlier(name)) expect(order.indexOf(needed)).toBeLessThan(order.indexOf(name));
      }),
    );
  });
});

import { describe, expect, it } from '@jest/globals';
import { AwsError } from '../../../../sandbox/core/aws-error.ts';
import { parseFleet, publishParameters } from '../../../../sandbox/fleets/index.ts';
import { createIam } from '../../../../sandbox/services/iam/index.ts';
import { fleetWorld, type FleetWorld } from '../../fleets/demo.ts';
import { provision } from '../../support/service.ts';

const image = { id: 'ami-0a1b2c3d4e5f60718', platform: 'Linux', platformName: 'Amazon Linux', platformVersion: '2023' };
const PUBLIC = '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64';

const withParameters = (parameters: object): Promise<FleetWorld> =>
  fleetWorld({ fleet: parseFleet({ images: { a: image }, instances: [], parameters }, 'x') });

const details = ({ world }: FleetWorld) => world.events.map(({ detail }) => detail);

describe('Parameter Store', () => {
  it('keeps versions and tells of changes without values', async () => {
    const on = await fleetWorld();
    on.world.events.length = 0;
    await on.call('ssm', 'PutParameter', { Name: '/a/b', Value: '1', Type: 'String' });
    expect(await on.failure('ssm', 'PutParameter', { Name: '/a/b', Value: '2' })).toContain('ParameterAlreadyExists');
    expect(await on.call('ssm', 'PutParameter', { Name: '/a/b', Value: '2', Overwrite: true })).toEqual({
      Version: 2,
      Tier: 'Standard',
    });
    expect(await on.call('ssm', 'GetParameter', { Name: '/a/b' })).toMatchObject({
      Parameter: { Value: '2', Version: 2 },
    });
    expect(await on.call('ssm', 'GetParameter', { Name: '/a/b:1' })).toMatchObject({
      Parameter: { Value: '1', Selector: ':1' },
    });
    await on.call('ssm', 'DeleteParameter', { Name: '/a/b' });
    expect(await on.failure('ssm', 'GetParameter', { Name: '/a/b' })).toContain('ParameterNotFound');
    expect(on.world.events.map(({ detail }) => detail['operation'])).toEqual(['Create', 'Update', 'Delete']);
    expect(JSON.stringify(on.world.events)).not.toContain('"2"');
  });

  it('reads by path, many at once, history, and hides SecureStrings', async () => {
    const on = await fleetWorld();
    for (const Name of ['/x/one', '/x/two', '/x/deep/three'])
      await on.call('ssm', 'PutParameter', { Name, Value: Name, Type: 'String' });
    await on.call('ssm', 'PutParameter', { Name: '/x/secret', Value: 'pw', Type: 'SecureString' });
    const byPath = (input: object) =>
      on.call<{ Parameters: { Name: string }[] }>('ssm', 'GetParametersByPath', { Path: '/x', ...input });
    expect((await byPath({})).Parameters).toHaveLength(3);
    expect((await byPath({ Recursive: true })).Parameters).toHaveLength(4);
    const many = await on.call('ssm', 'GetParameters', { Names: ['/x/one', '/x/nope'] });
    expect(many).toMatchObject({ Parameters: [{ Name: '/x/one' }], InvalidParameters: ['/x/nope'] });
    const secret = await on.call<{ Parameter: { Value: string } }>('ssm', 'GetParameter', { Name: '/x/secret' });
    expect(secret.Parameter.Value).not.toContain('pw');
    expect(await on.call('ssm', 'GetParameter', { Name: '/x/secret', WithDecryption: true })).toMatchObject({
      Parameter: { Value: 'pw' },
    });
    expect(await on.call('ssm', 'GetParameterHistory', { Name: '/x/one' })).toMatchObject({
      Parameters: [{ Version: 1, Value: '/x/one' }],
    });
  });

  it('comes from a template', async () => {
    const { ssm, call } = await fleetWorld();
    const made = ssm.resources['AWS::SSM::Parameter'];
    const context = { logicalId: 'P', stackName: 's', physicalName: () => 's-P-1', assetPath: () => '' };
    expect(await made?.create({ Type: 'String', Value: 'v' } as never, context)).toEqual({
      ref: 's-P-1',
      attributes: { Type: 'String', Value: 'v' },
    });
    expect(await call('ssm', 'GetParameter', { Name: 's-P-1' })).toMatchObject({ Parameter: { Value: 'v' } });
    expect(made?.properties.safeParse({ Type: 'String', Value: 'v', Nope: 1 }).success).toBe(false);
  });
});

describe('an AMI id as value', () => {
  const put = { Name: '/ami/linux/test', Value: image.id, Type: 'String', DataType: 'aws:ec2:image' };

  it('is taken at once, and there when EC2 knows the image', async () => {
    const on = await withParameters({});
    expect(await on.call('ssm', 'PutParameter', { ...put, Description: 'golden' })).toEqual({
      Version: 1,
      Tier: 'Standard',
    });
    expect(await on.failure('ssm', 'GetParameter', { Name: put.Name })).toMatch(/^ParameterNotFound/);
    expect(on.world.events).toEqual([]);
    await on.clock.runFor(10_000);
    expect(on.world.events).toEqual([
      {
        source: 'aws.ssm',
        'detail-type': 'Parameter Store Change',
        resources: ['arn:aws:ssm:eu-central-1:123456789012:parameter/ami/linux/test'],
        detail: { operation: 'Create', name: put.Name, type: 'String', description: 'golden' },
      },
    ]);
    expect(on.ssm.parameters.value(put.Name, 1)).toBe(image.id);
    expect(await on.call('ssm', 'GetParameter', { Name: put.Name })).toMatchObject({
      Parameter: { Value: image.id, DataType: 'aws:ec2:image' },
    });
  });

  it.each(['ami-00000000000000000', 'no AMI at all'])('is not kept where EC2 does not know it: %s', async (Value) => {
    const on = await withParameters({ [put.Name]: { value: image.id, dataType: 'aws:ec2:image' } });
    const again = { Name: put.Name, Value, Overwrite: true };
    expect(await on.call('ssm', 'PutParameter', again)).toMatchObject({ Version: 2 });
    expect(await on.failure('ssm', 'PutParameter', again)).toMatch(/^TooManyUpdates/);
    await on.clock.runFor(10_000);
    expect(details(on)).toEqual([
      {
        exception: 'Unable to Describe Resource',
        dataType: 'aws:ec2:image',
        name: put.Name,
        type: 'String',
        operation: 'Update',
      },
    ]);
    expect(await on.call('ssm', 'GetParameter', { Name: put.Name })).toMatchObject({
      Parameter: { Value: image.id, Version: 1 },
    });
    expect(await on.call('ssm', 'PutParameter', { ...again, Value: image.id })).toMatchObject({ Version: 2 });
  });

  it('is not kept either where the caller may not describe images', async () => {
    const fleet = parseFleet({ images: { a: image }, instances: [] }, 'x');
    const authorize = async (_: unknown, permissions: readonly { readonly action: string }[]) => {
      if (permissions.some(({ action }) => action === 'ec2:DescribeImages')) throw new AwsError('AccessDenied', '');
    };
    const on = await fleetWorld({ fleet, authorize });
    await on.call('ssm', 'PutParameter', put);
    await on.clock.runFor(10_000);
    expect(details(on)).toMatchObject([{ exception: 'Unable to Describe Resource', operation: 'Create' }]);
  });

  it('needs a String that has had the data type from the beginning', async () => {
    const on = await withParameters({ '/text': { value: image.id } });
    const refused = (input: object) => on.failure('ssm', 'PutParameter', { ...put, ...input });
    expect(await refused({ Type: 'StringList' })).toMatch(/^ValidationException/);
    expect(await refused({ Name: '/text', Overwrite: true })).toMatch(/^ValidationException/);
    expect(await refused({ DataType: 'aws:ssm:integration' })).toMatch(/^NotImplemented.*aws:ssm:integration/);
  });

  it('tells nothing more when its parameter is deleted meanwhile', async () => {
    const on = await withParameters({ [put.Name]: { value: image.id, dataType: 'aws:ec2:image' } });
    await on.call('ssm', 'PutParameter', { ...put, Overwrite: true });
    await on.call('ssm', 'DeleteParameter', { Name: put.Name });
    await on.clock.runFor(10_000);
    expect(details(on)).toMatchObject([{ operation: 'Delete' }]);
    expect(await on.call('ssm', 'PutParameter', put)).toMatchObject({ Version: 1 });
  });
});

describe('parameters of a fleet file', () => {
  it('are there from the start, with no event', async () => {
    const value = 'x'.repeat(5000);
    const on = await withParameters({ '/big': { value, tier: 'Intelligent-Tiering', description: 'much' } });
    expect(on.world.events).toEqual([]);
    const { Parameters } = await on.call<{ Parameters: object[] }>('ssm', 'DescribeParameters');
    expect(Parameters).toMatchObject([{ Name: '/big', Tier: 'Advanced', Description: 'much', Version: 1 }]);
  });

  it("are public where the name is AWS's: anybody reads them, nobody writes them", async () => {
    const fleet = parseFleet(
      { images: { a: image }, instances: [], parameters: { [PUBLIC]: { value: image.id } } },
      'x',
    );
    const on = await fleetWorld({ fleet });
    publishParameters(fleet, on.ssm.parameters);
    expect(await on.call('ssm', 'GetParameter', { Name: PUBLIC })).toMatchObject({
      Parameter: { Value: image.id, ARN: `arn:aws:ssm:eu-central-1::parameter${PUBLIC}` },
    });
    expect(await on.call('ssm', 'GetParametersByPath', { Path: '/aws/service/ami-amazon-linux-latest' })).toMatchObject(
      { Parameters: [{ Name: PUBLIC }] },
    );
    expect(await on.call('ssm', 'DescribeParameters')).toMatchObject({ Parameters: [] });
    const put = { Name: PUBLIC, Value: 'v', Overwrite: true };
    expect(await on.failure('ssm', 'PutParameter', put)).toBe(
      `AccessDeniedException: No access to reserved parameter name: ${PUBLIC}.`,
    );
    expect(await on.failure('ssm', 'DeleteParameter', { Name: PUBLIC })).toMatch(/^AccessDeniedException/);
    expect(on.world.events).toEqual([]);
  });
});

describe('tiers', () => {
  it('are advanced where Intelligent-Tiering needs it, and never standard again', async () => {
    const on = await withParameters({});
    const put = (input: object) => on.call('ssm', 'PutParameter', { Name: 'p', Type: 'String', ...input });
    expect(await put({ Value: 'small', Tier: 'Intelligent-Tiering' })).toEqual({ Version: 1, Tier: 'Standard' });
    const big = { Value: 'x'.repeat(8192), Overwrite: true };
    await expect(put(big)).rejects.toMatchObject({ code: 'ValidationException' });
    expect(await put({ ...big, Tier: 'Intelligent-Tiering' })).toEqual({ Version: 2, Tier: 'Advanced' });
    expect(await put({ Value: 'small', Overwrite: true, Tier: 'Intelligent-Tiering' })).toMatchObject({
      Tier: 'Advanced',
    });
    await expect(put({ Value: 'small', Overwrite: true, Tier: 'Standard' })).rejects.toMatchObject({
      message: expect.stringContaining("can't downgrade"),
    });
    await expect(put({ ...big, Value: 'x'.repeat(8193) })).rejects.toMatchObject({ code: 'ValidationException' });
  });
});

describe('lists of parameters', () => {
  const some = { '/a/one': { value: '1' }, '/a/b/two': { value: '2', type: 'SecureString' }, three: { value: '3' } };
  const names = async (on: FleetWorld, input: object) =>
    (await on.call<{ Parameters: { Name: string }[] }>('ssm', 'DescribeParameters', input)).Parameters.map(
      ({ Name }) => Name,
    );
  const filter = (Key: string, Option: string | undefined, ...Values: string[]) => ({
    ParameterFilters: [{ Key, Option, Values }],
  });

  it.each([
    [filter('Name', 'BeginsWith', '/a'), ['/a/b/two', '/a/one']],
    [filter('Name', 'Contains', 'o'), ['/a/b/two', '/a/one']],
    [filter('Path', 'Recursive', '/a'), ['/a/b/two', '/a/one']],
    [filter('Path', undefined, '/a'), ['/a/one']],
    [filter('Type', 'Equals', 'SecureString'), ['/a/b/two']],
    [filter('DataType', 'BeginsWith', 'te'), ['/a/b/two', '/a/one', 'three']],
    [filter('Tier', 'Equals', 'Advanced'), []],
    [filter('tag:Team', 'Equals', 'blue', 'red'), ['three']],
    [{ Filters: [{ Key: 'Name', Values: ['three'] }] }, ['three']],
  ])('DescribeParameters filters by %j', async (input, found) => {
    const on = await withParameters(some);
    const Tags = [{ Key: 'Team', Value: 'red' }];
    await on.call('ssm', 'AddTagsToResource', { ResourceType: 'Parameter', ResourceId: 'three', Tags });
    expect(await names(on, input)).toEqual(found);
  });

  it('refuse filters that there are not, and page', async () => {
    const on = await withParameters(some);
    const refused = (input: object) => on.failure('ssm', 'DescribeParameters', input);
    expect(await refused(filter('Colour', 'Equals', 'red'))).toMatch(/^InvalidFilterKey/);
    expect(await refused(filter('Type', 'Contains', 'S'))).toMatch(/^InvalidFilterOption/);
    expect(await refused(filter('KeyId', 'Equals', 'k'))).toMatch(/^NotImplemented/);
    const path = { Path: '/a', ParameterFilters: [{ Key: 'Label', Values: ['x'] }] };
    expect(await on.failure('ssm', 'GetParametersByPath', path)).toMatch(/^NotImplemented/);
    const first = await on.call<{ NextToken: string }>('ssm', 'DescribeParameters', { MaxResults: 2 });
    expect(await names(on, { NextToken: first.NextToken })).toEqual(['three']);
    const secure = { Path: '/', Recursive: true, ParameterFilters: [{ Key: 'Type', Values: ['SecureString'] }] };
    expect(await on.call('ssm', 'GetParametersByPath', secure)).toMatchObject({ Parameters: [{ Name: '/a/b/two' }] });
  });

  it('GetParameterHistory pages, says who changed what, and decrypts where it is told to', async () => {
    const on = await withParameters({ s: { value: 'first', type: 'SecureString' } });
    await on.call('ssm', 'PutParameter', { Name: 's', Value: 'second', Overwrite: true, AllowedPattern: '^s' });
    const history = (input: object) =>
      on.call<{ Parameters: { Value: string }[]; NextToken?: string }>('ssm', 'GetParameterHistory', input);
    const first = await history({ Name: 's', MaxResults: 1, WithDecryption: true });
    expect(first.Parameters).toMatchObject([{ Value: 'first', Version: 1, LastModifiedUser: 'fleet file' }]);
    const { Parameters } = await history({ Name: 's', NextToken: first.NextToken });
    expect(Parameters).toMatchObject([
      { Version: 2, LastModifiedUser: 'arn:aws:iam::123456789012:user/operator', AllowedPattern: '^s' },
    ]);
    expect(Parameters[0]?.Value).not.toContain('second');
  });
});

describe('parameters by name and tag', () => {
  it('are found by ARN too, with a slash or without one', async () => {
    const on = await withParameters({ '/a/b': { value: '1' }, plain: { value: '2' } });
    const arn = (rest: string) => ({ Name: `arn:aws:ssm:eu-central-1:123456789012:parameter/${rest}` });
    expect(await on.call('ssm', 'GetParameter', arn('a/b'))).toMatchObject({ Parameter: { Name: '/a/b', Value: '1' } });
    expect(await on.call('ssm', 'GetParameter', arn('plain:1'))).toMatchObject({
      Parameter: { Name: 'plain', Selector: ':1' },
    });
    expect(() => on.ssm.parameters.value('plain', '2')).toThrow(
      expect.objectContaining({ code: 'ParameterVersionNotFound' }),
    );
  });

  it('are deleted many at once, and begin at version 1 again', async () => {
    const on = await withParameters({ one: { value: '1' }, two: { value: '2' } });
    expect(await on.call('ssm', 'DeleteParameters', { Names: ['one', 'nope', 'two'] })).toEqual({
      DeletedParameters: ['one', 'two'],
      InvalidParameters: ['nope'],
    });
    expect(details(on)).toMatchObject([{ operation: 'Delete', name: 'one' }, { name: 'two' }]);
    expect(await on.call('ssm', 'PutParameter', { Name: 'one', Value: '1', Type: 'String' })).toMatchObject({
      Version: 1,
    });
  });

  it('have tags, given when they are made or later', async () => {
    const on = await withParameters({});
    const Tags = [{ Key: 'a', Value: '1' }];
    const put = { Name: 'p', Value: 'v', Type: 'String', Tags };
    await on.call('ssm', 'PutParameter', put);
    expect(await on.failure('ssm', 'PutParameter', { ...put, Overwrite: true })).toContain('tags and overwrite');
    const resource = { ResourceType: 'Parameter', ResourceId: 'p' };
    await on.call('ssm', 'AddTagsToResource', { ...resource, Tags: [{ Key: 'b', Value: '2' }] });
    await on.call('ssm', 'RemoveTagsFromResource', { ...resource, TagKeys: ['a'] });
    expect(await on.call('ssm', 'ListTagsForResource', resource)).toEqual({ TagList: [{ Key: 'b', Value: '2' }] });
    expect(await on.failure('ssm', 'ListTagsForResource', { ...resource, ResourceId: 'q' })).toMatch(
      /^InvalidResourceId/,
    );
    expect(await on.failure('ssm', 'ListTagsForResource', { ...resource, ResourceType: 'Document' })).toMatch(
      /^NotImplemented/,
    );
  });
});

describe('permissions on parameters', () => {
  it('see tags and Overwrite, and public parameters without an account', async () => {
    const on = await withParameters({ p: { value: '1' } });
    const iam = createIam(on.world);
    const role = {
      AssumeRolePolicyDocument: {
        Statement: { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
      },
      Policies: [
        {
          PolicyName: 'p',
          PolicyDocument: {
            Statement: [
              {
                Effect: 'Allow',
                Action: 'ssm:PutParameter',
                Resource: 'arn:aws:ssm:*:123456789012:parameter/p',
                Condition: { StringEquals: { 'ssm:Overwrite': 'true', 'aws:ResourceTag/Team': 'red' } },
              },
              { Effect: 'Allow', Action: 'ssm:GetParameter', Resource: `arn:aws:ssm:eu-central-1::parameter${PUBLIC}` },
            ],
          },
        },
      ],
    };
    const { attributes } = await provision(iam.resources, 'AWS::IAM::Role', role);
    const caller = iam.assume(attributes['Arn'] ?? '', 'lambda.amazonaws.com');
    const allowed = async (name: string, input: object): Promise<boolean> => {
      const asked = on.ssm.service.operations[name]?.permissions(input as never, { caller } as never) ?? [];
      const refusals = await Promise.all(asked.map((permission) => iam.refusal(caller, permission)));
      return refusals.every((refusal) => refusal === undefined);
    };
    expect(await allowed('PutParameter', { Name: 'p', Overwrite: true })).toBe(false);
    const Tags = [{ Key: 'Team', Value: 'red' }];
    await on.call('ssm', 'AddTagsToResource', { ResourceType: 'Parameter', ResourceId: 'p', Tags });
    expect(await allowed('PutParameter', { Name: 'p', Overwrite: true })).toBe(true);
    expect(await allowed('PutParameter', { Name: 'p' })).toBe(false);
    expect(await allowed('GetParameter', { Name: PUBLIC })).toBe(true);
    expect(await allowed('GetParameter', { Name: '/aws/service/other' })).toBe(false);
  });
});

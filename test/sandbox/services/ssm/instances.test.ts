import { describe, expect, it } from '@jest/globals';
import { fleetWorld, OFFLINE, STOPPED, WEB, WINDOWS } from '../../fleets/demo.ts';

interface Information {
  readonly InstanceInformationList: { readonly InstanceId: string; readonly PingStatus: string }[];
  readonly NextToken?: string;
}

describe('DescribeInstanceInformation', () => {
  it('knows who is online', async () => {
    const on = await fleetWorld();
    const { InstanceInformationList: all } = await on.call<Information>('ssm', 'DescribeInstanceInformation');
    expect(all).toHaveLength(8);
    const ping = new Map(all.map(({ InstanceId: id, PingStatus: status }) => [id, status]));
    expect([WEB, OFFLINE, STOPPED].map((id) => ping.get(id))).toEqual(['Online', 'ConnectionLost', 'ConnectionLost']);
    expect(all.find(({ InstanceId: id }) => id === WINDOWS)).toMatchObject({
      PlatformType: 'Windows',
      AgentVersion: '3.3.2299.0',
    });
  });

  it.each([
    [[{ Key: 'InstanceIds', Values: [WEB, OFFLINE] }], 2],
    [[{ Key: 'PingStatus', Values: ['Online'] }], 6],
    [
      [
        { Key: 'tag:Role', Values: ['web'] },
        { Key: 'PingStatus', Values: ['Online'] },
      ],
      2,
    ],
    [[{ Key: 'PlatformTypes', Values: ['Windows'] }], 1],
  ])('filters by %j', async (Filters, count) => {
    const on = await fleetWorld();
    expect(
      (await on.call<Information>('ssm', 'DescribeInstanceInformation', { Filters })).InstanceInformationList,
    ).toHaveLength(count);
  });

  it('pages, and refuses filters that it does not know', async () => {
    const on = await fleetWorld();
    const first = await on.call<Information>('ssm', 'DescribeInstanceInformation', { MaxResults: 5 });
    const rest = await on.call<Information>('ssm', 'DescribeInstanceInformation', {
      MaxResults: 5,
      NextToken: first.NextToken,
    });
    expect(rest.InstanceInformationList).toHaveLength(3);
    expect(rest.NextToken).toBe('');
    const again = await on.call<Information>('ssm', 'DescribeInstanceInformation', { MaxResults: 5, NextToken: '' });
    expect(again).toEqual(first);
    expect(
      await on.failure('ssm', 'DescribeInstanceInformation', { Filters: [{ Key: 'Nope', Values: ['1'] }] }),
    ).toContain('InvalidFilterKey');
  });

  it('does not know an instance without agent or profile', async () => {
    const on = await fleetWorld();
    const instance = on.ec2.instances.get(WEB);
    if (instance !== undefined) instance.agent = 'none';
    const Filters = [{ Key: 'InstanceIds', Values: [WEB] }];
    expect(await on.call('ssm', 'DescribeInstanceInformation', { Filters })).toEqual({
      InstanceInformationList: [],
      NextToken: '',
    });
  });
});

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

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

import { describe, expect, it } from '@jest/globals';
import { amiId, AMI, imageWorld } from './support.ts';

const SMALL = { imageId: AMI, instanceType: 't3.small', instanceProfile: 'p' };

const known = async ({ call }: Awaited<ReturnType<typeof imageWorld>>) =>
  (
    await call<{ InstanceInformationList: { InstanceId: string; PingStatus: string }[] }>(
      'ssm',
      'DescribeInstanceInformation',
    )
  ).InstanceInformationList.map(({ PingStatus }) => PingStatus);

describe('a launch', () => {
  it('is pending, then running with its events, then known to SSM, then passes its status checks', async () => {
    const on = await imageWorld();
    const { ec2, clock } = on;
    const instance = ec2.begin(SMALL);
    expect([instance.state, ec2.statusOf(instance)]).toEqual(['pending', 'not-applicable']);
    await clock.runFor(16_000);
    expect([instance.state, ec2.statusOf(instance), await known(on)]).toEqual(['running', 'initializing', []]);
    await clock.runFor(60_000);
    expect([ec2.statusOf(instance), await known(on)]).toEqual(['initializing', ['Online']]);
    await clock.runFor(70_000);
    expect(ec2.statusOf(instance)).toBe('ok');
    expect(on.world.events.map(({ detail }) => detail['state'])).toEqual(['pending', 'running']);
  });

  it('takes each machine its own time to reach SSM, the same with the same seed', async () => {
    const registers = async (seed: number) => {
      const { ec2, clock } = await imageWorld({}, { seed });
      const all = Array.from({ length: 20 }, () => ec2.begin(SMALL));
      await clock.runUntil(() => all.every(({ state }) => state === 'running'));
      const times = all.map(() => 0);
      await clock.runUntil(() => {
        all.forEach(({ agent, bootedAt }, index) => {
          if (agent === 'online' && times[index] === 0) times[index] = clock.now() - bootedAt;
        });
        return all.every(({ agent }) => agent === 'online');
      });
      return times;
    };
    const times = await registers(1);
    expect(Math.min(...times.filter((time) => time > 0))).toBeGreaterThanOrEqual(20_000);
    expect(Math.max(...times)).toBeLessThanOrEqual(60_000);
    expect(new Set(times).size).toBeGreaterThan(10);
    expect(await registers(1)).toEqual(times);
  });

  it('goes to the subnet of its zone, with an address there and the tags of its template', async () => {
    const { ec2 } = await imageWorld();
    const [, second, third] = [...ec2.network.subnets.values()];
    const launchTemplate = { id: 'lt-0123456789abcdef0', version: 3 };
    const byZone = ec2.begin({ ...SMALL, availabilityZone: 'eu-central-1b', tags: { Name: 'n' }, launchTemplate });
    const bySubnet = ec2.begin({ ...SMALL, subnetId: third?.subnetId });
    expect([byZone.subnetId, bySubnet.availabilityZone]).toEqual([second?.subnetId, 'eu-central-1c']);
    expect([byZone.privateIp, bySubnet.privateIp]).toEqual(['10.1.0.14', '10.2.0.14']);
    expect([...byZone.tags]).toEqual([
      ['Name', 'n'],
      ['aws:ec2launchtemplate:id', launchTemplate.id],
      ['aws:ec2launchtemplate:version', '3'],
    ]);
  });

  it('that EC2 cannot carry out ends terminated with its reason', async () => {
    const { ec2, clock, call } = await imageWorld();
    const instance = ec2.beginInVain(SMALL, 'Client.InternalError');
    expect(instance.state).toBe('pending');
    await clock.runFor(60_000);
    expect(await call('ec2', 'DescribeInstances')).toMatchObject({
      Reservations: [
        {
          Instances: [
            {
              State: { Name: 'terminated' },
              StateReason: { Code: 'Client.InternalError', Message: 'Client.InternalError: Client error on launch' },
            },
          ],
        },
      ],
    });
  });

  it.each([
    [{ imageId: 'web' }, 'InvalidAMIID.Malformed', 'Invalid id: "web" (expecting "ami-...")'],
    [{ imageId: amiId(9) }, 'InvalidAMIID.NotFound', `The image id '[${amiId(9)}]' does not exist`],
    [{ imageId: amiId(1) }, 'InvalidAMIID.NotFound', `The image id '[${amiId(1)}]' does not exist`],
    [{ imageId: amiId(2) }, 'InvalidAMIID.Unavailable', `The image ID '${amiId(2)}' is not available`],
    [{ imageId: amiId(3) }, 'InvalidParameterValue', "The architecture 'x86_64' of the specified instance type"],
    [{ instanceType: 't4g.micro' }, 'InvalidParameterValue', "The architecture 'arm64' of the specified instance type"],
    [{ instanceType: 'x9.huge' }, 'InvalidInstanceType', 'do not exist: [x9.huge]'],
    [{ imageId: amiId(4), instanceType: 't4g.micro' }, 'InvalidParameterCombination', "boot mode 'legacy-bios'"],
    [{ imageId: amiId(5) }, 'InvalidParameterCombination', "virtualization type of 'paravirtual'"],
    [{ subnetId: 'subnet-0123456789abcdef0' }, 'InvalidSubnetID.NotFound', 'does not exist'],
    [{ availabilityZone: 'eu-central-1z' }, 'InvalidParameterValue', 'Invalid availability zone: [eu-central-1z]'],
  ])('of %j is refused as RunInstances does', async (change, code, message) => {
    const { ec2 } = await imageWorld({
      foreign: { id: amiId(1), owner: '210987654321' },
      pending: { id: amiId(2), availableAfterSeconds: 60 },
      arm: { id: amiId(3), architecture: 'arm64' },
      bios: { id: amiId(4), architecture: 'arm64', bootMode: 'legacy-bios' },
      pv: { id: amiId(5), virtualization: 'paravirtual' },
    });
    const began = () => ec2.begin({ ...SMALL, ...change });
    expect(began).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }));
    expect(ec2.instances.size).toBe(0);
  });
});

describe('the machines of a bad AMI', () => {
  const begun = async (defect: object) => {
    const on = await imageWorld({ a: defect });
    const instance = on.ec2.begin(SMALL);
    return { ...on, instance, statusOf: () => on.ec2.statusOf(instance) };
  };

  it('never pass their status check', async () => {
    const on = await begun({ defect: 'fails-health-checks' });
    await on.clock.runFor(100_000);
    expect([on.statusOf(), on.instance.agent]).toEqual(['initializing', 'online']);
    await on.clock.runFor(60_000);
    expect(on.statusOf()).toBe('impaired');
    expect(await on.call('ec2', 'DescribeInstanceStatus')).toMatchObject({
      InstanceStatuses: [
        {
          InstanceStatus: { Status: 'impaired', Details: [{ Name: 'reachability', Status: 'failed' }] },
          SystemStatus: { Status: 'ok' },
        },
      ],
    });
  });

  it('never register with SSM', async () => {
    const on = await begun({ defect: 'never-reaches-ssm' });
    await on.clock.runFor(3_600_000);
    expect([on.statusOf(), on.instance.agent]).toEqual(['ok', 'none']);
    expect(await on.call('ssm', 'DescribeInstanceInformation')).toMatchObject({ InstanceInformationList: [] });
  });

  it('crash after ten minutes, and again that long after each boot', async () => {
    const on = await begun({ defect: 'crashes' });
    await on.clock.runFor(600_000);
    expect([on.statusOf(), on.instance.agent]).toEqual(['ok', 'online']);
    await on.clock.runFor(30_000);
    expect([on.statusOf(), on.instance.agent]).toEqual(['impaired', 'dead']);
    on.ec2.reboot(on.instance);
    await on.clock.runFor(200_000);
    expect([on.statusOf(), on.instance.agent]).toEqual(['ok', 'online']);
    await on.clock.runFor(600_000);
    expect([on.statusOf(), on.instance.agent]).toEqual(['impaired', 'dead']);
  });

  it('are bad from when a test says so', async () => {
    const { ec2, clock } = await imageWorld();
    const good = ec2.begin(SMALL);
    await clock.runFor(60_000);
    ec2.setDefect(AMI, 'crashes', 30);
    const bad = ec2.begin(SMALL);
    ec2.setDefect(AMI, undefined);
    const late = ec2.begin(SMALL);
    ec2.setDefect(AMI, 'crashes', 30);
    await clock.runFor(15_000);
    ec2.setDefect(AMI, undefined);
    await clock.runFor(600_000);
    expect([good, bad, late].map((each) => ec2.statusOf(each))).toEqual(['ok', 'impaired', 'impaired']);
    expect(() => ec2.setDefect(amiId(9), 'crashes')).toThrow('no image');
  });
});

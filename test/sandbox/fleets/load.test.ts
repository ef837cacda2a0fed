import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { FleetError, loadFleet, parseFleet } from '../../../sandbox/fleets/index.ts';
import { DATABASE, DEMO, fleetWorld } from './demo.ts';

const image = { id: 'ami-0a1b2c3d4e5f60718', platform: 'Linux', platformName: 'Amazon Linux', platformVersion: '2023' };
const problem = (change: object): string => {
  try {
    parseFleet({ images: { a: image }, instances: [{ name: 'one', image: 'a', ...change }] }, 'x.json');
  } catch (error) {
    if (error instanceof FleetError) return error.message;
  }
  return 'no error';
};

describe('loadFleet', () => {
  it('reads the demo: eight machines', () => {
    expect(loadFleet(DEMO).instances).toHaveLength(8);
  });

  it.each([
    [{ tags: { a: 1 } }, 'instances[0].tags.a: ', '(1 given)'],
    [{ imge: 'a' }, 'instances[0].imge: unknown key; remove it or correct its spelling', ''],
    [{ image: 'b' }, 'instances[0].image: no such image; the file has a', '("b" given)'],
    [{ image: 'constructor' }, 'instances[0].image: no such image', '("constructor" given)'],
    [{ type: 't9.huge' }, 'instances[0].type: no known type; the sandbox has t3.micro, ', '("t9.huge" given)'],
    [{ id: 'i-1' }, 'instances[0].id: an instance id is i- and 17 hexadecimal digits', '("i-1" given)'],
    [{ tags: { 'aws:x': '' } }, 'instances[0].tags.aws:x', ''],
    [{ name: undefined }, 'instances[0].name', '(missing)'],
    [{ volumes: [{ device: '/dev/sdf', sizeGiB: 0 }] }, 'instances[0].volumes[0].sizeGiB', '(0 given)'],
    [{ agent: 'asleep' }, 'instances[0].agent', '"online"'],
    [{ vary: [{ every: 2 }] }, 'instances[0].vary: only many can vary; give a count', ''],
    [{ count: 9, vary: [{ every: 2, offset: 3 }] }, 'instances[0].vary: offset is at most every, in rule 0', ''],
    [{ count: 9, vary: [{ every: 2, image: 'a' }] }, 'instances[0].vary[0].image: unknown key', ''],
    [{ count: 9, vary: [{ every: 2, tags: { 'aws:x': '' } }] }, 'instances[0].vary[0].tags.aws:x', ''],
  ])('names the place, the value and what would do: %j', (change, place, value) => {
    expect(problem(change)).toContain(place);
    expect(problem(change)).toContain(value);
  });

  it('says of a file that it is missing or no JSON', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'fleet-')), 'bad.json');
    expect(() => loadFleet(path)).toThrow(/bad\.json cannot be read/);
    writeFileSync(path, '{');
    expect(() => loadFleet(path)).toThrow(/bad\.json is not JSON/);
  });
});

describe('applyFleet', () => {
  it('varies some of many, the later rule over the earlier', async () => {
    const vary = [
      { every: 3, agent: 'offline', files: { '/etc/broken': 'yes' } },
      { every: 4, offset: 2, agent: 'hangs', tags: { Odd: 'yes', Role: 'other' } },
      { every: 10, state: 'stopped' },
    ];
    const instances = [{ name: 'node', image: 'a', count: 12, tags: { Role: 'web' }, vary }];
    const { ec2 } = await fleetWorld({ fleet: parseFleet({ images: { a: image }, instances }, 'x') });
    const all = [...ec2.instances.values()];
    const numbers = (test: (instance: (typeof all)[number]) => boolean) =>
      all.flatMap((instance, index) => (test(instance) ? [index + 1] : []));
    expect(numbers(({ agent }) => agent === 'offline')).toEqual([3, 9, 12]);
    expect(numbers(({ agent }) => agent === 'hangs')).toEqual([2, 6, 10]);
    expect(numbers(({ state }) => state === 'stopped')).toEqual([10]);
    expect(numbers(({ tags }) => tags.get('Odd') === 'yes' && tags.get('Role') === 'other')).toEqual([2, 6, 10]);
    const broken = await Promise.all(all.map(({ instanceId }) => ec2.machine(instanceId).fs.exists('/etc/broken')));
    expect(broken.flatMap((is, index) => (is ? [index + 1] : []))).toEqual([3, 6, 9, 12]);
  });

  it('tags the members of a group as Auto Scaling does: to be seen and filtered by, not written', async () => {
    const instances = [
      { name: 'member', image: 'a', autoScalingGroup: 'web-asg' },
      { name: 'loner', image: 'a' },
    ];
    const on = await fleetWorld({ fleet: parseFleet({ images: { a: image }, instances }, 'x') });
    const { Reservations: found } = await on.call<{ Reservations: { Instances: { InstanceId: string }[] }[] }>(
      'ec2',
      'DescribeInstances',
      { Filters: [{ Name: 'tag:aws:autoscaling:groupName', Values: ['web-asg'] }] },
    );
    expect(found).toHaveLength(1);
    const Resources = [found[0]?.Instances[0]?.InstanceId];
    const Tags = [{ Key: 'aws:autoscaling:groupName', Value: 'other' }];
    expect(await on.failure('ec2', 'CreateTags', { Resources, Tags })).toMatch(/^InvalidParameterValue/);
    expect(await on.failure('ec2', 'DeleteTags', { Resources, Tags })).toMatch(/^InvalidParameterValue/);
  });

  it('names every profile that the stacks do not have, and launches nothing', async () => {
    const profiles = ['p', { output: 'Nope' }, 'nope', { output: 'constructor' }, { output: 'ExportsOutputRefX' }];
    const instances = profiles.map((profile, index) => ({ name: `n${index}`, image: 'a', profile }));
    const fleet = parseFleet({ images: { a: image }, instances }, 'x');
    const failed: unknown = await fleetWorld({ fleet }).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(FleetError);
    expect((failed as FleetError).message.split('\n').slice(1)).toEqual([
      '  instances[1].profile.output: no such stack output; the stacks have InstanceProfileName ("Nope" given)',
      '  instances[2].profile: no instance profile of the stacks has the name ("nope" given)',
      '  instances[3].profile.output: no such stack output; the stacks have InstanceProfileName ("constructor" given)',
      '  instances[4].profile.output: no instance profile of the stacks has the name ("" given)',
    ]);
  });

  it('mounts data volumes by fstab, again after a restart, with what was written to them', async () => {
    const on = await fleetWorld();
    expect(await on.ec2.machine(DATABASE).fs.readFile('/data/pg/PG_VERSION')).toBe('16\n');
    await on.ec2.machine(DATABASE).fs.writeFile('/data/new', 'kept');
    await on.call('ec2', 'RebootInstances', { InstanceIds: [DATABASE] });
    await on.clock.runFor(60_000);
    expect(await on.ec2.machine(DATABASE).fs.readFile('/data/new')).toBe('kept');
  });

  it('makes many of one, and shares their image until they write', async () => {
    const fleet = parseFleet(
      { images: { a: image }, instances: [{ name: 'n', image: 'a', count: 3, profile: 'p' }] },
      'x',
    );
    const { ec2 } = await fleetWorld({ fleet });
    const [first, second] = [...ec2.instances.keys()].map((id) => ec2.machine(id));
    await first?.fs.writeFile('/tmp/mine', 'x');
    expect(await second?.fs.exists('/tmp/mine')).toBe(false);
    expect([...ec2.instances.values()].map(({ tags }) => tags.get('Name'))).toEqual(['n-1', 'n-2', 'n-3']);
  });
});

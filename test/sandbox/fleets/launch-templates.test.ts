import { describe, expect, it } from '@jest/globals';
import { FleetError, parseFleet } from '../../../sandbox/fleets/index.ts';
import { fleetWorld } from './demo.ts';

const image = { id: 'ami-0a1b2c3d4e5f60718', platform: 'Linux', platformName: 'Amazon Linux', platformVersion: '2023' };
const parsed = (launchTemplates: object) => parseFleet({ images: { a: image }, instances: [], launchTemplates }, 'x');
const problem = (template: object): string => {
  try {
    parsed({ web: template });
  } catch (error) {
    if (error instanceof FleetError) return error.message;
  }
  return 'no error';
};

describe('launchTemplates', () => {
  it('are made with their versions, each of which changes the one before', async () => {
    const fleet = parsed({
      web: {
        image: 'a',
        type: 't3.small',
        profile: { output: 'InstanceProfileName' },
        tags: { Role: 'web' },
        templateTags: { Team: 'shop' },
        versions: [{ imageId: 'resolve:ssm:/ami/web', description: 'by parameter' }, { type: 't3.large' }],
        defaultVersion: 2,
      },
    });
    const { ec2 } = await fleetWorld({ fleet });
    const template = ec2.templates.find({ LaunchTemplateName: 'web' });
    const first = {
      ImageId: image.id,
      InstanceType: 't3.small',
      IamInstanceProfile: { Name: 'profile-of-machines' },
      TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'Role', Value: 'web' }] }],
    };
    expect([...template.versions.values()].map(({ data }) => data)).toEqual([
      first,
      { ...first, ImageId: 'resolve:ssm:/ami/web' },
      { ...first, ImageId: 'resolve:ssm:/ami/web', InstanceType: 't3.large' },
    ]);
    expect([template.defaultVersion, [...template.tags]]).toEqual([2, [['Team', 'shop']]]);
  });

  it.each([
    [{ image: 'b' }, 'launchTemplates.web.image: no such image; the file has a ("b" given)'],
    [{ versions: [{ image: 'b' }] }, 'launchTemplates.web.versions[0].image: no such image'],
    [{ image: 'a', imageId: image.id }, 'launchTemplates.web.imageId: give image or imageId, not both'],
    [{ imageId: 'web' }, 'launchTemplates.web.imageId: an AMI id, or resolve:ssm: and the name of a parameter'],
    [{ type: 't9.huge' }, 'launchTemplates.web.type: no known type'],
    [{ defaultVersion: 2 }, 'launchTemplates.web.defaultVersion: there are 1 versions (2 given)'],
    [{ imge: 'a' }, 'launchTemplates.web.imge: unknown key'],
    [{ versions: [{ templateTags: {} }] }, 'launchTemplates.web.versions[0].templateTags: unknown key'],
  ])('refuse %j with the place', (template, message) => expect(problem(template)).toContain(message));

  it('name profiles that the stacks have', async () => {
    const fleet = parsed({ web: { profile: 'nope', versions: [{ profile: { output: 'Nope' } }] } });
    await expect(fleetWorld({ fleet })).rejects.toThrow(/launchTemplates\.web\.profile: no instance profile/);
    await expect(fleetWorld({ fleet })).rejects.toThrow(
      /launchTemplates\.web\.versions\[0\]\.profile\.output: no such/,
    );
  });
});

describe('images', () => {
  it.each([
    [{ state: 'gone' }, 'images.a.state'],
    [{ owner: 'me' }, 'images.a.owner: an account is 12 digits'],
    [{ defect: 'explodes' }, 'images.a.defect'],
    [{ extraVolumes: [{ device: '/dev/xvda', sizeGiB: 1 }] }, 'images.a.extraVolumes[0].device'],
    [{ shared: 'some' }, 'images.a.shared'],
    [{ sate: 'pending' }, 'images.a.sate: unknown key'],
  ])('refuse %j with the place', (change, message) => {
    const parse = () => parseFleet({ images: { a: { ...image, ...change } }, instances: [] }, 'x');
    expect(parse).toThrow(message);
  });

  it('name keys that the stacks have', async () => {
    const fleet = parseFleet({ images: { a: { ...image, kmsKey: { output: 'Nope' } } }, instances: [] }, 'x');
    await expect(fleetWorld({ fleet })).rejects.toThrow(/images\.a\.kmsKey\.output: no such stack output/);
  });
});

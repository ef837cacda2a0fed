import { describe, expect, it } from '@jest/globals';
import { parseExclusions } from '../../../../functions/lib/exclusions.ts';
import { followersAmong } from '../../../../functions/lib/groups/followers.ts';
import { refusalOf } from '../../../../functions/lib/groups/refusal.ts';
import { facts, group, image, MEMBER, RULES, template, TEMPLATE } from './support.ts';

const excluding = (document: object) => ({
  ...RULES,
  exclusions: [parseExclusions('/fleetwright/dev/exclusions', JSON.stringify(document))],
});
const why = (
  groupChanges: Parameters<typeof group>[0] = {},
  templates = [template()],
  factChanges: Parameters<typeof facts>[0] = {},
  rules = RULES,
) => refusalOf(group(groupChanges), templates, facts(factChanges), rules);
const mapping = (DeviceName: string, Ebs: object) => template({ BlockDeviceMappings: [{ DeviceName, Ebs }] });

it('has nothing against a group that fits', () => expect(why()).toBeUndefined());

describe('TargetNotAllowed', () => {
  it.each([
    ['no tag', why({ tags: {} }), 'web is not tagged SSMRunAllowed=true (it has no such tag)'],
    ['another value', why({ tags: { SSMRunAllowed: 'no' } }), 'its value is "no"'],
    [
      'its own tag',
      why({ tags: { SSMRunAllowed: 'true', 'fleetwright:exclude': 'true' } }),
      'web is excluded by its tag fleetwright:exclude=true',
    ],
    [
      'the parameter',
      why({}, undefined, {}, excluding({ autoScalingGroups: ['web'], reason: 'audit' })),
      'web is excluded by the parameter /fleetwright/dev/exclusions (audit)',
    ],
    [
      'one of its instances',
      why({}, undefined, {}, excluding({ instances: [MEMBER] })),
      `web has the instance ${MEMBER}, which is excluded by the parameter`,
    ],
    [
      'the tag of one of its instances',
      why({}, undefined, {
        members: new Map([[MEMBER, { InstanceId: MEMBER, Tags: [{ Key: 'fleetwright:exclude', Value: 'true' }] }]]),
      }),
      `web has the instance ${MEMBER}, which is excluded by its tag`,
    ],
  ])('by %s', (_, refusal, message) => {
    expect(refusal).toMatchObject({ reason: 'TargetNotAllowed', message: expect.stringContaining(message) });
  });

  it('is not for an instance that leaves the group', () =>
    expect(
      why(
        { instances: group().instances.map((each) => ({ ...each, lifecycleState: 'Terminating:Wait' })) },
        undefined,
        {},
        excluding({ instances: [MEMBER] }),
      ),
    ).toBeUndefined());
});

describe('TargetNotRollable', () => {
  it.each([
    ['a launch configuration', why({ launchConfiguration: 'old', templates: [] }, []), 'the launch configuration old'],
    ['no template', why({ templates: [] }, []), 'has no launch template'],
    ['a template that is gone', why({}, [template({}, { number: null })]), 'which does not exist'],
    ['a template without an AMI', why({}, [template({}, { imageId: null })]), 'without an AMI'],
    [
      'an AMI in an override',
      why({ mixedInstances: { LaunchTemplate: { Overrides: [{ InstanceType: 't3.micro' }, { ImageId: 'ami-1' }] } } }),
      'in override 1',
    ],
    ['a managed node group', why({ tags: { SSMRunAllowed: 'true', 'eks:nodegroup-name': 'x' } }), 'Amazon EKS'],
    [
      'suspended processes',
      why({ suspendedProcesses: ['AZRebalance', 'Terminate', 'Launch'] }),
      "has suspended Launch, Terminate, without which nothing is replaced. To resume: aws autoscaling resume-processes --auto-scaling-group-name 'web' --scaling-processes Launch Terminate",
    ],
  ])('for %s', (_, refusal, message) => {
    expect(refusal).toMatchObject({ reason: 'TargetNotRollable', message: expect.stringContaining(message) });
  });

  it('is not for processes that a refresh does not need', () =>
    expect(why({ suspendedProcesses: ['AZRebalance', 'AlarmNotification'] })).toBeUndefined());
});

describe('TemplateNotPinned', () => {
  it('for an AMI by a parameter', () =>
    expect(why({}, [template({}, { imageId: 'resolve:ssm:/ami/linux' })])).toMatchObject({
      reason: 'TemplateNotPinned',
      message: expect.stringContaining('launches resolve:ssm:/ami/linux'),
    }));

  it('where another group follows the latest version', () =>
    expect(why({}, undefined, { followers: new Map([[TEMPLATE, ['web', 'api', 'jobs']]]) })).toMatchObject({
      reason: 'TemplateNotPinned',
      message: expect.stringContaining('whose latest version api, jobs follow'),
    }));

  it('is not for a group that follows it itself', () =>
    expect(why({}, undefined, { followers: new Map([[TEMPLATE, ['web']]]) })).toBeUndefined());

  it('knows followers by $Latest alone, each once', () => {
    const ref = (version: string) => ({
      override: null,
      launchTemplateId: TEMPLATE,
      version,
      instanceTypes: null,
    });
    const groups = [
      group({ name: 'latest', templates: [ref('$Latest'), { ...ref('$Latest'), override: 0 }] }),
      group({ name: 'default', templates: [ref('$Default')] }),
      group({ name: 'pinned', templates: [ref('3')] }),
    ];
    expect(followersAmong(groups)).toEqual(new Map([[TEMPLATE, ['latest']]]));
  });
});

describe('ImageDoesNotFit', () => {
  const types = (instanceTypes: string[] | null) => [template({}, { instanceTypes })];
  it.each([
    ['an AMI that is pending', why({}, undefined, { image: image({ state: 'pending' }) }), 'is pending, not available'],
    [
      'another architecture',
      why({}, undefined, { image: image({ architecture: 'arm64' }) }),
      'is for arm64, and t3.micro runs x86_64',
    ],
    ['another architecture in an override', why({}, types(['t3.micro', 't4g.micro'])), 't4g.micro runs arm64'],
    [
      'another virtualization',
      why({}, undefined, { image: image({ virtualizationType: 'paravirtual' }) }),
      'is for paravirtual virtualization',
    ],
    [
      'another boot mode',
      why({}, types(['t4g.micro']), { image: image({ architecture: 'arm64', bootMode: 'legacy-bios' }) }),
      'boots by legacy-bios, and t4g.micro by uefi',
    ],
    [
      'an instance-store root',
      why({}, undefined, { image: image({ rootDeviceType: 'instance-store' }) }),
      'has its root on instance-store',
    ],
    [
      'another platform',
      why({}, undefined, { image: image({ platform: 'windows' }) }),
      'is for windows, and its template launches linux now',
    ],
    [
      'another root device',
      why({}, [mapping('/dev/xvda', { VolumeSize: 20 })], {
        image: image({ rootDeviceName: '/dev/sda1', deviceSizesGiB: { '/dev/sda1': 8 } }),
      }),
      'has its root on /dev/sda1, and its template maps the root as /dev/xvda',
    ],
    [
      'a root that is too small',
      why({}, [mapping('/dev/xvda', { VolumeSize: 4 })]),
      'needs 8 GiB on /dev/xvda, and its template gives it 4 GiB',
    ],
    [
      'a data volume that is too small',
      why({}, [mapping('/dev/sdf', { VolumeSize: 4 })], {
        image: image({ deviceSizesGiB: { '/dev/xvda': 8, '/dev/sdf': 50 } }),
      }),
      'needs 50 GiB on /dev/sdf',
    ],
    [
      "another AMI's snapshot as the root",
      why({}, [mapping('/dev/xvda', { SnapshotId: 'snap-1' })]),
      'gives /dev/xvda the snapshot snap-1',
    ],
  ])('for %s', (_, refusal, message) => {
    expect(refusal).toMatchObject({ reason: 'ImageDoesNotFit', message: expect.stringContaining(message) });
  });

  it.each([
    ['uefi-preferred', why({}, undefined, { image: image({ bootMode: 'uefi-preferred' }) })],
    ['types chosen by attributes', why({}, types([]), { image: image({ architecture: 'arm64' }) })],
    ['a type that EC2 does not know', why({}, types(['x99.large']))],
    ['an old AMI that is gone', why({}, undefined, { images: new Map() })],
    ['a larger root', why({}, [mapping('/dev/xvda', { VolumeSize: 8 })])],
    ['an empty data volume', why({}, [mapping('/dev/sdf', { VolumeSize: 1 })])],
    ["a data volume's own snapshot", why({}, [mapping('/dev/sdf', { SnapshotId: 'snap-1', VolumeSize: 1 })])],
  ])('is not for %s', (_, refusal) => expect(refusal).toBeUndefined());
});

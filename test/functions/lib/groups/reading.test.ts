import { describe, expect, it } from '@jest/globals';
import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { EC2Client } from '@aws-sdk/client-ec2';
import { awsError, fakeAws } from '../../support.ts';
import { readGroup, readGroups } from '../../../../functions/lib/groups/group.ts';
import { imageFacts } from '../../../../functions/lib/groups/image-facts.ts';
import { imagesOf, isOnImage } from '../../../../functions/lib/groups/images-of.ts';
import { survey } from '../../../../functions/lib/groups/survey.ts';
import { resolveTemplates } from '../../../../functions/lib/groups/templates.ts';
import { readInstanceTypes } from '../../../../functions/lib/groups/type-facts.ts';
import { group, MEMBER, NEW, OLD, template, TEMPLATE } from './support.ts';

const clients = { autoScaling: new AutoScalingClient(), ec2: new EC2Client() };
const OTHER = 'lt-0123456789abcdef1';
const named = (AutoScalingGroupName: string, more: object = {}) => ({ AutoScalingGroupName, MinSize: 0, ...more });
const specification = (LaunchTemplateId: string, Version?: string) => ({ LaunchTemplateId, Version });

describe('groups', () => {
  it('are read page by page, 50 names a call, without those that are being deleted', async () => {
    const calls = fakeAws({
      DescribeAutoScalingGroups: ({ AutoScalingGroupNames, NextToken }) => {
        const all = (AutoScalingGroupNames as string[]).map((name) =>
          named(name, name === 'g3' ? { Status: 'Delete in progress' } : {}),
        );
        return NextToken === undefined
          ? { AutoScalingGroups: all.slice(0, 30), NextToken: 'more' }
          : { AutoScalingGroups: all.slice(30) };
      },
    });
    const names = Array.from({ length: 51 }, (_, index) => `g${index}`);
    const found = await readGroups(clients.autoScaling, { names });
    expect(found.map(({ name }) => name)).toEqual(names.filter((name) => name !== 'g3'));
    expect(calls.map(({ input }) => (input['AutoScalingGroupNames'] as string[]).length)).toEqual([50, 50, 1, 1]);
  });

  it('are found by tags, all of which they have', async () => {
    const calls = fakeAws({ DescribeAutoScalingGroups: () => ({ AutoScalingGroups: [] }) });
    await readGroups(clients.autoScaling, { tags: { role: 'web', env: 'test' } });
    expect(calls[0]?.input).toMatchObject({
      Filters: [
        { Name: 'tag:role', Values: ['web'] },
        { Name: 'tag:env', Values: ['test'] },
      ],
    });
  });

  it('are undefined where there are none', async () => {
    fakeAws({ DescribeAutoScalingGroups: () => ({ AutoScalingGroups: [] }) });
    expect(await readGroup(clients.autoScaling, 'web')).toBeUndefined();
  });

  it.each([
    ['a launch template', { LaunchTemplate: specification(TEMPLATE, '3') }, [[null, TEMPLATE, '3', null]]],
    ['no version', { LaunchTemplate: specification(TEMPLATE) }, [[null, TEMPLATE, '$Default', null]]],
    ['a launch configuration', { LaunchConfigurationName: 'old' }, []],
    [
      'overrides with types, templates and attributes of their own',
      {
        MixedInstancesPolicy: {
          LaunchTemplate: {
            LaunchTemplateSpecification: specification(TEMPLATE, '$Latest'),
            Overrides: [
              { InstanceType: 't3.micro' },
              { InstanceType: 't4g.micro', LaunchTemplateSpecification: specification(OTHER, '2') },
              { LaunchTemplateSpecification: specification(OTHER, '4') },
              { InstanceRequirements: {}, LaunchTemplateSpecification: specification(OTHER, '5') },
            ],
          },
        },
      },
      [
        [null, TEMPLATE, '$Latest', ['t3.micro']],
        [1, OTHER, '2', ['t4g.micro']],
        [2, OTHER, '4', null],
        [3, OTHER, '5', []],
      ],
    ],
  ])('say what they launch by: %s', async (_, more, expected) => {
    fakeAws({ DescribeAutoScalingGroups: () => ({ AutoScalingGroups: [named('web', more)] }) });
    const found = await readGroup(clients.autoScaling, 'web');
    const refs = found?.templates.map((ref) => [ref.override, ref.launchTemplateId, ref.version, ref.instanceTypes]);
    expect(refs).toEqual(expected);
  });
});

describe('templates', () => {
  const versions = [
    { VersionNumber: 5, DefaultVersion: false, LaunchTemplateData: { ImageId: NEW } },
    { VersionNumber: 3, DefaultVersion: true, LaunchTemplateData: { ImageId: OLD } },
  ];
  const ref = (version: string, launchTemplateId = TEMPLATE) => ({
    override: null,
    launchTemplateId,
    version,
    instanceTypes: null,
  });
  const told = async (...refs: ReturnType<typeof ref>[]) =>
    (await resolveTemplates(clients.ec2, refs)).map(({ number, imageId }) => [number, imageId]);

  it('are read once each and found by number, $Latest and $Default', async () => {
    const calls = fakeAws({ DescribeLaunchTemplateVersions: () => ({ LaunchTemplateVersions: versions }) });
    expect(await told(ref('$Latest'), ref('$Default'), ref('3'), ref('3', OTHER))).toEqual([
      ['5', NEW],
      ['3', OLD],
      ['3', OLD],
      ['3', OLD],
    ]);
    expect(calls.map(({ input }) => [input['LaunchTemplateId'], input['Versions']])).toEqual([
      [TEMPLATE, ['$Latest', '$Default', '3']],
      [OTHER, ['3']],
    ]);
  });

  it('that are gone have no number, and hide no others', async () => {
    fakeAws({
      DescribeLaunchTemplateVersions: ({ Versions, LaunchTemplateId }) => {
        if (LaunchTemplateId === OTHER) throw awsError('InvalidLaunchTemplateId.NotFound');
        const asked = Versions as string[];
        if (asked.includes('9')) throw awsError('InvalidLaunchTemplateId.VersionNotFound');
        return { LaunchTemplateVersions: versions.filter((each) => asked.includes(String(each.VersionNumber))) };
      },
    });
    expect(await told(ref('3'), ref('9'), ref('1', OTHER))).toEqual([
      ['3', OLD],
      [null, null],
      [null, null],
    ]);
  });

  it('are not taken for gone where they may not be read', async () => {
    fakeAws({ DescribeLaunchTemplateVersions: () => Promise.reject(awsError('UnauthorizedOperation')) });
    await expect(told(ref('3'))).rejects.toMatchObject({ name: 'UnauthorizedOperation' });
  });
});

describe('instance types', () => {
  it('that EC2 does not know hide no others', async () => {
    fakeAws({
      DescribeInstanceTypes: ({ InstanceTypes }) => {
        const asked = InstanceTypes as string[];
        if (asked.includes('x99.large')) throw awsError('InvalidInstanceType');
        return { InstanceTypes: asked.map((InstanceType) => ({ InstanceType, SupportedBootModes: ['uefi'] })) };
      },
    });
    const found = await readInstanceTypes(clients.ec2, ['t3.micro', 'x99.large', 't3.micro']);
    expect([...found.keys()]).toEqual(['t3.micro']);
    expect(found.get('t3.micro')).toMatchObject({ bootModes: ['uefi'], architectures: [] });
  });
});

it('takes from an AMI what decides where it can be launched', () => {
  const mappings = [
    { DeviceName: '/dev/sda1', Ebs: { VolumeSize: 30 } },
    { DeviceName: '/dev/sdb', VirtualName: 'ephemeral0' },
  ];
  const shown = { ImageId: NEW, Platform: 'Windows', BootMode: 'uefi', BlockDeviceMappings: mappings } as const;
  expect(imageFacts(shown)).toMatchObject({
    platform: 'windows',
    bootMode: 'uefi',
    deviceSizesGiB: { '/dev/sda1': 30 },
  });
  expect(imageFacts({ ImageId: NEW })).toMatchObject({ platform: 'linux', bootMode: undefined });
});

describe('what runs', () => {
  const member = (id: string, lifecycleState: string) => ({
    id,
    lifecycleState,
    healthStatus: 'Healthy',
    isProtected: false,
    template: null,
  });
  it('counts by AMI what stays, in standby too, and not what leaves or is unknown', () => {
    const of = group({
      instances: [
        member('i-1', 'InService'),
        member('i-2', 'Standby'),
        member('i-3', 'Terminating'),
        member('i-4', 'Pending'),
      ],
    });
    const members = new Map(['i-1', 'i-2', 'i-3'].map((id) => [id, { ImageId: id === 'i-1' ? NEW : OLD }]));
    expect(imagesOf(of, members)).toEqual({ [NEW]: 1, [OLD]: 1 });
  });

  it.each([
    ['all of it', [template({}, { imageId: NEW })], { [NEW]: 2 }, true],
    ['no instances', [template({}, { imageId: NEW })], {}, true],
    ['an old instance', [template({}, { imageId: NEW })], { [NEW]: 2, [OLD]: 1 }, false],
    ['an old template', [template({}, { imageId: NEW }), template()], { [NEW]: 2 }, false],
    ['no template', [], {}, false],
  ])('is on the AMI or not: %s', (_, templates, images, expected) =>
    expect(isOnImage(templates, images, NEW)).toBe(expected),
  );
});

it('reads for many groups in as few calls as for one', async () => {
  const calls = fakeAws({
    DescribeLaunchTemplateVersions: ({ LaunchTemplateId }) => ({
      LaunchTemplateVersions: [
        {
          VersionNumber: 3,
          LaunchTemplateData: { ImageId: LaunchTemplateId === OTHER ? NEW : OLD, InstanceType: 't3.micro' },
        },
      ],
    }),
    DescribeInstances: () => ({ Reservations: [{ Instances: [{ InstanceId: MEMBER, ImageId: OLD }] }] }),
    DescribeImages: () => ({ Images: [{ ImageId: NEW, State: 'available' }] }),
    DescribeInstanceTypes: () => ({ InstanceTypes: [{ InstanceType: 't3.micro' }] }),
    DescribeAutoScalingGroups: () => ({ AutoScalingGroups: [] }),
  });
  const other = { override: null, launchTemplateId: OTHER, version: '3', instanceTypes: null };
  const { groups, facts } = await survey(
    clients,
    [group(), group({ name: 'api', templates: [other], instances: [] })],
    NEW,
  );
  expect(groups.map(({ group: { name }, templates, images }) => [name, templates[0]?.imageId, images])).toEqual([
    ['web', OLD, { [OLD]: 1 }],
    ['api', NEW, {}],
  ]);
  expect(facts.image).toMatchObject({ imageId: NEW });
  expect([...facts.types.keys()]).toEqual(['t3.micro']);
  expect(calls).toHaveLength(6);
});

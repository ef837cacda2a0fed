import type { ResponseLaunchTemplateData } from '@aws-sdk/client-ec2';
import type { GroupState } from '../../../../functions/lib/groups/group.ts';
import type { ImageFacts } from '../../../../functions/lib/groups/image-facts.ts';
import type { Facts, GroupRules } from '../../../../functions/lib/groups/refusal.ts';
import type { ResolvedTemplate } from '../../../../functions/lib/groups/templates.ts';

export const OLD = 'ami-0000000000000001a';
export const NEW = 'ami-0000000000000002b';
export const TEMPLATE = 'lt-0123456789abcdef0';
export const MEMBER = 'i-0000000000000000a';

export const group = (changes: Partial<GroupState> = {}): GroupState => ({
  name: 'web',
  arn: 'arn:aws:autoscaling:eu-central-1:123456789012:autoScalingGroup:u:autoScalingGroupName/web',
  tags: { SSMRunAllowed: 'true' },
  min: 1,
  max: 4,
  desired: 1,
  instances: [
    {
      id: MEMBER,
      lifecycleState: 'InService',
      healthStatus: 'Healthy',
      isProtected: false,
      template: { id: TEMPLATE, version: '3' },
    },
  ],
  templates: [{ override: null, launchTemplateId: TEMPLATE, version: '3', instanceTypes: null }],
  launchConfiguration: undefined,
  mixedInstances: undefined,
  subnetIds: ['subnet-1'],
  suspendedProcesses: [],
  ...changes,
});

export const template = (
  data: ResponseLaunchTemplateData = {},
  changes: Partial<ResolvedTemplate> = {},
): ResolvedTemplate => ({
  override: null,
  launchTemplateId: TEMPLATE,
  version: '3',
  instanceTypes: null,
  number: '3',
  imageId: OLD,
  data: { ImageId: OLD, InstanceType: 't3.micro', ...data },
  ...changes,
});

export const image = (changes: Partial<ImageFacts> = {}): ImageFacts => ({
  imageId: NEW,
  state: 'available',
  architecture: 'x86_64',
  virtualizationType: 'hvm',
  bootMode: undefined,
  platform: 'linux',
  rootDeviceType: 'ebs',
  rootDeviceName: '/dev/xvda',
  deviceSizesGiB: { '/dev/xvda': 8 },
  ...changes,
});

export const facts = (changes: Partial<Facts> = {}): Facts => ({
  image: image(),
  images: new Map([[OLD, image({ imageId: OLD })]]),
  types: new Map([
    [
      't3.micro',
      {
        architectures: ['x86_64'],
        virtualizationTypes: ['hvm'],
        bootModes: ['legacy-bios', 'uefi'],
        rootDeviceTypes: ['ebs'],
      },
    ],
    [
      't4g.micro',
      { architectures: ['arm64'], virtualizationTypes: ['hvm'], bootModes: ['uefi'], rootDeviceTypes: ['ebs'] },
    ],
  ]),
  followers: new Map(),
  members: new Map([[MEMBER, { InstanceId: MEMBER, Tags: [] }]]),
  ...changes,
});

export const RULES: GroupRules = { tagGate: { key: 'SSMRunAllowed', value: 'true' }, exclusions: [] };

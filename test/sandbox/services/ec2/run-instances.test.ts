import type { Instance, RunInstancesRequest } from '@aws-sdk/client-ec2';
import { describe, expect, it } from '@jest/globals';
import type { FleetOptions } from '../../fleets/demo.ts';
import { AwsError } from '../../../../sandbox/core/aws-error.ts';
import { caller } from '../../support/service.ts';
import { amiId, AMI, imageWorld } from './support.ts';

type Run = Partial<RunInstancesRequest>;

const ONE = { ImageId: AMI, InstanceType: 't3.small', MinCount: 1, MaxCount: 1 } as const;
const [TWO_VOLUMES, ARM, PENDING, ENCRYPTED] = [1, 2, 3, 4].map(amiId);
const KEY = 'arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-4333-8444-555555555555';

const images = {
  twoVolumes: { id: TWO_VOLUMES, rootSizeGiB: 20, extraVolumes: [{ device: '/dev/sdf', sizeGiB: 50 }] },
  arm: { id: ARM, architecture: 'arm64' },
  pending: { id: PENDING, availableAfterSeconds: 60 },
  encrypted: { id: ENCRYPTED, kmsKey: KEY },
};

async function runWorld(options: Omit<FleetOptions, 'fleet'> = {}) {
  const on = await imageWorld(images, options);
  const run = async (input: Run = {}) =>
    (await on.call<{ Instances: Instance[] }>('ec2', 'RunInstances', { ...ONE, ...input })).Instances;
  const failure = (input: Run) => on.failure('ec2', 'RunInstances', { ...ONE, ...input });
  const template = on.ec2.templates.create({
    name: 'web',
    createdBy: 'test',
    tags: { Team: 'shop' },
    data: {
      ImageId: AMI,
      InstanceType: 't3.small',
      IamInstanceProfile: { Name: 'p' },
      TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'Role', Value: 'web' }] }],
    },
  });
  return { ...on, run, failure, template };
}

describe('RunInstances', () => {
  it('launches as many as it may, in one reservation, with tags on instances and volumes', async () => {
    const { run, ec2, call } = await runWorld();
    const TagSpecifications: Run['TagSpecifications'] = [
      { ResourceType: 'instance', Tags: [{ Key: 'Name', Value: 'n' }] },
      { ResourceType: 'volume', Tags: [{ Key: 'Of', Value: 'n' }] },
    ];
    const instances = await run({ MinCount: 1, MaxCount: 3, TagSpecifications, UserData: 'IyE=' });
    expect(instances.map(({ AmiLaunchIndex: index, State: state }) => [index, state?.Name])).toEqual([
      [0, 'pending'],
      [1, 'pending'],
      [2, 'pending'],
    ]);
    expect(new Set([...ec2.instances.values()].map(({ reservationId }) => reservationId)).size).toBe(1);
    expect(instances[0]?.Tags).toEqual([{ Key: 'Name', Value: 'n' }]);
    expect(await call('ec2', 'DescribeVolumes', { Filters: [{ Name: 'tag:Of', Values: ['n'] }] })).toHaveProperty(
      'Volumes.length',
      3,
    );
  });

  it('takes from a launch template what the request leaves out', async () => {
    const { run, template } = await runWorld();
    const LaunchTemplate = { LaunchTemplateName: 'web' };
    const [instance] = await run({ ImageId: undefined, InstanceType: 't3.large', LaunchTemplate });
    expect(instance).toMatchObject({
      ImageId: AMI,
      InstanceType: 't3.large',
      IamInstanceProfile: { Arn: 'arn:aws:iam::123456789012:instance-profile/p' },
      Tags: [
        { Key: 'Role', Value: 'web' },
        { Key: 'aws:ec2launchtemplate:id', Value: template.id },
        { Key: 'aws:ec2launchtemplate:version', Value: '1' },
      ],
    });
  });

  it('makes the volumes of the AMI, changed, suppressed and added to by the request', async () => {
    const { run, ec2 } = await runWorld();
    const sizes = async (BlockDeviceMappings: Run['BlockDeviceMappings']) => {
      const [instance] = await run({ ImageId: TWO_VOLUMES, BlockDeviceMappings });
      return ec2
        .volumesOf(instance?.InstanceId ?? '')
        .map(({ sizeGiB, attachment }) => [attachment?.device, sizeGiB, attachment?.deleteOnTermination]);
    };
    expect(await sizes(undefined)).toEqual([
      ['/dev/xvda', 20, true],
      ['/dev/sdf', 50, true],
    ]);
    expect(
      await sizes([
        { DeviceName: '/dev/xvda', Ebs: { VolumeSize: 30, DeleteOnTermination: false } },
        { DeviceName: '/dev/sdf', NoDevice: '' },
        { DeviceName: '/dev/sdg', Ebs: { VolumeSize: 5 } },
      ]),
    ).toEqual([
      ['/dev/xvda', 30, false],
      ['/dev/sdg', 5, true],
    ]);
  });

  it.each<[Run, string]>([
    [{ ImageId: PENDING }, `InvalidAMIID.Unavailable: The image ID '${PENDING}' is not available`],
    [{ ImageId: amiId(9) }, `InvalidAMIID.NotFound: The image id '[${amiId(9)}]' does not exist`],
    [{ ImageId: undefined }, 'MissingParameter: The request must contain the parameter ImageId'],
    [
      { ImageId: ARM },
      "InvalidParameterValue: The architecture 'x86_64' of the specified instance type does not match the architecture 'arm64'",
    ],
    [{ MinCount: 0 }, 'InvalidParameterValue: Value (0) for parameter minCount is invalid.'],
    [{ MinCount: 2 }, 'InvalidParameterValue: Value (1) for parameter maxCount is invalid.'],
    [{ SubnetId: 'subnet-0123456789abcdef0' }, 'InvalidSubnetID.NotFound'],
    [{ SecurityGroupIds: ['sg-0123456789abcdef0'] }, 'InvalidGroup.NotFound'],
    [{ LaunchTemplate: { LaunchTemplateName: 'db' } }, 'InvalidLaunchTemplateName.NotFoundException'],
    [
      { BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { VolumeSize: 4 } }] },
      'InvalidBlockDeviceMapping: Volume of size 4GB is smaller than  snapshot',
    ],
    [
      { BlockDeviceMappings: [{ DeviceName: '/dev/sdf', Ebs: { SnapshotId: 'snap-0123456789abcdef0' } }] },
      "InvalidSnapshot.NotFound: The snapshot 'snap-0123456789abcdef0' does not exist.",
    ],
    [
      { BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { SnapshotId: 'snap-0123456789abcdef0' } }] },
      'InvalidBlockDeviceMapping: snapshotId cannot be modified on root device',
    ],
    [
      { BlockDeviceMappings: [{ DeviceName: '/dev/sda1', Ebs: { VolumeType: 'gp3' } }] },
      'InvalidBlockDeviceMapping: Either snapshot ID or volume size must be provided for: /dev/sda1',
    ],
    [{ BlockDeviceMappings: [{ DeviceName: '/dev/xvda', NoDevice: '' }] }, 'InvalidBlockDeviceMapping'],
    [
      { BlockDeviceMappings: [{ DeviceName: '/dev/sdf', Ebs: { VolumeSize: 4, KmsKeyId: KEY } }] },
      'InvalidParameterDependency',
    ],
    [
      { TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'aws:x', Value: '' }] }] },
      "InvalidParameterValue: Tag keys starting with 'aws:'",
    ],
    [{ TagSpecifications: [{ ResourceType: 'snapshot', Tags: [] }] }, "InvalidParameterValue: 'snapshot' is not"],
    [{ Placement: { Tenancy: 'host' } }, 'NotImplemented'],
    [{ CpuOptions: { CoreCount: 1 } }, 'NotImplemented: The sandbox does not model ec2:RunInstances with CpuOptions'],
    [{ DryRun: true }, 'DryRunOperation: Request would have succeeded, but DryRun flag is set.'],
    [{ DryRun: true, ImageId: PENDING }, 'InvalidAMIID.Unavailable'],
  ])('refuses %j', async (input, error) => {
    const { failure, ec2 } = await runWorld();
    expect(await failure(input)).toContain(error);
    expect(ec2.instances.size).toBe(0);
  });

  it('answers the same token with the same instances, and other parameters with an error', async () => {
    const { run, failure, ec2, clock } = await runWorld();
    const ClientToken = 'once';
    const [[first], [second]] = await Promise.all([run({ ClientToken }), run({ ClientToken })]);
    await clock.runFor(60_000);
    const [third] = await run({ ClientToken });
    expect(ec2.instances.size).toBe(1);
    expect([second?.InstanceId, third?.InstanceId]).toEqual([first?.InstanceId, first?.InstanceId]);
    expect([first?.State?.Name, third?.State?.Name, third?.ClientToken]).toEqual(['pending', 'running', 'once']);
    expect(await failure({ ClientToken, InstanceType: 't3.large' })).toContain('IdempotentParameterMismatch');
    for (const instance of ec2.instances.values()) ec2.terminate(instance);
    await clock.runFor(60_000);
    expect(await failure({ ClientToken })).toContain('IdempotentInstanceTerminated');
  });

  it('begins in vain where the caller may not use the key of a volume', async () => {
    const { run, ec2, clock } = await runWorld({
      authorize: async (_caller, permissions) => {
        if (permissions.some(({ resource }) => resource === KEY))
          throw new AwsError('UnauthorizedOperation', 'no', 403);
      },
    });
    await run({ ImageId: ENCRYPTED });
    await clock.runFor(60_000);
    expect([...ec2.instances.values()]).toMatchObject([{ state: 'terminated', stateReason: 'Client.InternalError' }]);
  });
});

describe('IAM', () => {
  const asked = async (input: Run) => {
    const on = await runWorld();
    await on.run(input);
    return { ...on, permissions: on.world.dispatcher.journal.at(-1)?.permissions ?? [] };
  };

  it('is asked for every resource of a launch', async () => {
    const { permissions, ec2 } = await asked({ KeyName: 'k' });
    const subnet = [...ec2.network.subnets.keys()][0] ?? '';
    const ours = 'arn:aws:ec2:eu-central-1:123456789012:';
    expect(permissions.map(({ action, resource }) => `${action} ${resource}`)).toEqual([
      `ec2:RunInstances arn:aws:ec2:eu-central-1::image/${AMI}`,
      `ec2:RunInstances ${ours}instance/*`,
      `ec2:RunInstances ${ours}volume/*`,
      `ec2:RunInstances ${ours}network-interface/*`,
      `ec2:RunInstances ${ours}subnet/${subnet}`,
      `ec2:RunInstances ${ours}security-group/${ec2.network.securityGroupId}`,
      `ec2:RunInstances ${ours}key-pair/k`,
    ]);
    expect(permissions[1]?.context).toMatchObject({ 'ec2:InstanceType': 't3.small', 'ec2:Tenancy': 'default' });
  });

  it('is asked for the template with its tags, for tags, and told what comes from the template', async () => {
    const { permissions, template } = await asked({
      ImageId: undefined,
      LaunchTemplate: { LaunchTemplateName: 'web' },
    });
    const arn = `arn:aws:ec2:eu-central-1:123456789012:launch-template/${template.id}`;
    expect(permissions.find(({ resource }) => resource === arn)?.context).toMatchObject({
      'aws:ResourceTag/Team': 'shop',
      'ec2:LaunchTemplate': arn,
    });
    expect(permissions[0]?.context).toMatchObject({
      'ec2:IsLaunchTemplateResource': 'true',
      'ec2:LaunchTemplate': arn,
    });
    expect(permissions[1]?.context).toMatchObject({ 'aws:RequestTag/Role': 'web', 'aws:TagKeys': ['Role'] });
    expect(permissions.find(({ action }) => action === 'ec2:CreateTags')).toEqual({
      action: 'ec2:CreateTags',
      resource: 'arn:aws:ec2:eu-central-1:123456789012:instance/*',
      context: { 'aws:RequestTag/Role': 'web', 'aws:TagKeys': ['Role'], 'ec2:CreateAction': 'RunInstances' },
    });
  });

  it('is asked for the parameter that an AMI comes from', async () => {
    const on = await runWorld();
    on.ssm.parameters.put({ name: '/ami/web', value: AMI, type: 'String', dataType: 'aws:ec2:image' }, 'me');
    await on.run({ ImageId: 'resolve:ssm:/ami/web' });
    expect(on.world.dispatcher.journal.at(-1)?.permissions.at(-1)).toEqual({
      action: 'ssm:GetParameters',
      resource: 'arn:aws:ssm:eu-central-1:123456789012:parameter/ami/web',
    });
  });
});

it('keeps what is protected from termination', async () => {
  const { world, run } = await runWorld();
  const [instance] = await run({ DisableApiTermination: true });
  const terminate = caller(world, 'ec2')('TerminateInstances', { InstanceIds: [instance?.InstanceId] });
  await expect(terminate).rejects.toMatchObject({ code: 'OperationNotPermitted' });
});

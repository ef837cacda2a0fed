import type * as ec2 from '@aws-sdk/client-ec2';
import type { World } from '../../core/world.ts';
import { instanceType } from './instance-types.ts';
import type { Ec2Store } from './store.ts';
import type { Image, Instance, StateName, Volume } from './types.ts';

export const STATE_CODES: Readonly<Record<StateName, number>> = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
};

export const tagList = (tags: ReadonlyMap<string, string>): ec2.Tag[] =>
  [...tags].map(([Key, Value]) => ({ Key, Value }));
export const stateOf = (state: StateName): ec2.InstanceState => ({ Code: STATE_CODES[state], Name: state });

/** A number of hexadecimal digits that always is the same for the same id: ENIs and the like that nothing else refers to. */
const derived = (prefix: string, id: string): string =>
  `${prefix}-${id
    .slice(-17)
    .padStart(17, '0')
    .replace(/^(.{8})(.*)$/, '$2$1')}`;

/** Shapes the answers of the EC2 API (API reference: Instance, Volume, Image). */
export class Shapes {
  readonly #world: World;
  readonly #store: Ec2Store;

  constructor(world: World, store: Ec2Store) {
    this.#world = world;
    this.#store = store;
  }

  instance(instance: Instance): ec2.Instance {
    const gone = instance.state === 'terminated';
    const windows = instance.software.platform === 'Windows';
    const { architecture } = instanceType(instance.instanceType);
    const volumes = this.#store.volumesOf(instance.instanceId);
    return {
      AmiLaunchIndex: 0,
      Architecture: architecture,
      BlockDeviceMappings: volumes.map((volume) => this.#mapping(volume)),
      ClientToken: '',
      CpuOptions: { CoreCount: 1, ThreadsPerCore: 2 },
      CurrentInstanceBootMode: 'uefi',
      EbsOptimized: true,
      EnaSupport: true,
      Hypervisor: 'xen',
      IamInstanceProfile: this.#profile(instance),
      ImageId: instance.imageId,
      InstanceId: instance.instanceId,
      InstanceType: instance.instanceType as ec2._InstanceType,
      LaunchTime: new Date(instance.launchTime),
      MetadataOptions: {
        State: 'applied',
        HttpTokens: 'required',
        HttpPutResponseHopLimit: 2,
        HttpEndpoint: 'enabled',
      },
      Monitoring: { State: 'disabled' },
      NetworkInterfaces: gone ? [] : [this.#interface(instance)],
      Placement: { AvailabilityZone: instance.availabilityZone, GroupName: '', Tenancy: 'default' },
      ...(windows ? { Platform: 'windows' as ec2.PlatformValues } : {}),
      PlatformDetails: windows ? 'Windows' : 'Linux/UNIX',
      PrivateDnsName: gone ? '' : this.#store.privateDnsName(instance),
      ...(gone
        ? {}
        : { PrivateIpAddress: instance.privateIp, SubnetId: this.#store.subnetId, VpcId: this.#store.vpcId }),
      PublicDnsName: '',
      RootDeviceName: windows ? '/dev/sda1' : '/dev/xvda',
      RootDeviceType: 'ebs',
      SecurityGroups: gone ? [] : [this.#group()],
      SourceDestCheck: true,
      State: stateOf(instance.state),
      ...(instance.stateReason === ''
        ? {}
        : { StateReason: { Code: instance.stateReason, Message: `${instance.stateReason}: User initiated shutdown` } }),
      StateTransitionReason: instance.stateReason === '' ? '' : 'User initiated',
      Tags: tagList(instance.tags),
      UsageOperation: windows ? 'RunInstances:0002' : 'RunInstances',
      VirtualizationType: 'hvm',
    };
  }

  status(instance: Instance): ec2.InstanceStatus {
    const { clock } = this.#world;
    const checked = instance.state === 'running';
    const settled = clock.now() - instance.bootedAt > 120_000;
    const status = !checked ? 'not-applicable' : settled ? 'ok' : 'initializing';
    const summary: ec2.InstanceStatusSummary = {
      Status: status,
      ...(checked ? { Details: [{ Name: 'reachability', Status: settled ? 'passed' : 'initializing' }] } : {}),
    };
    return {
      AvailabilityZone: instance.availabilityZone,
      InstanceId: instance.instanceId,
      InstanceState: stateOf(instance.state),
      InstanceStatus: summary,
      SystemStatus: summary,
    };
  }

  volume({ volumeId, sizeGiB, availabilityZone, createTime, tags, attachment }: Volume): ec2.Volume {
    return {
      VolumeId: volumeId,
      AvailabilityZone: availabilityZone,
      CreateTime: new Date(createTime),
      Encrypted: true,
      Iops: 3000,
      MultiAttachEnabled: false,
      Size: sizeGiB,
      State: attachment === undefined ? 'available' : 'in-use',
      Throughput: 125,
      VolumeType: 'gp3',
      Tags: tagList(tags),
      Attachments:
        attachment === undefined
          ? []
          : [
              {
                AttachTime: new Date(attachment.attachTime),
                DeleteOnTermination: attachment.deleteOnTermination,
                Device: attachment.device,
                InstanceId: attachment.instanceId,
                State: 'attached',
                VolumeId: volumeId,
              },
            ],
    };
  }

  image(image: Image): ec2.Image {
    const windows = image.software.platform === 'Windows';
    return {
      Architecture: image.architecture,
      BlockDeviceMappings: [
        {
          DeviceName: windows ? '/dev/sda1' : '/dev/xvda',
          Ebs: {
            DeleteOnTermination: true,
            SnapshotId: derived('snap', image.imageId),
            VolumeSize: image.rootSizeGiB,
            VolumeType: 'gp3',
            Encrypted: false,
          },
        },
      ],
      CreationDate: new Date(image.creationDate).toISOString(),
      EnaSupport: true,
      Hypervisor: 'xen',
      ImageId: image.imageId,
      ImageLocation: `${this.#world.account}/${image.name}`,
      ImageType: 'machine',
      Name: image.name,
      OwnerId: this.#world.account,
      ...(windows ? { Platform: 'windows' as ec2.PlatformValues } : {}),
      PlatformDetails: windows ? 'Windows' : 'Linux/UNIX',
      Public: false,
      RootDeviceName: windows ? '/dev/sda1' : '/dev/xvda',
      RootDeviceType: 'ebs',
      State: 'available',
      Tags: tagList(image.tags),
      VirtualizationType: 'hvm',
    };
  }

  #mapping({ volumeId, attachment }: Volume): ec2.InstanceBlockDeviceMapping {
    return {
      DeviceName: attachment?.device,
      Ebs: {
        AttachTime: new Date(attachment?.attachTime ?? 0),
        DeleteOnTermination: attachment?.deleteOnTermination,
        Status: 'attached',
        VolumeId: volumeId,
      },
    };
  }

  #profile({ instanceProfile }: Instance): ec2.IamInstanceProfile | undefined {
    if (instanceProfile === undefined) return undefined;
    return {
      Arn: `arn:aws:iam::${this.#world.account}:instance-profile/${instanceProfile}`,
      Id: `AIPA${instanceProfile
        .toUpperCase()
        .replace(/[^A-Z]/g, '')
        .padEnd(17, 'X')
        .slice(0, 17)}`,
    };
  }

  #group(): ec2.GroupIdentifier {
    return { GroupId: this.#store.securityGroupId, GroupName: 'default' };
  }

  #interface(instance: Instance): ec2.InstanceNetworkInterface {
    const dns = this.#store.privateDnsName(instance);
    return {
      Attachment: {
        AttachTime: new Date(instance.launchTime),
        AttachmentId: derived('eni-attach', instance.instanceId),
        DeleteOnTermination: true,
        DeviceIndex: 0,
        NetworkCardIndex: 0,
        Status: 'attached',
      },
      Description: '',
      Groups: [this.#group()],
      InterfaceType: 'interface',
      NetworkInterfaceId: derived('eni', instance.instanceId),
      OwnerId: this.#world.account,
      PrivateDnsName: dns,
      PrivateIpAddress: instance.privateIp,
      PrivateIpAddresses: [{ Primary: true, PrivateDnsName: dns, PrivateIpAddress: instance.privateIp }],
      SourceDestCheck: true,
      Status: 'in-use',
      SubnetId: this.#store.subnetId,
      VpcId: this.#store.vpcId,
    };
  }
}

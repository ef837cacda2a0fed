import type * as ec2 from '@aws-sdk/client-ec2';
import type { World } from '../../core/world.ts';
import { instanceType } from './instance-types.ts';
import type { StatusCheck } from './life-cycle.ts';
import type { Ec2Store } from './store.ts';
import type { Instance, StateName, Volume } from './types.ts';

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

const REACHABILITY = { initializing: 'initializing', ok: 'passed', impaired: 'failed' } as const;

function summary(status: StatusCheck, impairedFrom?: number): ec2.InstanceStatusSummary {
  if (status === 'not-applicable') return { Status: status };
  const since = status === 'impaired' && impairedFrom !== undefined ? { ImpairedSince: new Date(impairedFrom) } : {};
  return { Status: status, Details: [{ Name: 'reachability', Status: REACHABILITY[status], ...since }] };
}

const USER = 'Client.UserInitiatedShutdown';

/** Why it went down, or never came up. */
function transition({ stateReason: code }: Instance): Pick<ec2.Instance, 'StateReason' | 'StateTransitionReason'> {
  if (code === '') return { StateTransitionReason: '' };
  if (code === USER)
    return {
      StateReason: { Code: code, Message: `${code}: User initiated shutdown` },
      StateTransitionReason: 'User initiated',
    };
  return { StateReason: { Code: code, Message: `${code}: Client error on launch` }, StateTransitionReason: code };
}

/** The default security group, which is the only one. */
const groups = ({ securityGroupIds }: Instance): ec2.GroupIdentifier[] =>
  securityGroupIds.map((GroupId) => ({ GroupId, GroupName: 'default' }));

/** Shapes the answers of the EC2 API (API reference: Instance, InstanceStatus, Volume). */
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
    const { details } = instance;
    const { architecture } = instanceType(instance.instanceType);
    const volumes = this.#store.volumesOf(instance.instanceId);
    return {
      AmiLaunchIndex: instance.launchIndex,
      Architecture: architecture,
      BlockDeviceMappings: volumes.map((volume) => this.#mapping(volume)),
      ClientToken: instance.clientToken,
      CpuOptions: { CoreCount: 1, ThreadsPerCore: 2 },
      CurrentInstanceBootMode: 'uefi',
      EbsOptimized: details.ebsOptimized ?? true,
      EnaSupport: true,
      Hypervisor: 'xen',
      IamInstanceProfile: this.profile(instance),
      ImageId: instance.imageId,
      InstanceId: instance.instanceId,
      InstanceType: instance.instanceType as ec2._InstanceType,
      LaunchTime: new Date(instance.launchTime),
      MetadataOptions: {
        State: 'applied',
        HttpTokens: details.httpTokens ?? 'required',
        HttpPutResponseHopLimit: details.httpPutResponseHopLimit ?? 2,
        HttpEndpoint: details.httpEndpoint ?? 'enabled',
      },
      ...(details.keyName === undefined ? {} : { KeyName: details.keyName }),
      Monitoring: { State: details.monitoring === true ? 'enabled' : 'disabled' },
      NetworkInterfaces: gone ? [] : [this.#interface(instance)],
      Placement: { AvailabilityZone: instance.availabilityZone, GroupName: '', Tenancy: 'default' },
      ...(windows ? { Platform: 'windows' as ec2.PlatformValues } : {}),
      PlatformDetails: windows ? 'Windows' : 'Linux/UNIX',
      PrivateDnsName: gone ? '' : this.#store.privateDnsName(instance),
      ...(gone
        ? {}
        : { PrivateIpAddress: instance.privateIp, SubnetId: instance.subnetId, VpcId: this.#store.network.vpcId }),
      PublicDnsName: '',
      RootDeviceName: this.#store.images.get(instance.imageId)?.volumes[0].deviceName ?? '',
      RootDeviceType: 'ebs',
      SecurityGroups: gone ? [] : groups(instance),
      SourceDestCheck: true,
      State: stateOf(instance.state),
      ...transition(instance),
      Tags: tagList(instance.tags),
      UsageOperation: windows ? 'RunInstances:0002' : 'RunInstances',
      VirtualizationType: 'hvm',
    };
  }

  status(instance: Instance): ec2.InstanceStatus {
    const status = this.#store.statusOf(instance);
    return {
      AvailabilityZone: instance.availabilityZone,
      InstanceId: instance.instanceId,
      InstanceState: stateOf(instance.state),
      InstanceStatus: summary(status, instance.impairedFrom),
      SystemStatus: summary(status === 'impaired' ? 'ok' : status),
    };
  }

  volume({ volumeId, sizeGiB, availabilityZone, createTime, tags, attachment, ...volume }: Volume): ec2.Volume {
    return {
      VolumeId: volumeId,
      AvailabilityZone: availabilityZone,
      CreateTime: new Date(createTime),
      Encrypted: volume.kmsKeyId !== undefined,
      Iops: volume.iops ?? 3000,
      ...(volume.kmsKeyId === undefined ? {} : { KmsKeyId: volume.kmsKeyId }),
      MultiAttachEnabled: false,
      Size: sizeGiB,
      State: attachment === undefined ? 'available' : 'in-use',
      SnapshotId: volume.snapshotId ?? '',
      Throughput: volume.throughput ?? 125,
      VolumeType: (volume.volumeType ?? 'gp3') as ec2.VolumeType,
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

  profile({ instanceProfile }: Instance): ec2.IamInstanceProfile | undefined {
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
      Groups: groups(instance),
      InterfaceType: 'interface',
      NetworkInterfaceId: derived('eni', instance.instanceId),
      OwnerId: this.#world.account,
      PrivateDnsName: dns,
      PrivateIpAddress: instance.privateIp,
      PrivateIpAddresses: [{ Primary: true, PrivateDnsName: dns, PrivateIpAddress: instance.privateIp }],
      SourceDestCheck: true,
      Status: 'in-use',
      SubnetId: instance.subnetId,
      VpcId: this.#store.network.vpcId,
    };
  }
}

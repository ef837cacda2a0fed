import type { RunInstancesRequest } from '@aws-sdk/client-ec2';
import type { Permission } from '../../core/service.ts';
import type { World } from '../../core/world.ts';
import type { ResolvedTemplate } from './launch-templates.ts';
import type { Ec2Store } from './store.ts';
import { requestTags, resourceTags } from './tags.ts';
import type { LaunchRequest, LaunchVolume } from './types.ts';

type Context = NonNullable<Permission['context']>;

/** A launch, of however many. */
export type Planned = Omit<RunInstancesRequest, 'MaxCount' | 'MinCount'>;

interface Launch {
  readonly input: Planned;
  readonly template: ResolvedTemplate | undefined;
  readonly request: LaunchRequest;
}

const ACTION = 'ec2:RunInstances';

/**
 * What IAM is asked for a launch: RunInstances on every resource that it uses or makes, each with its condition keys
 * ("Actions, resources, and condition keys for Amazon EC2", Service Authorization Reference), and CreateTags on what it tags.
 */
export class RunPermissions {
  readonly #world: World;
  readonly #store: Ec2Store;

  constructor(world: World, store: Ec2Store) {
    this.#world = world;
    this.#store = store;
  }

  of(launch: Launch): Permission[] {
    const { request, input, template } = launch;
    return [
      this.#image(launch),
      this.#asked(launch, 'instance/*', [], {
        ...this.#instance(request),
        ...requestTags(request.tags ?? {}),
      }),
      ...(request.volumes ?? []).map((volume) => this.#volume(launch, volume)),
      ...this.#network(launch),
      ...(request.details?.keyName === undefined
        ? []
        : [this.#asked(launch, `key-pair/${request.details.keyName}`, ['KeyName'])]),
      ...(template === undefined ? [] : [this.#template(launch, template)]),
      ...this.#tagging('instance/*', request.tags),
      ...this.#tagging('volume/*', request.volumeTags),
      ...parameterPermissions(this.#world, input.ImageId ?? this.#imageOf(template)),
    ];
  }

  /** A permission with the keys of the template, where there is one: `members` of the request name the resource. */
  #asked(
    { input, template }: Launch,
    resource: string,
    members: readonly (keyof Planned)[],
    context: Context = {},
  ): Permission {
    const fromTemplate = members.length > 0 && members.every((member) => input[member] === undefined);
    const keys: Context =
      template === undefined
        ? {}
        : {
            'ec2:LaunchTemplate': this.#arn(`launch-template/${template.id}`),
            'ec2:IsLaunchTemplateResource': String(fromTemplate),
          };
    return { action: ACTION, resource: this.#arn(resource), context: { ...context, ...keys } };
  }

  #image(launch: Launch): Permission {
    const { imageId } = launch.request;
    const image = this.#store.images.get(imageId);
    const context: Context =
      image === undefined
        ? {}
        : {
            ...resourceTags(image.tags),
            'ec2:ImageType': 'machine',
            'ec2:Owner': image.owner,
            'ec2:Public': String(image.public),
            'ec2:RootDeviceType': image.rootDeviceType,
          };
    return {
      ...this.#asked(launch, '', ['ImageId'], { ...context, 'ec2:ImageID': imageId }),
      resource: `arn:aws:ec2:${this.#world.region}::image/${imageId}`,
    };
  }

  #instance({ instanceType, instanceProfile, details = {}, ...request }: LaunchRequest): Context {
    const { availabilityZone } = this.#store.network.place(request);
    return {
      'ec2:AvailabilityZone': availabilityZone,
      'ec2:EbsOptimized': String(details.ebsOptimized ?? true),
      'ec2:InstanceType': instanceType,
      'ec2:MetadataHttpEndpoint': details.httpEndpoint ?? 'enabled',
      'ec2:MetadataHttpPutResponseHopLimit': String(details.httpPutResponseHopLimit ?? 2),
      'ec2:MetadataHttpTokens': details.httpTokens ?? 'required',
      'ec2:RootDeviceType': 'ebs',
      'ec2:Tenancy': 'default',
      ...(instanceProfile === undefined
        ? {}
        : { 'ec2:InstanceProfile': `arn:aws:iam::${this.#world.account}:instance-profile/${instanceProfile}` }),
    };
  }

  #volume(launch: Launch, { snapshotId, kmsKeyId, ...volume }: LaunchVolume): Permission {
    const { request } = launch;
    return this.#asked(launch, 'volume/*', ['BlockDeviceMappings'], {
      'ec2:AvailabilityZone': this.#store.network.place(request).availabilityZone,
      'ec2:Encrypted': String(kmsKeyId !== undefined),
      'ec2:VolumeSize': String(volume.sizeGiB),
      'ec2:VolumeType': volume.volumeType,
      ...(kmsKeyId === undefined ? {} : { 'ec2:KmsKeyId': kmsKeyId }),
      ...(snapshotId === undefined
        ? {}
        : { 'ec2:ParentSnapshot': `arn:aws:ec2:${this.#world.region}::snapshot/${snapshotId}` }),
      ...requestTags(request.volumeTags ?? {}),
    });
  }

  #network(launch: Launch): Permission[] {
    const { network } = this.#store;
    const { subnetId, availabilityZone } = network.place(launch.request);
    const place = { 'ec2:AvailabilityZone': availabilityZone, 'ec2:Vpc': this.#arn(`vpc/${network.vpcId}`) };
    const groups = launch.request.securityGroupIds ?? [network.securityGroupId];
    return [
      this.#asked(launch, 'network-interface/*', [], {
        ...place,
        'ec2:AssociatePublicIpAddress': 'false',
        'ec2:Subnet': this.#arn(`subnet/${subnetId}`),
      }),
      this.#asked(launch, `subnet/${subnetId}`, ['SubnetId'], { ...place, 'ec2:SubnetID': subnetId }),
      ...groups.map((id) =>
        this.#asked(launch, `security-group/${id}`, ['SecurityGroupIds'], {
          'ec2:SecurityGroupID': id,
          'ec2:Vpc': place['ec2:Vpc'],
        }),
      ),
    ];
  }

  #template(launch: Launch, { id }: ResolvedTemplate): Permission {
    const tags = this.#store.templates.all.get(id)?.tags ?? new Map<string, string>();
    return this.#asked(launch, `launch-template/${id}`, [], resourceTags(tags));
  }

  #tagging(resource: string, tags: LaunchRequest['tags'] = {}): Permission[] {
    if (Object.keys(tags).length === 0) return [];
    const context = { ...requestTags(tags), 'ec2:CreateAction': 'RunInstances' };
    return [{ action: 'ec2:CreateTags', resource: this.#arn(resource), context }];
  }

  /** The image as the template writes it. */
  #imageOf(template: ResolvedTemplate | undefined): string | undefined {
    if (template === undefined) return undefined;
    return this.#store.templates.all.get(template.id)?.versions.get(template.version)?.data.ImageId;
  }

  #arn(resource: string): string {
    return `arn:aws:ec2:${this.#world.region}:${this.#world.account}:${resource}`;
  }
}

/** What resolving an image that is named by a parameter takes of Parameter Store. */
export function parameterPermissions(
  { account, region }: Pick<World, 'account' | 'region'>,
  imageId: string | undefined,
): Permission[] {
  const [, name] = /^resolve:ssm:\/?([^:]+)/.exec(imageId ?? '') ?? [];
  if (name === undefined) return [];
  return [{ action: 'ssm:GetParameters', resource: `arn:aws:ssm:${region}:${account}:parameter/${name}` }];
}

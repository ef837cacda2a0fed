import type { ResponseLaunchTemplateData, RunInstancesRequest } from '@aws-sdk/client-ec2';
import { AwsError, notImplemented } from '../../core/aws-error.ts';
import { only } from '../../core/only.ts';
import { launchVolumes } from './block-devices.ts';
import type { Ec2Store } from './store.ts';
import { onlyTagged, specifiedTags } from './tags.ts';
import type { LaunchDetails, LaunchRequest } from './types.ts';

/** What a launch takes from a template or a request, which name these members alike. */
export type LaunchParameters = Pick<
  RunInstancesRequest | ResponseLaunchTemplateData,
  | 'BlockDeviceMappings'
  | 'DisableApiTermination'
  | 'EbsOptimized'
  | 'IamInstanceProfile'
  | 'ImageId'
  | 'InstanceInitiatedShutdownBehavior'
  | 'InstanceType'
  | 'KeyName'
  | 'MetadataOptions'
  | 'Monitoring'
  | 'Placement'
  | 'SecurityGroupIds'
  | 'TagSpecifications'
  | 'UserData'
> & { readonly SubnetId?: string | undefined; readonly PrivateIpAddress?: string | undefined };

/** Members of RunInstances and of the data of launch templates that a launch heeds. */
export const HEEDED = [
  'BlockDeviceMappings',
  'DisableApiTermination',
  'EbsOptimized',
  'IamInstanceProfile',
  'ImageId',
  'InstanceInitiatedShutdownBehavior',
  'InstanceType',
  'KeyName',
  'MetadataOptions',
  'Monitoring',
  'Placement',
  'PrivateIpAddress',
  'SecurityGroupIds',
  'SubnetId',
  'TagSpecifications',
  'UserData',
];

const nameOfProfile = ({ IamInstanceProfile: profile }: LaunchParameters): string | undefined =>
  profile?.Name ?? profile?.Arn?.replace(/^.*\//, '');

/**
 * The launch that parameters ask for, every one of them checked. Services that launch from templates give the data of the
 * resolved template with what they override. @throws AwsError as RunInstances answers
 */
export function launchRequest(store: Ec2Store, parameters: LaunchParameters): LaunchRequest {
  only('a launch', parameters, HEEDED);
  const { ImageId: given, InstanceType: instanceType = 'm1.small', Placement: placement = {} } = parameters;
  if (given === undefined) throw new AwsError('MissingParameter', 'The request must contain the parameter ImageId');
  only('the placement of a launch', placement, ['AvailabilityZone', 'Tenancy']);
  if ((placement.Tenancy ?? 'default') !== 'default') throw notImplemented(`the tenancy ${placement.Tenancy ?? ''}`);
  if (parameters.InstanceInitiatedShutdownBehavior === 'terminate')
    throw notImplemented('launches with InstanceInitiatedShutdownBehavior terminate');
  if (parameters.TagSpecifications?.some(({ ResourceType: type }) => type === 'network-interface') === true)
    throw notImplemented('tags of network interfaces');
  onlyTagged(parameters.TagSpecifications, ['instance', 'volume']);
  const imageId = store.templates.imageId(given);
  const image = store.launchableImage(imageId, instanceType);
  const request: LaunchRequest = {
    imageId,
    instanceType,
    subnetId: parameters.SubnetId,
    availabilityZone: placement.AvailabilityZone,
    securityGroupIds: parameters.SecurityGroupIds,
    privateIp: parameters.PrivateIpAddress,
    instanceProfile: nameOfProfile(parameters),
    volumes: launchVolumes(image, parameters.BlockDeviceMappings, store),
    tags: specifiedTags(parameters.TagSpecifications, 'instance'),
    volumeTags: specifiedTags(parameters.TagSpecifications, 'volume'),
    disableApiTermination: parameters.DisableApiTermination,
    details: detailsOf(parameters),
  };
  store.network.place(request);
  store.network.checkGroups(request.securityGroupIds);
  return request;
}

function detailsOf({ MetadataOptions: metadata = {}, ...given }: LaunchParameters): LaunchDetails {
  only('the metadata options of a launch', { ...metadata, State: undefined }, [
    'HttpTokens',
    'HttpPutResponseHopLimit',
    'HttpEndpoint',
  ]);
  return {
    keyName: given.KeyName,
    userData: given.UserData,
    ebsOptimized: given.EbsOptimized,
    monitoring: given.Monitoring?.Enabled,
    httpTokens: metadata.HttpTokens,
    httpPutResponseHopLimit: metadata.HttpPutResponseHopLimit,
    httpEndpoint: metadata.HttpEndpoint,
  };
}

import type * as sdk from '@aws-sdk/client-auto-scaling';
import { AwsError } from '../../core/aws-error.ts';
import { only } from '../../core/only.ts';
import { type Operation, operation } from '../../core/service.ts';
import { invalid } from './errors.ts';
import { configurationOf, namesConfiguration, newGroup, updateGroup } from './group-settings.ts';
import { activeRefresh, type Group } from './model.ts';
import type { Parts } from './parts.ts';
import { requestTags } from './permissions.ts';

type Settings = sdk.CreateAutoScalingGroupType | sdk.UpdateAutoScalingGroupType;

/** The condition keys of requests that say what a group is to be (Service Authorization Reference). */
function settingKeys(input: Settings): Readonly<Record<string, string>> {
  const { MinSize: min, MaxSize: max, LaunchTemplate: template, MixedInstancesPolicy: policy } = input;
  const specification = template ?? policy?.LaunchTemplate?.LaunchTemplateSpecification;
  const { LaunchConfigurationName: configuration } = input;
  return {
    ...(min !== undefined && { 'autoscaling:MinSize': String(min) }),
    ...(max !== undefined && { 'autoscaling:MaxSize': String(max) }),
    ...(configuration !== undefined && { 'autoscaling:LaunchConfigurationName': configuration }),
    ...(specification !== undefined && {
      'autoscaling:LaunchTemplateVersionSpecified': String(/^\d+$/.test(specification.Version ?? '')),
    }),
  };
}

/** The operations that make, change and delete groups (API reference, version 2011-01-01). */
export function groupOperations(parts: Parts): Readonly<Record<string, Operation>> {
  const { groups, machines, permissions, supervisor, status } = parts;
  const launching = (input: Settings) =>
    namesConfiguration(input) ? permissions.toLaunch(configurationOf(input)) : [];

  return {
    CreateAutoScalingGroup: operation<sdk.CreateAutoScalingGroupCommandInput, sdk.CreateAutoScalingGroupCommandOutput>(
      (input) => [
        ...permissions.on('CreateAutoScalingGroup', input.AutoScalingGroupName, {
          ...settingKeys(input),
          ...requestTags(input.Tags),
        }),
        ...launching(input),
      ],
      (input) => {
        supervisor.touch(groups.create(newGroup(input, machines)));
        return {};
      },
    ),
    UpdateAutoScalingGroup: operation<sdk.UpdateAutoScalingGroupCommandInput, sdk.UpdateAutoScalingGroupCommandOutput>(
      (input) => [
        ...permissions.on('UpdateAutoScalingGroup', input.AutoScalingGroupName, settingKeys(input)),
        ...launching(input),
      ],
      (input) => {
        const group = groups.get(input.AutoScalingGroupName);
        updateGroup(group, input, machines);
        supervisor.touch(group);
        return {};
      },
    ),
    DeleteAutoScalingGroup: operation<sdk.DeleteAutoScalingGroupCommandInput, sdk.DeleteAutoScalingGroupCommandOutput>(
      ({ AutoScalingGroupName: name }) => permissions.on('DeleteAutoScalingGroup', name),
      ({ AutoScalingGroupName: name, ForceDelete: force = false }) => {
        remove(groups.get(name), force, parts);
        return {};
      },
    ),
    SetDesiredCapacity: operation<sdk.SetDesiredCapacityCommandInput, sdk.SetDesiredCapacityCommandOutput>(
      ({ AutoScalingGroupName: name }) => permissions.on('SetDesiredCapacity', name),
      ({ AutoScalingGroupName: name, DesiredCapacity: desired = 0, ...rest }) => {
        only('autoscaling:SetDesiredCapacity', rest.HonorCooldown === true ? rest : {}, []);
        const group = groups.get(name);
        const limit = desired > group.max ? `above max value ${group.max}` : `below min value ${group.min}`;
        if (desired > group.max || desired < group.min)
          throw invalid(`New SetDesiredCapacity value ${desired} is ${limit} for the AutoScalingGroup.`);
        group.desired = desired;
        supervisor.touch(group);
        return {};
      },
    ),
  };

  function remove(group: Group, force: boolean, { scaling }: Parts): void {
    if (!force && group.members.size > 0)
      throw new AwsError(
        'ResourceInUse',
        'You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) still in the group.',
      );
    const refresh = activeRefresh(group);
    if (refresh !== undefined) status.end(group, refresh, 'Cancelled', 'The Auto Scaling group was deleted.');
    group.deleting = true;
    for (const member of group.members.values())
      scaling.terminate(
        group,
        member,
        'an instance was taken out of service in response to the deletion of its group.',
      );
    supervisor.touch(group);
  }
}

import type * as scheduler from '@aws-sdk/client-scheduler';
import { AwsError } from '../../core/aws-error.ts';
import { range } from '../../core/constraints.ts';
import { only } from '../../core/only.ts';
import { pageOf } from '../../core/pages.ts';
import { operation, type Permission, type Service } from '../../core/service.ts';
import { PRINCIPAL } from './delivery.ts';
import type { Group, Schedule, Schedules } from './schedules.ts';

/** Checks that Scheduler may assume the role of a target. @throws AwsError ValidationException */
export type CheckRole = (target: scheduler.Target | undefined, group: string | undefined) => void;

interface Asked {
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
}

function page<T>(all: readonly T[], { MaxResults: maximum, NextToken: token }: Asked) {
  range(maximum, 'maxResults', 1, 100);
  const refuse = (): AwsError => new AwsError('ValidationException', 'Invalid NextToken.');
  const { items, next } = pageOf(all, { size: maximum ?? 100, token, refuse });
  return { items, NextToken: next };
}

const passRole = (target: scheduler.Target | undefined): Permission => ({
  action: 'iam:PassRole',
  resource: target?.RoleArn ?? '*',
  context: { 'iam:PassedToService': PRINCIPAL },
});

const datesOf = ({ createdAt, modifiedAt }: Schedule) => ({
  CreationDate: new Date(createdAt),
  LastModificationDate: new Date(modifiedAt),
});

function described(schedule: Schedule): scheduler.GetScheduleOutput {
  const given = { ...schedule.definition, ClientToken: undefined };
  const {
    State = 'ENABLED',
    ActionAfterCompletion = 'NONE',
    ScheduleExpressionTimezone = 'UTC',
    Target: target,
  } = given;
  const retry = { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185, ...target?.RetryPolicy };
  return {
    ...{ ...given, State, ActionAfterCompletion, ScheduleExpressionTimezone },
    GroupName: schedule.group,
    Arn: schedule.arn,
    Target: target && { ...target, RetryPolicy: retry },
    ...datesOf(schedule),
  };
}

const summary = (schedule: Schedule): scheduler.ScheduleSummary => ({
  Arn: schedule.arn,
  GroupName: schedule.group,
  Name: schedule.name,
  State: schedule.definition.State ?? 'ENABLED',
  Target: { Arn: schedule.definition.Target?.Arn },
  ...datesOf(schedule),
});

const describedGroup = ({ arn, name, createdAt }: Group): scheduler.GetScheduleGroupOutput => ({
  Arn: arn,
  Name: name,
  State: 'ACTIVE',
  CreationDate: new Date(createdAt),
  LastModificationDate: new Date(createdAt),
});

/** The operations on schedules and their groups. Source: EventBridge Scheduler API Reference. */
export function schedulerOperations(schedules: Schedules, checkRole: CheckRole): Service['operations'] {
  const on = (action: string, name: string | undefined, group: string | undefined): Permission => ({
    action: `scheduler:${action}`,
    resource: schedules.arn(name, group),
  });
  return {
    CreateSchedule: operation<scheduler.CreateScheduleCommandInput, scheduler.CreateScheduleCommandOutput>(
      ({ Name, GroupName, Target }) => [on('CreateSchedule', Name, GroupName), passRole(Target)],
      (input) => {
        checkRole(input.Target, input.GroupName);
        return { ScheduleArn: schedules.create(input).arn };
      },
    ),
    UpdateSchedule: operation<scheduler.UpdateScheduleCommandInput, scheduler.UpdateScheduleCommandOutput>(
      ({ Name, GroupName, Target }) => [on('UpdateSchedule', Name, GroupName), passRole(Target)],
      (input) => {
        checkRole(input.Target, input.GroupName);
        return { ScheduleArn: schedules.update(input).arn };
      },
    ),
    GetSchedule: operation<scheduler.GetScheduleCommandInput, scheduler.GetScheduleCommandOutput>(
      ({ Name, GroupName }) => [on('GetSchedule', Name, GroupName)],
      ({ Name, GroupName }) => described(schedules.get(Name, GroupName)),
    ),
    DeleteSchedule: operation<scheduler.DeleteScheduleCommandInput, scheduler.DeleteScheduleCommandOutput>(
      ({ Name, GroupName }) => [on('DeleteSchedule', Name, GroupName)],
      ({ Name, GroupName }) => {
        schedules.delete(Name, GroupName);
        return {};
      },
    ),
    ListSchedules: operation<scheduler.ListSchedulesCommandInput, scheduler.ListSchedulesCommandOutput>(
      () => [{ action: 'scheduler:ListSchedules', resource: '*' }],
      (input) => {
        const { GroupName: group, NamePrefix: prefix = '', State: state } = input;
        if (group !== undefined) schedules.group(group);
        const found = schedules
          .all()
          .map(summary)
          .filter(({ Name = '' }) => Name.startsWith(prefix))
          .filter(({ GroupName }) => group === undefined || GroupName === group)
          .filter(({ State }) => state === undefined || State === state);
        const { items, NextToken } = page(found, input);
        return { Schedules: items, NextToken };
      },
    ),
    ...groupOperations(schedules),
  };
}

function groupOperations(schedules: Schedules): Service['operations'] {
  const on = (action: string, name: string | undefined): readonly Permission[] => [
    { action: `scheduler:${action}`, resource: schedules.groupArn(name) },
  ];
  return {
    CreateScheduleGroup: operation<
      scheduler.CreateScheduleGroupCommandInput,
      scheduler.CreateScheduleGroupCommandOutput
    >(
      ({ Name }) => on('CreateScheduleGroup', Name),
      (input) => {
        only('scheduler:CreateScheduleGroup', input, ['Name', 'ClientToken']);
        return { ScheduleGroupArn: schedules.createGroup(input.Name).arn };
      },
    ),
    GetScheduleGroup: operation<scheduler.GetScheduleGroupCommandInput, scheduler.GetScheduleGroupCommandOutput>(
      ({ Name }) => on('GetScheduleGroup', Name),
      ({ Name }) => describedGroup(schedules.group(Name)),
    ),
    DeleteScheduleGroup: operation<
      scheduler.DeleteScheduleGroupCommandInput,
      scheduler.DeleteScheduleGroupCommandOutput
    >(
      ({ Name }) => on('DeleteScheduleGroup', Name),
      ({ Name }) => {
        schedules.deleteGroup(Name);
        return {};
      },
    ),
    ListScheduleGroups: operation<scheduler.ListScheduleGroupsCommandInput, scheduler.ListScheduleGroupsCommandOutput>(
      () => [{ action: 'scheduler:ListScheduleGroups', resource: '*' }],
      (input) => {
        const found = schedules.groups().filter(({ name }) => name.startsWith(input.NamePrefix ?? ''));
        const { items, NextToken } = page(found.map(describedGroup), input);
        return { ScheduleGroups: items, NextToken };
      },
    ),
  };
}

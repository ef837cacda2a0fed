import * as z from 'zod';
import { AwsError } from '../../core/aws-error.ts';
import { provisioner, type Provisioners } from '../../core/resources.ts';
import type { Service } from '../../core/service.ts';
import type { World } from '../../core/world.ts';
import type { Iam } from '../iam/index.ts';
import { Tags } from '../iam/policy-schema.ts';
import { Invocations, type LostInvocation, PRINCIPAL } from './delivery.ts';
import { type CheckRole, schedulerOperations } from './operations.ts';
import { Schedules } from './schedules.ts';

export interface Scheduler {
  readonly service: Service;
  readonly resources: Provisioners;
  /** Keeps the schedules that there are from being due, until they are updated: what runs is what somebody starts. */
  hold(): void;
  /** Invocations that reached neither a target nor a dead-letter queue. */
  lost(): readonly LostInvocation[];
}

/**
 * Amazon EventBridge Scheduler (version 2021-06-30): schedules by rate, by cron in a time zone, and one-time, without
 * flexible time windows; functions, state machines, topics and queues as targets.
 */
export function createScheduler(world: World, { assume }: Pick<Iam, 'assume'>): Scheduler {
  const invocations = new Invocations(world, assume);
  const schedules: Schedules = new Schedules(world, (schedule, at) => invocations.start(schedule, at, schedules));
  const checkRole: CheckRole = (target, group = 'default') => {
    try {
      assume(target?.RoleArn ?? '', PRINCIPAL, { sourceArn: schedules.groupArn(group) });
    } catch (error) {
      if (!(error instanceof AwsError) || error.code === 'NotImplemented') throw error;
      throw new AwsError(
        'ValidationException',
        'The execution role you provide must allow AWS EventBridge Scheduler to assume the role.',
      );
    }
  };
  return {
    service: { id: 'scheduler', operations: schedulerOperations(schedules, checkRole) },
    resources: schedulerResources(schedules, checkRole),
    hold: () => schedules.hold(),
    lost: () => invocations.lost,
  };
}

const Target = z.strictObject({
  Arn: z.string(),
  RoleArn: z.string(),
  Input: z.string().optional(),
  RetryPolicy: z
    .strictObject({ MaximumRetryAttempts: z.number().optional(), MaximumEventAgeInSeconds: z.number().optional() })
    .optional(),
  DeadLetterConfig: z.strictObject({ Arn: z.string() }).optional(),
});

const date = z.iso.datetime({ offset: true }).transform((text) => new Date(text));

const ScheduleProperties = z.strictObject({
  Name: z.string().optional(),
  GroupName: z.string().optional(),
  Description: z.string().max(512).optional(),
  ScheduleExpression: z.string(),
  ScheduleExpressionTimezone: z.string().optional(),
  State: z.enum(['ENABLED', 'DISABLED']).optional(),
  StartDate: date.optional(),
  EndDate: date.optional(),
  FlexibleTimeWindow: z.strictObject({ Mode: z.literal('OFF') }),
  Target,
});

const GroupProperties = z.strictObject({ Name: z.string().optional(), Tags: Tags.optional() });

/** `AWS::Scheduler::Schedule` and `ScheduleGroup`: Ref is the name of either. */
function schedulerResources(schedules: Schedules, checkRole: CheckRole): Provisioners {
  return {
    'AWS::Scheduler::Schedule': provisioner(ScheduleProperties, ({ Name, ...given }, context) => {
      checkRole(given.Target, given.GroupName);
      const { name, arn } = schedules.create({ Name: Name ?? context.physicalName(64), ...given });
      return { ref: name, attributes: { Arn: arn } };
    }),
    'AWS::Scheduler::ScheduleGroup': provisioner(GroupProperties, ({ Name }, context) => {
      const { name, arn, createdAt } = schedules.createGroup(Name ?? context.physicalName(64));
      const at = new Date(createdAt).toISOString();
      return { ref: name, attributes: { Arn: arn, State: 'ACTIVE', CreationDate: at, LastModificationDate: at } };
    }),
  };
}

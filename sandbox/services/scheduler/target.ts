import type { Target } from '@aws-sdk/client-scheduler';
import { AwsError, notImplemented } from '../../core/aws-error.ts';
import { range } from '../../core/constraints.ts';
import { only } from '../../core/only.ts';

const TARGETS = /^arn:aws:(?:lambda:[^:]+:\d+:function|states:[^:]+:\d+:stateMachine|sns|sqs):/u;
const MEMBERS = ['Arn', 'RoleArn', 'DeadLetterConfig', 'RetryPolicy', 'Input'];

/** What one invocation tells its target by the keywords in its input. */
export interface InvocationContext {
  readonly scheduleArn: string;
  readonly scheduledAt: number;
  readonly executionId: string;
  /** From 1. */
  readonly attempt: number;
}

/** To the second, as `<aws.scheduler.scheduled-time>` gives it. */
export const scheduledTime = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`;

/** @throws AwsError ValidationException; NotImplemented for universal and other templated targets */
export function checkTarget(target: Target): void {
  only('scheduler:CreateSchedule with a Target', target, MEMBERS);
  const { Arn: arn = '', Input: input, RetryPolicy: retry, DeadLetterConfig: dead } = target;
  if (!TARGETS.test(arn) || arn.endsWith('.fifo')) throw notImplemented(`schedule targets such as ${arn}`);
  range(retry?.MaximumRetryAttempts, 'target.retryPolicy.maximumRetryAttempts', 0, 185);
  range(retry?.MaximumEventAgeInSeconds, 'target.retryPolicy.maximumEventAgeInSeconds', 60, 86_400);
  if (dead?.Arn !== undefined && !/^arn:aws:sqs:[^:]+:\d{12}:[\w-]+$/u.test(dead.Arn))
    throw new AwsError(
      'ValidationException',
      `Provided DeadLetterConfig Arn ${dead.Arn} is not an SQS standard queue.`,
    );
  if (/^arn:aws:(?:lambda|states):/u.test(arn) && input !== undefined && !isJson(input))
    throw new AwsError('ValidationException', 'Input must be a valid JSON.');
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The input with its keywords replaced. Source: EventBridge Scheduler User Guide, "Adding context attributes". */
export function inputFor(input: string, { scheduleArn, scheduledAt, executionId, attempt }: InvocationContext): string {
  return input
    .replaceAll('<aws.scheduler.schedule-arn>', scheduleArn)
    .replaceAll('<aws.scheduler.scheduled-time>', scheduledTime(scheduledAt))
    .replaceAll('<aws.scheduler.execution-id>', executionId)
    .replaceAll('<aws.scheduler.attempt-number>', String(attempt));
}

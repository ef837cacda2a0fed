import { Duration, Validations } from 'aws-cdk-lib';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { ALARM_PERIOD, FailureAlarm } from './failure-alarm.ts';
import type { Alerting } from './failure-alarm.ts';

export interface DeadLetterQueueProps {
  readonly alerting: Alerting;
  /** Whose failures it keeps, for cdk-nag. */
  readonly of: string;
  /** What it means for users that there is a message, and what to do with it. */
  readonly errorImpact: string;
}

/** A queue for what could not be handed on, kept for 14 days, with an alarm as soon as it holds something. */
export function addDeadLetterQueue(scope: Construct, id: string, props: DeadLetterQueueProps): Queue {
  const { alerting, of, errorImpact } = props;
  const queue = new Queue(scope, id, {
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
  });
  Validations.of(queue).acknowledge({
    id: 'AwsSolutions::AwsSolutions-SQS3',
    reason: `It is the dead-letter queue of ${of}; nothing consumes it but people.`,
  });
  new FailureAlarm(scope, `${id}Alarm`, {
    alerting,
    metric: queue.metricApproximateNumberOfMessagesVisible({ period: ALARM_PERIOD, statistic: 'Maximum' }),
    errorImpact,
  });
  return queue;
}

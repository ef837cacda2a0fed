import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';

/** Where alarms go, and whether they do. */
export interface Alerting {
  readonly topic: ITopic;
  readonly actionsEnabled: boolean;
}

export interface FailureAlarmProps {
  readonly alerting: Alerting;
  /** What is counted, over five minutes. */
  readonly metric: IMetric;
  /** How many raise the alarm; one unless given. */
  readonly threshold?: number;
  /** What it means for the people who use Fleetwright that this alarm is raised, and where to look. */
  readonly errorImpact: string;
}

/** The period of every metric that an alarm watches. */
export const ALARM_PERIOD = Duration.minutes(5);

/** Raised when something that should never happen has happened; goes back by itself when it no longer does. */
export class FailureAlarm extends Alarm {
  constructor(scope: Construct, id: string, { alerting, metric, threshold = 1, errorImpact }: FailureAlarmProps) {
    super(scope, id, {
      metric,
      threshold,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
      alarmDescription: errorImpact,
      actionsEnabled: alerting.actionsEnabled,
    });
    this.addAlarmAction(new SnsAction(alerting.topic));
  }
}

import type { Dimension, MetricStat, PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch';
import type { BusEvent, World } from '../../core/world.ts';
import { type Alarm, type AlarmState, timestamp } from './alarm-model.ts';

const REGIONS: Readonly<Record<string, string>> = { 'eu-central-1': 'EU (Frankfurt)' };

const stateShape = ({ value, reason, reasonData, at }: AlarmState) => ({
  value,
  reason,
  ...(reasonData !== undefined && { reasonData }),
  timestamp: timestamp(at),
});

const dimensionsOf = (dimensions: readonly Dimension[] = []): Record<string, string> =>
  Object.fromEntries(dimensions.map(({ Name: name = '', Value: value = '' }) => [name, value]));

const metricStat = ({ Metric: metric, Period: period, Stat: stat, Unit: unit }: MetricStat) => ({
  metric: {
    dimensions: dimensionsOf(metric?.Dimensions),
    name: metric?.MetricName,
    namespace: metric?.Namespace,
  },
  ...{ period, stat, unit },
});

/** What an alarm watches, as its events tell it: one metric, or a list of metrics and expressions. */
function metricsOf(definition: PutMetricAlarmInput, id: string): readonly object[] {
  const { Metrics, Namespace, MetricName, Dimensions, Period, Statistic, ExtendedStatistic } = definition;
  if (Metrics === undefined) {
    const Metric = { Namespace, MetricName, Dimensions };
    return [{ id, metricStat: metricStat({ Metric, Period, Stat: Statistic ?? ExtendedStatistic }), returnData: true }];
  }
  return Metrics.map(({ Id, Expression, Label, MetricStat, ReturnData = true }) => ({
    ...{ id: Id, expression: Expression, label: Label, returnData: ReturnData },
    ...(MetricStat && { metricStat: metricStat(MetricStat) }),
  }));
}

/** Source: CloudWatch User Guide, "Alarm events and EventBridge". */
export function stateChangeEvent(alarm: Alarm, previous: AlarmState, id: string): BusEvent {
  const description = alarm.definition.AlarmDescription;
  const configuration =
    alarm.kind === 'MetricAlarm'
      ? { metrics: metricsOf(alarm.definition, id) }
      : { alarmRule: alarm.definition.AlarmRule };
  return {
    source: 'aws.cloudwatch',
    'detail-type': 'CloudWatch Alarm State Change',
    resources: [alarm.arn],
    detail: {
      alarmName: alarm.name,
      configuration: { ...(description !== undefined && { description }), ...configuration },
      previousState: stateShape(previous),
      state: stateShape(alarm.state),
    },
  };
}

const regionName = (region: string): string => REGIONS[region] ?? region;

/** What a topic is told. Source: CloudWatch User Guide, "Notifying users on alarm changes". */
export function notification(
  alarm: Alarm,
  previous: AlarmState,
  { account, region }: Pick<World, 'account' | 'region'>,
) {
  const { definition, state } = alarm;
  const message = {
    AlarmName: alarm.name,
    AlarmDescription: definition.AlarmDescription ?? null,
    AWSAccountId: account,
    AlarmConfigurationUpdatedTimestamp: timestamp(alarm.configuredAt),
    NewStateValue: state.value,
    NewStateReason: state.reason,
    StateChangeTime: timestamp(state.at),
    Region: regionName(region),
    AlarmArn: alarm.arn,
    OldStateValue: previous.value,
    OKActions: definition.OKActions ?? [],
    AlarmActions: definition.AlarmActions ?? [],
    InsufficientDataActions: definition.InsufficientDataActions ?? [],
    ...(alarm.kind === 'MetricAlarm'
      ? { Trigger: trigger(alarm.definition) }
      : { AlarmRule: alarm.definition.AlarmRule }),
  };
  const subject = `${state.value}: "${alarm.name}" in ${regionName(region)}`;
  return { Subject: subject.length > 100 ? `${subject.slice(0, 97)}...` : subject, Message: JSON.stringify(message) };
}

const trigger = (definition: PutMetricAlarmInput) => ({
  MetricName: definition.MetricName,
  Namespace: definition.Namespace,
  ...(definition.Statistic !== undefined && {
    StatisticType: 'Statistic',
    Statistic: definition.Statistic.toUpperCase(),
  }),
  ...(definition.ExtendedStatistic !== undefined && {
    StatisticType: 'ExtendedStatistic',
    ExtendedStatistic: definition.ExtendedStatistic,
  }),
  Unit: definition.Unit ?? null,
  Dimensions: (definition.Dimensions ?? []).map(({ Name, Value }) => ({ value: Value, name: Name })),
  Metrics: definition.Metrics,
  Period: definition.Period,
  EvaluationPeriods: definition.EvaluationPeriods,
  DatapointsToAlarm: definition.DatapointsToAlarm,
  ComparisonOperator: definition.ComparisonOperator,
  Threshold: definition.Threshold,
  TreatMissingData: definition.TreatMissingData ?? '',
  EvaluateLowSampleCountPercentile: definition.EvaluateLowSampleCountPercentile ?? '',
});

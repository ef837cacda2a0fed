import type * as cloudwatch from '@aws-sdk/client-cloudwatch';
import { AwsError } from '../../core/aws-error.ts';
import { only } from '../../core/only.ts';
import { pageOf } from '../../core/pages.ts';
import { operation, type Permission, type Service } from '../../core/service.ts';
import type { Alarm } from './alarm-model.ts';
import type { Alarms } from './alarms.ts';

const SHARED = [
  'AlarmName',
  'AlarmDescription',
  'ActionsEnabled',
  'AlarmActions',
  'OKActions',
  'InsufficientDataActions',
];
const METRIC = [
  ...['MetricName', 'Namespace', 'Statistic', 'ExtendedStatistic', 'Dimensions', 'Period', 'Unit', 'Metrics'],
  ...['EvaluationPeriods', 'DatapointsToAlarm', 'Threshold', 'ComparisonOperator', 'TreatMissingData'],
  ...['EvaluateLowSampleCountPercentile', 'ThresholdMetricId'],
];
const STATES = ['OK', 'ALARM', 'INSUFFICIENT_DATA'];

interface Asked {
  readonly MaxRecords?: number | undefined;
  readonly NextToken?: string | undefined;
}

function page<T>(all: readonly T[], { MaxRecords: maximum = 50, NextToken: token }: Asked) {
  if (maximum < 1 || maximum > 100)
    throw new AwsError(
      'ValidationError',
      `1 validation error detected: Value '${maximum}' at 'maxRecords' failed to satisfy constraint: Member must have value between 1 and 100`,
    );
  const refuse = (): AwsError => new AwsError('InvalidNextToken', 'Invalid NextToken');
  const { items, next } = pageOf(all, { size: maximum, token, refuse });
  return { items, NextToken: next };
}

const stateShape = ({ state, transitionedAt, configuredAt, arn, actionsEnabled }: Alarm) => ({
  AlarmArn: arn,
  ActionsEnabled: actionsEnabled,
  AlarmConfigurationUpdatedTimestamp: new Date(configuredAt),
  StateValue: state.value,
  StateReason: state.reason,
  StateReasonData: state.reasonData,
  StateUpdatedTimestamp: new Date(state.at),
  StateTransitionedTimestamp: new Date(transitionedAt),
});

const NO_ACTIONS = { OKActions: [], AlarmActions: [], InsufficientDataActions: [] };

/** Metric alarms alone where no types are asked for, as on AWS. */
function described(alarms: readonly Alarm[]) {
  const MetricAlarms: cloudwatch.MetricAlarm[] = [];
  const CompositeAlarms: cloudwatch.CompositeAlarm[] = [];
  for (const alarm of alarms) {
    if (alarm.kind === 'MetricAlarm') {
      const { Dimensions = [] } = alarm.definition;
      const given = { ...alarm.definition, Tags: undefined };
      MetricAlarms.push({ ...NO_ACTIONS, ...given, Dimensions, ...stateShape(alarm) });
    } else {
      const given = { ...alarm.definition, Tags: undefined };
      CompositeAlarms.push({ ...NO_ACTIONS, ...given, ...stateShape(alarm) });
    }
  }
  return { MetricAlarms, CompositeAlarms };
}

function selected(alarms: Alarms, input: cloudwatch.DescribeAlarmsInput): readonly Alarm[] {
  const { AlarmNames: names, AlarmNamePrefix: prefix = '', AlarmTypes: types = ['MetricAlarm'] } = input;
  const { StateValue: state, ActionPrefix: action } = input;
  if (names !== undefined && input.AlarmNamePrefix !== undefined)
    throw new AwsError('ValidationError', 'AlarmNamePrefix and AlarmNames are mutually exclusive');
  const actionsOf = ({ definition }: Alarm): readonly string[] =>
    [definition.AlarmActions, definition.OKActions, definition.InsufficientDataActions].flatMap((each) => each ?? []);
  return alarms
    .all()
    .filter(({ kind }) => types.includes(kind))
    .filter(({ name }) => names === undefined || names.length === 0 || names.includes(name))
    .filter(({ name }) => name.startsWith(prefix))
    .filter((alarm) => state === undefined || alarm.state.value === state)
    .filter((alarm) => action === undefined || actionsOf(alarm).some((arn) => arn.startsWith(action)));
}

/** The operations on alarms. Source: Amazon CloudWatch API Reference. Metrics themselves are not modelled. */
export function alarmOperations(alarms: Alarms): Service['operations'] {
  const on = (action: string, name: string | undefined): Permission => ({
    action: `cloudwatch:${action}`,
    resource: alarms.arn(name),
  });
  const eachOf =
    (action: string) =>
    ({ AlarmNames: names = [] }: { readonly AlarmNames?: readonly string[] | undefined }): readonly Permission[] =>
      names.map((name) => on(action, name));
  return {
    PutMetricAlarm: operation<cloudwatch.PutMetricAlarmCommandInput, cloudwatch.PutMetricAlarmCommandOutput>(
      ({ AlarmName: name }) => [on('PutMetricAlarm', name)],
      (input) => {
        only('cloudwatch:PutMetricAlarm', input, [...SHARED, ...METRIC]);
        alarms.putMetric(input);
        return {};
      },
    ),
    PutCompositeAlarm: operation<cloudwatch.PutCompositeAlarmCommandInput, cloudwatch.PutCompositeAlarmCommandOutput>(
      ({ AlarmName: name }) => [on('PutCompositeAlarm', name)],
      (input) => {
        only('cloudwatch:PutCompositeAlarm', input, [...SHARED, 'AlarmRule']);
        alarms.putComposite(input);
        return {};
      },
    ),
    DescribeAlarms: operation<cloudwatch.DescribeAlarmsCommandInput, cloudwatch.DescribeAlarmsCommandOutput>(
      () => [on('DescribeAlarms', '*')],
      (input) => {
        const heeded = ['AlarmNames', 'AlarmNamePrefix', 'AlarmTypes', 'StateValue', 'ActionPrefix'];
        only('cloudwatch:DescribeAlarms', input, [...heeded, 'MaxRecords', 'NextToken']);
        const { items, NextToken } = page(selected(alarms, input), input);
        return { ...described(items), NextToken };
      },
    ),
    SetAlarmState: operation<cloudwatch.SetAlarmStateCommandInput, cloudwatch.SetAlarmStateCommandOutput>(
      ({ AlarmName: name }) => [on('SetAlarmState', name)],
      ({ AlarmName: name = '', StateValue: value = 'OK', StateReason: reason = '', StateReasonData: reasonData }) => {
        if (!STATES.includes(value))
          throw new AwsError(
            'ValidationError',
            `1 validation error detected: Value '${value}' at 'stateValue' failed to satisfy constraint: Member must satisfy enum value set: [INSUFFICIENT_DATA, ALARM, OK]`,
          );
        alarms.setState(name, { value, reason, reasonData });
        return {};
      },
    ),
    DeleteAlarms: operation<cloudwatch.DeleteAlarmsCommandInput, cloudwatch.DeleteAlarmsCommandOutput>(
      eachOf('DeleteAlarms'),
      ({ AlarmNames: names = [] }) => {
        alarms.delete(names);
        return {};
      },
    ),
    EnableAlarmActions: operation<
      cloudwatch.EnableAlarmActionsCommandInput,
      cloudwatch.EnableAlarmActionsCommandOutput
    >(eachOf('EnableAlarmActions'), ({ AlarmNames: names = [] }) => {
      alarms.enableActions(names, true);
      return {};
    }),
    DisableAlarmActions: operation<
      cloudwatch.DisableAlarmActionsCommandInput,
      cloudwatch.DisableAlarmActionsCommandOutput
    >(eachOf('DisableAlarmActions'), ({ AlarmNames: names = [] }) => {
      alarms.enableActions(names, false);
      return {};
    }),
    DescribeAlarmHistory: operation<
      cloudwatch.DescribeAlarmHistoryCommandInput,
      cloudwatch.DescribeAlarmHistoryCommandOutput
    >(
      ({ AlarmName: name = '*' }) => [on('DescribeAlarmHistory', name)],
      (input) => {
        const { items, NextToken } = page(history(alarms, input), input);
        return { AlarmHistoryItems: items, NextToken };
      },
    ),
  };
}

/** Newest first, unless told. */
function history(alarms: Alarms, input: cloudwatch.DescribeAlarmHistoryInput): readonly cloudwatch.AlarmHistoryItem[] {
  only('cloudwatch:DescribeAlarmHistory', input, [
    ...['AlarmName', 'AlarmTypes', 'HistoryItemType', 'StartDate', 'EndDate', 'MaxRecords', 'NextToken', 'ScanBy'],
  ]);
  const { AlarmName: name, AlarmTypes: types = ['MetricAlarm'], HistoryItemType: type, StartDate, EndDate } = input;
  const at = ({ Timestamp }: cloudwatch.AlarmHistoryItem): number => Timestamp?.getTime() ?? 0;
  const items = alarms
    .all()
    .filter((alarm) => types.includes(alarm.kind) && (name === undefined || alarm.name === name))
    .flatMap((alarm) => alarm.history)
    .filter((item) => type === undefined || item.HistoryItemType === type)
    .filter((item) => at(item) >= (StartDate?.getTime() ?? -Infinity) && at(item) <= (EndDate?.getTime() ?? Infinity))
    .sort((a, b) => at(a) - at(b));
  return input.ScanBy === 'TimestampAscending' ? items : items.reverse();
}

import * as z from 'zod';
import { provisioner, type Provisioners } from '../../core/resources.ts';
import { Tags } from '../iam/policy-schema.ts';
import type { Alarms } from './alarms.ts';

const Flag = z.union([z.boolean(), z.stringbool()]);

const Shared = {
  AlarmName: z.string().optional(),
  AlarmDescription: z.string().max(1024).optional(),
  ActionsEnabled: Flag.optional(),
  AlarmActions: z.array(z.string()).optional(),
  OKActions: z.array(z.string()).optional(),
  InsufficientDataActions: z.array(z.string()).optional(),
  Tags: Tags.optional(),
};

const Dimensions = z.array(z.strictObject({ Name: z.string(), Value: z.string() }));

const Unit = z.enum(['Seconds', 'Milliseconds', 'Microseconds', 'Bytes', 'Percent', 'Count', 'Count/Second', 'None']);

const MetricStat = z.strictObject({
  Metric: z.strictObject({
    Namespace: z.string().optional(),
    MetricName: z.string().optional(),
    Dimensions: Dimensions.optional(),
  }),
  Period: z.number(),
  Stat: z.string(),
  Unit: Unit.optional(),
});

const MetricDataQuery = z.strictObject({
  Id: z.string(),
  Expression: z.string().optional(),
  Label: z.string().optional(),
  MetricStat: MetricStat.optional(),
  Period: z.number().optional(),
  ReturnData: Flag.optional(),
});

const AlarmProperties = z.strictObject({
  ...Shared,
  MetricName: z.string().optional(),
  Namespace: z.string().optional(),
  Statistic: z.enum(['Average', 'Maximum', 'Minimum', 'SampleCount', 'Sum']).optional(),
  ExtendedStatistic: z.string().optional(),
  Dimensions: Dimensions.optional(),
  Period: z.number().optional(),
  Unit: Unit.optional(),
  EvaluationPeriods: z.number(),
  DatapointsToAlarm: z.number().optional(),
  Threshold: z.number().optional(),
  ComparisonOperator: z.enum([
    'GreaterThanOrEqualToThreshold',
    'GreaterThanThreshold',
    'LessThanThreshold',
    'LessThanOrEqualToThreshold',
    'LessThanLowerOrGreaterThanUpperThreshold',
    'LessThanLowerThreshold',
    'GreaterThanUpperThreshold',
  ]),
  TreatMissingData: z.enum(['breaching', 'notBreaching', 'ignore', 'missing']).optional(),
  EvaluateLowSampleCountPercentile: z.string().optional(),
  Metrics: z.array(MetricDataQuery).optional(),
  ThresholdMetricId: z.string().optional(),
});

const CompositeProperties = z.strictObject({ ...Shared, AlarmRule: z.string() });

/** `AWS::CloudWatch::Alarm` and `CompositeAlarm`: Ref is the name of either. They begin in INSUFFICIENT_DATA. */
export function alarmResources(alarms: Alarms): Provisioners {
  return {
    'AWS::CloudWatch::Alarm': provisioner(AlarmProperties, ({ AlarmName, ...given }, context) => {
      const { name, arn } = alarms.putMetric({ AlarmName: AlarmName ?? context.physicalName(255), ...given });
      return { ref: name, attributes: { Arn: arn } };
    }),
    'AWS::CloudWatch::CompositeAlarm': provisioner(CompositeProperties, ({ AlarmName, ...given }, context) => {
      const { name, arn } = alarms.putComposite({ AlarmName: AlarmName ?? context.physicalName(255), ...given });
      return { ref: name, attributes: { Arn: arn } };
    }),
  };
}

import { describe, expect, it } from '@jest/globals';
import type { DescribeAlarmHistoryOutput, DescribeAlarmsOutput } from '@aws-sdk/client-cloudwatch';
import { AwsError } from '../../../../sandbox/core/aws-error.ts';
import { operation, type Caller } from '../../../../sandbox/core/service.ts';
import { parseFleet } from '../../../../sandbox/fleets/index.ts';
import { createCloudWatch } from '../../../../sandbox/services/cloudwatch/index.ts';
import { fleetWorld } from '../../fleets/demo.ts';
import { caller, provision } from '../../support/service.ts';
import { testWorld } from '../../support/world.ts';

const ARN = 'arn:aws:cloudwatch:eu-central-1:123456789012:alarm';
const TOPIC = 'arn:aws:sns:eu-central-1:123456789012:topic';

const metric = {
  AlarmName: 'errors',
  AlarmDescription: 'Too many.',
  Namespace: 'AWS/Lambda',
  MetricName: 'Errors',
  Dimensions: [{ Name: 'FunctionName', Value: 'f' }],
  Statistic: 'Sum',
  Period: 300,
  EvaluationPeriods: 1,
  Threshold: 1,
  ComparisonOperator: 'GreaterThanOrEqualToThreshold',
  AlarmActions: [TOPIC],
};

function stage() {
  const world = testWorld();
  const cloudwatch = createCloudWatch(world);
  const published: { caller: Caller; TopicArn: string; Subject: string; Message: string }[] = [];
  const failures: Error[] = [];
  const Publish = operation<{ TopicArn: string; Subject: string; Message: string }, object>(
    () => [],
    (input, call) => {
      const failure = failures.shift();
      if (failure !== undefined) throw failure;
      published.push({ caller: call.caller, ...input });
      return {};
    },
  );
  world.dispatcher.register(cloudwatch.service);
  world.dispatcher.register({ id: 'sns', operations: { Publish } });
  const call = caller(world, 'cloudwatch');
  const set = (AlarmName: string, StateValue: string, StateReason = 'test') =>
    call('SetAlarmState', { AlarmName, StateValue, StateReason });
  const names = async (input: object) => {
    const { MetricAlarms = [], CompositeAlarms = [] } = await call<DescribeAlarmsOutput>('DescribeAlarms', input);
    return [...MetricAlarms, ...CompositeAlarms].map(({ AlarmName }) => AlarmName);
  };
  return { world, clock: world.clock, cloudwatch, published, failures, call, set, names };
}

describe('a metric alarm', () => {
  it('begins without data, keeps what it was given, and has the state that it is set to', async () => {
    const { call, set, cloudwatch } = stage();
    await call('PutMetricAlarm', metric);
    expect(await call('DescribeAlarms')).toMatchObject({
      MetricAlarms: [
        { ...metric, AlarmArn: `${ARN}:errors`, StateValue: 'INSUFFICIENT_DATA', ActionsEnabled: true, OKActions: [] },
      ],
      CompositeAlarms: [],
    });
    expect(cloudwatch.alarmState('errors')).toBe('INSUFFICIENT_DATA');
    await set('errors', 'OK');
    expect(cloudwatch.alarmState('errors')).toBe('OK');
    await call('PutMetricAlarm', { ...metric, Threshold: 2 });
    expect(await call('DescribeAlarms')).toMatchObject({ MetricAlarms: [{ Threshold: 2, StateValue: 'OK' }] });
    expect(cloudwatch.alarmState('other')).toBeUndefined();
    await expect(set('other', 'OK')).rejects.toMatchObject({ code: 'ResourceNotFound' });
    await expect(set('errors', 'RED')).rejects.toMatchObject({ code: 'ValidationError' });
  });

  it('tells of a change of its state, and of nothing else', async () => {
    const { world, call, set } = stage();
    await call('PutMetricAlarm', metric);
    await set('errors', 'INSUFFICIENT_DATA', 'still none');
    expect(world.events).toEqual([]);
    await set('errors', 'ALARM', 'Threshold Crossed');
    const timestamp = '2026-01-05T09:00:00.000+0000';
    expect(world.events).toEqual([
      {
        source: 'aws.cloudwatch',
        'detail-type': 'CloudWatch Alarm State Change',
        resources: [`${ARN}:errors`],
        detail: {
          alarmName: 'errors',
          configuration: {
            description: 'Too many.',
            metrics: [
              {
                id: expect.any(String),
                metricStat: {
                  metric: { dimensions: { FunctionName: 'f' }, name: 'Errors', namespace: 'AWS/Lambda' },
                  period: 300,
                  stat: 'Sum',
                },
                returnData: true,
              },
            ],
          },
          previousState: { value: 'INSUFFICIENT_DATA', reason: 'still none', timestamp },
          state: { value: 'ALARM', reason: 'Threshold Crossed', timestamp },
        },
      },
    ]);
  });

  it('tells its topics, as CloudWatch and for itself', async () => {
    const { clock, published, call, set } = stage();
    await call('PutMetricAlarm', metric);
    await set('errors', 'ALARM', 'Threshold Crossed');
    await set('errors', 'OK');
    await clock.runFor(1000);
    expect(published).toHaveLength(1);
    expect(published[0]).toMatchObject({
      caller: { kind: 'service', arn: 'cloudwatch.amazonaws.com', sourceArn: `${ARN}:errors` },
      TopicArn: TOPIC,
      Subject: 'ALARM: "errors" in EU (Frankfurt)',
    });
    expect(JSON.parse(published[0]?.Message ?? '')).toMatchObject({
      AlarmName: 'errors',
      AWSAccountId: '123456789012',
      NewStateValue: 'ALARM',
      OldStateValue: 'INSUFFICIENT_DATA',
      StateChangeTime: '2026-01-05T09:00:00.000+0000',
      AlarmArn: `${ARN}:errors`,
      Trigger: { MetricName: 'Errors', Statistic: 'SUM', Dimensions: [{ name: 'FunctionName', value: 'f' }] },
    });
  });

  it('is silent while its actions are disabled, and remembers what became of them', async () => {
    const { clock, published, failures, call, set } = stage();
    await call('PutMetricAlarm', metric);
    await call('DisableAlarmActions', { AlarmNames: ['errors', 'unknown'] });
    await set('errors', 'ALARM');
    await set('errors', 'OK');
    await call('EnableAlarmActions', { AlarmNames: ['errors'] });
    failures.push(new AwsError('AuthorizationError', 'no'));
    await set('errors', 'ALARM');
    await clock.runFor(1000);
    expect(published).toEqual([]);
    const history = async (input: object) =>
      (await call<DescribeAlarmHistoryOutput>('DescribeAlarmHistory', input)).AlarmHistoryItems?.map(
        ({ HistorySummary }) => HistorySummary,
      );
    expect(await history({ HistoryItemType: 'Action' })).toEqual([`Failed to execute action ${TOPIC}`]);
    expect(await history({ AlarmName: 'errors', MaxRecords: 1, ScanBy: 'TimestampAscending' })).toEqual([
      'Alarm "errors" created',
    ]);
    expect(await history({ HistoryItemType: 'StateUpdate' })).toHaveLength(3);
    expect(await history({ AlarmName: 'other' })).toEqual([]);
  });

  it.each([
    ['NotImplemented', { AlarmActions: ['arn:aws:automate:eu-central-1:ec2:stop'] }],
    ['NotImplemented', { EvaluationCriteria: {} }],
    ['ValidationError', { AlarmActions: [1, 2, 3, 4, 5, 6].map((n) => `${TOPIC}-${n}`) }],
    ['ValidationError', { MetricName: undefined }],
  ])('is refused with %s: %j', async (code, input) => {
    const { call } = stage();
    await expect(call('PutMetricAlarm', { ...metric, ...input })).rejects.toMatchObject({ code });
  });
});

describe('DescribeAlarms', () => {
  it('selects by names, prefix, state, type and action, in pages', async () => {
    const { call, set, names } = stage();
    for (const AlarmName of ['a1', 'a2', 'b1'])
      await call('PutMetricAlarm', { ...metric, AlarmName, AlarmActions: [] });
    await call('PutMetricAlarm', metric);
    await call('PutCompositeAlarm', { AlarmName: 'all', AlarmRule: 'ALARM(a1) OR ALARM(a2)' });
    await set('a2', 'ALARM');
    expect(await names({})).toEqual(['a1', 'a2', 'b1', 'errors']);
    expect(await names({ AlarmNames: ['b1', 'a1', 'nope'] })).toEqual(['a1', 'b1']);
    expect(await names({ AlarmNamePrefix: 'a' })).toEqual(['a1', 'a2']);
    expect(await names({ StateValue: 'ALARM' })).toEqual(['a2']);
    expect(await names({ ActionPrefix: 'arn:aws:sns:' })).toEqual(['errors']);
    expect(await names({ AlarmTypes: ['MetricAlarm', 'CompositeAlarm'], AlarmNamePrefix: 'a' })).toHaveLength(3);
    const { NextToken } = await call<DescribeAlarmsOutput>('DescribeAlarms', { MaxRecords: 3 });
    expect(await names({ MaxRecords: 3, NextToken })).toEqual(['errors']);
    await call('DeleteAlarms', { AlarmNames: ['a1', 'nope'] });
    expect(await names({ AlarmNamePrefix: 'a' })).toEqual(['a2']);
  });

  it.each([
    ['ValidationError', { AlarmNames: ['a'], AlarmNamePrefix: 'a' }],
    ['ValidationError', { MaxRecords: 101 }],
    ['InvalidNextToken', { NextToken: 'zz' }],
    ['NotImplemented', { ParentsOfAlarmName: 'a' }],
  ])('refuses with %s: %j', async (code, input) => {
    const { call } = stage();
    await expect(call('DescribeAlarms', input)).rejects.toMatchObject({ code });
  });
});

describe('a composite alarm', () => {
  const put = async (AlarmRule: string) => {
    const on = stage();
    for (const AlarmName of ['a', 'b', 'c d'])
      await on.call('PutMetricAlarm', { ...metric, AlarmName, AlarmActions: [] });
    await on.call('PutCompositeAlarm', { AlarmName: 'all', AlarmRule, AlarmActions: [TOPIC] });
    return on;
  };

  it.each([
    ['ALARM(a)', 'OK', 'ALARM'],
    ['ALARM(a) AND ALARM(b)', 'OK', 'OK'],
    ['ALARM(b) OR NOT OK(b) AND ALARM("a")', 'OK', 'ALARM'],
    ['(ALARM(b) OR NOT OK(b)) AND ALARM(a)', 'OK', 'ALARM'],
    ['NOT (ALARM(a) OR FALSE)', 'ALARM', 'OK'],
    [`TRUE AND ALARM(${ARN}:a)`, 'OK', 'ALARM'],
    ['INSUFFICIENT_DATA("c d") AND ALARM( a )', 'OK', 'ALARM'],
  ])('follows %s', async (rule, before, after) => {
    const { clock, cloudwatch, set } = await put(rule);
    expect(cloudwatch.alarmState('all')).toBe('INSUFFICIENT_DATA');
    await clock.runFor(1);
    expect(cloudwatch.alarmState('all')).toBe(before);
    await set('a', 'ALARM');
    expect(cloudwatch.alarmState('all')).toBe(after);
  });

  it('tells of its changes as a metric alarm does', async () => {
    const { world, clock, published, set } = await put('ALARM(a)');
    await clock.runFor(1);
    world.events.length = 0;
    await set('a', 'ALARM');
    await clock.runFor(1);
    expect(world.events.map(({ detail }) => detail)).toMatchObject([
      { alarmName: 'a' },
      { alarmName: 'all', configuration: { alarmRule: 'ALARM(a)' }, state: { value: 'ALARM' } },
    ]);
    expect(JSON.parse(published[0]?.Message ?? '')).toMatchObject({ AlarmName: 'all', AlarmRule: 'ALARM(a)' });
  });

  it.each([
    ['ValidationError', 'ALARM(a) AND'],
    ['ValidationError', '(ALARM(a)'],
    ['ValidationError', 'ALARM(a) ALARM(b)'],
    ['ValidationError', 'BROKEN(a)'],
    ['ValidationError', '%'],
    ['ValidationError', 'ALARM(nope)'],
    ['NotImplemented', 'AT_LEAST(1, ALARM, (a, b))'],
  ])('refuses with %s the rule %s', async (code, AlarmRule) => {
    const { call } = await put('ALARM(a)');
    await expect(call('PutCompositeAlarm', { AlarmName: 'other', AlarmRule })).rejects.toMatchObject({ code });
  });

  it('cannot have the name of a metric alarm', async () => {
    const { call } = await put('ALARM(a)');
    const code = 'ValidationError';
    await expect(call('PutCompositeAlarm', { AlarmName: 'a', AlarmRule: 'ALARM(b)' })).rejects.toMatchObject({ code });
    await expect(call('PutMetricAlarm', { ...metric, AlarmName: 'all' })).rejects.toMatchObject({ code });
  });
});

it('comes from a template', async () => {
  const { cloudwatch, call } = stage();
  const MetricStat = { Metric: { Namespace: 'N', MetricName: 'M' }, Period: 60, Stat: 'p90' };
  const Metrics = [
    { Id: 'm1', MetricStat, ReturnData: false },
    { Id: 'e1', Expression: 'm1 * 2' },
  ];
  const given = { Metrics, EvaluationPeriods: 1, Threshold: 1, ComparisonOperator: 'LessThanThreshold' };
  const { ref, attributes } = await provision(cloudwatch.resources, 'AWS::CloudWatch::Alarm', given);
  expect(attributes['Arn']).toBe(`${ARN}:${ref}`);
  expect(await call('DescribeAlarms')).toMatchObject({ MetricAlarms: [{ Metrics, StateValue: 'INSUFFICIENT_DATA' }] });
  const AlarmRule = `ALARM("${ref}")`;
  await provision(cloudwatch.resources, 'AWS::CloudWatch::CompositeAlarm', { AlarmName: 'all', AlarmRule });
  expect(cloudwatch.alarmState('all')).toBe('INSUFFICIENT_DATA');
  await expect(provision(cloudwatch.resources, 'AWS::CloudWatch::Alarm', { ...given, Nope: 1 })).rejects.toThrow(
    'Nope',
  );
});

it('has the state of a fleet file, with no event', async () => {
  const fleet = parseFleet({ images: {}, instances: [], alarms: { 'fleet-errors': { state: 'OK' } } }, 'x');
  const { cloudwatch, world } = await fleetWorld({ fleet });
  expect(cloudwatch.alarmState('fleet-errors')).toBe('OK');
  expect(world.events).toEqual([]);
});

import { describe, expect, it } from '@jest/globals';
import { ofType, statementsOf, synthesize, type Resource, type TemplateDocument } from '../synthesize.ts';

const selector = { tags: { ami: 'test' } };
const { runbooks } = synthesize({
  amiParameters: [
    { parameter: '/ami/linux/test', selector },
    { parameter: '/ami/linux/audited', selector, event: 'cloudtrail' },
    { parameter: '/aws/service/public', selector },
  ],
});

const DAY = 86_400;

/** Of one type, those whose logical id begins so. */
const own = (template: TemplateDocument, type: string, id: string): [id: string, resource: Resource][] =>
  ofType(template, type).filter(([logicalId]) => logicalId.startsWith(id));
const idOf = (type: string, id: string): string | undefined => own(runbooks, type, id)[0]?.[0];
const arnOf = (type: string, id: string) => ({ 'Fn::GetAtt': [idOf(type, id), 'Arn'] });

describe('the rules of AMI parameters', () => {
  const rules = own(runbooks, 'AWS::Events::Rule', 'RolloutTrigger').map(([, { Properties }]) => Properties);

  it('are one for each parameter of the account; a public one raises no events', () => {
    expect(rules.map(({ Description }) => Description)).toEqual([
      'Starts ami-rollout when /ami/linux/test changes',
      'Starts ami-rollout when /ami/linux/audited changes',
    ]);
  });

  it('match values that are created or updated and have passed their validation', () => {
    expect(rules[0]?.EventPattern).toEqual({
      source: ['aws.ssm'],
      'detail-type': ['Parameter Store Change'],
      detail: { name: ['/ami/linux/test'], operation: ['Create', 'Update'], exception: [{ exists: false }] },
    });
  });

  it('match the calls that CloudTrail has recorded, where that is configured, and not those that failed', () => {
    expect(rules[1]?.EventPattern).toEqual({
      source: ['aws.ssm'],
      'detail-type': ['AWS API Call via CloudTrail'],
      detail: {
        eventSource: ['ssm.amazonaws.com'],
        eventName: ['PutParameter'],
        requestParameters: { name: ['/ami/linux/audited'] },
        errorCode: [{ exists: false }],
      },
    });
  });

  it('hand on for a day, and keep what they could not hand on', () => {
    for (const { Targets } of rules)
      expect(Targets).toEqual([
        {
          Id: 'Target0',
          Arn: arnOf('AWS::Lambda::Function', 'RolloutTriggerFollowAmiParameter'),
          RetryPolicy: { MaximumEventAgeInSeconds: DAY, MaximumRetryAttempts: 185 },
          DeadLetterConfig: { Arn: arnOf('AWS::SQS::Queue', 'RolloutTriggerUndelivered') },
        },
      ]);
  });
});

describe('the function that starts rollouts', () => {
  it('is tried three times within six hours, and what it failed with is kept', () => {
    expect(own(runbooks, 'AWS::Lambda::EventInvokeConfig', 'RolloutTrigger')).toMatchObject([
      [
        expect.any(String),
        {
          Properties: {
            FunctionName: { Ref: idOf('AWS::Lambda::Function', 'RolloutTriggerFollowAmiParameter') },
            MaximumEventAgeInSeconds: 6 * 3600,
            MaximumRetryAttempts: 2,
            DestinationConfig: { OnFailure: { Destination: arnOf('AWS::SQS::Queue', 'RolloutTriggerFailed') } },
          },
        },
      ],
    ]);
  });

  it('may start ami-rollout and nothing else', () => {
    const starts = statementsOf(runbooks, 'RolloutTriggerFollowAmiParameter').filter(
      ({ Action }) => Action === 'states:StartExecution',
    );
    expect(starts).toMatchObject([{ Resource: { Ref: idOf('AWS::StepFunctions::StateMachine', 'AmiRollout') } }]);
  });
});

describe('each queue', () => {
  const queues = ['RolloutTriggerUndelivered', 'RolloutTriggerFailed', 'CheckDrift'];

  it.each(queues)('%s keeps messages for fourteen days, encrypted, and takes them over TLS alone', (id) => {
    const [[logicalId, { Properties }] = ['', { Properties: {} }]] = own(runbooks, 'AWS::SQS::Queue', id);
    expect(Properties).toMatchObject({ MessageRetentionPeriod: 14 * DAY, SqsManagedSseEnabled: true });
    const policies = ofType(runbooks, 'AWS::SQS::QueuePolicy').filter(([, policy]) =>
      (policy.Properties.Queues as { Ref: string }[]).some(({ Ref }) => Ref === logicalId),
    );
    expect(JSON.stringify(policies)).toContain('"aws:SecureTransport":"false"');
  });

  it.each(queues)('%s raises an alarm with its first message, which says what to do', (id) => {
    const queue = { 'Fn::GetAtt': [idOf('AWS::SQS::Queue', id), 'QueueName'] };
    const alarms = ofType(runbooks, 'AWS::CloudWatch::Alarm').filter(
      ([, { Properties }]) =>
        JSON.stringify(Properties.Dimensions) === JSON.stringify([{ Name: 'QueueName', Value: queue }]),
    );
    expect(alarms).toMatchObject([
      [
        expect.any(String),
        {
          Properties: {
            MetricName: 'ApproximateNumberOfMessagesVisible',
            Threshold: 1,
            ComparisonOperator: 'GreaterThanOrEqualToThreshold',
            AlarmDescription: expect.stringMatching(/npm run replay -- --environment dev|delete the message/),
          },
        },
      ],
    ]);
  });
});

describe('the schedule of the drift check', () => {
  it('tells which of its times it is, for an hour, and keeps what it could not hand on', () => {
    const [[, { Properties }] = ['', { Properties: {} }]] = ofType(runbooks, 'AWS::Scheduler::Schedule');
    expect(Properties).toMatchObject({
      ScheduleExpression: 'rate(1 hour)',
      ScheduleExpressionTimezone: 'Etc/UTC',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: {
        Arn: arnOf('AWS::Lambda::Function', 'CheckDriftStartScheduled'),
        Input: JSON.stringify({
          schedule: '<aws.scheduler.schedule-arn>',
          scheduledTime: '<aws.scheduler.scheduled-time>',
        }),
        RetryPolicy: { MaximumEventAgeInSeconds: 3600, MaximumRetryAttempts: 10 },
        DeadLetterConfig: { Arn: arnOf('AWS::SQS::Queue', 'CheckDrift') },
      },
    });
  });

  it('is as configured, and there is none where no parameter is followed', () => {
    const daily = synthesize({ amiParameters: [{ parameter: '/ami/a', selector }], driftSchedule: 'rate(1 day)' });
    expect(ofType(daily.runbooks, 'AWS::Scheduler::Schedule')).toMatchObject([
      [expect.any(String), { Properties: { ScheduleExpression: 'rate(1 day)' } }],
    ]);
    expect(ofType(synthesize().runbooks, 'AWS::Scheduler::Schedule')).toEqual([]);
  });
});

import { readdirSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { masked, ofType, synthesize } from './synthesize.ts';
import type { Resource } from './synthesize.ts';

const { runbooks } = synthesize({
  functions: { overrides: { 'send-command': { memoryMb: 512 } } },
  tagGate: { key: 'MayRun', value: 'yes' },
  notifyOnSuccess: true,
  logRetentionDays: 14,
});

const functions = ofType(runbooks, 'AWS::Lambda::Function').map(([, { Properties }]) => Properties);
const machines = ofType(runbooks, 'AWS::StepFunctions::StateMachine');
const variablesOf = (properties: Resource['Properties']): Record<string, unknown> =>
  (properties.Environment as { Variables: Record<string, unknown> }).Variables;
const named = (name: string) => functions.find((each) => variablesOf(each).POWERTOOLS_SERVICE_NAME === name);

/** Describe thousands of machines, page by page. */
const LONG = [
  'resolve-targets',
  'summarize-fleet',
  'plan-rollout',
  'check-wave',
  'prepare-rollback',
  'finish-rollout',
  'inspect-drift',
];

describe('the functions', () => {
  it('run on Node 24 and arm64, traced, with a log group each', () => {
    for (const properties of functions) {
      expect(properties).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Handler: 'index.handler',
        TracingConfig: { Mode: 'Active' },
        Timeout: LONG.includes(variablesOf(properties).POWERTOOLS_SERVICE_NAME as string) ? 300 : 30,
        LoggingConfig: { LogGroup: { Ref: expect.any(String) as unknown } },
      });
      expect(variablesOf(properties)).toMatchObject({
        POWERTOOLS_METRICS_NAMESPACE: 'fleetwright/dev',
        POWERTOOLS_LOG_LEVEL: 'INFO',
      });
    }
  });

  it('have the memory configured for them', () => {
    expect(named('send-command')).toMatchObject({ MemorySize: 512 });
    expect(named('check-invocation')).toMatchObject({ MemorySize: 256 });
  });

  it('know the tag gate and the output bucket where they need them', () => {
    expect(variablesOf(named('validate-target') ?? {})).toMatchObject({
      TAG_KEY: 'MayRun',
      TAG_VALUE: 'yes',
      ALLOW_ARBITRARY_COMMANDS: 'true',
      DISABLED_COMMANDS: '',
    });
    expect(variablesOf(named('send-command') ?? {})).toMatchObject({
      OUTPUT_BUCKET: expect.anything() as unknown,
      OUTPUT_KEY_PREFIX: 'commands',
    });
  });
});

describe('the state machines', () => {
  it('are those of statemachines/, each once', () => {
    const files = readdirSync('statemachines').map((file) => file.replace('.asl.json', ''));
    expect(Object.keys(runbooks.Outputs).filter((id) => id.endsWith('StateMachineName'))).toHaveLength(files.length);
    expect(machines).toHaveLength(files.length);
  });

  it('are traced, and log every event but no data', () => {
    for (const [, { Properties }] of machines)
      expect(Properties).toMatchObject({
        TracingConfiguration: { Enabled: true },
        LoggingConfiguration: { Level: 'ALL', IncludeExecutionData: false },
      });
  });

  it('state a Retry at every Task', () => {
    for (const [, { Properties }] of machines) {
      const { States } = JSON.parse(Properties.DefinitionString as string) as {
        States: Record<string, { Type: string; Retry?: unknown }>;
      };
      const tasks = Object.values(States).filter(({ Type }) => Type === 'Task');
      expect(tasks.length).toBeGreaterThan(0);
      for (const task of tasks) expect(task.Retry).toBeDefined();
    }
  });

  it('are told whether to notify of success', () => {
    const [, runCommand] = machines.find(([id]) => id.startsWith('RunCommand')) ?? [];
    expect(runCommand?.Properties.DefinitionSubstitutions).toMatchObject({ NotifyOnSuccess: 'true' });
  });
});

describe('the rule', () => {
  const [, { Properties: rule } = {}] =
    ofType(runbooks, 'AWS::Events::Rule').find(([id]) => id.startsWith('CompleteExecution')) ?? [];
  const [runCommand] = machines.find(([id]) => id.startsWith('RunCommand')) ?? [];
  const [fleetCommand] = machines.find(([id]) => id.startsWith('FleetCommand')) ?? [];
  const [startAssociation] = machines.find(([id]) => id.startsWith('StartAssociation')) ?? [];
  const [refreshAsg] = machines.find(([id]) => id.startsWith('RefreshAsg')) ?? [];
  const [amiRollout] = machines.find(([id]) => id.startsWith('AmiRollout')) ?? [];
  const [checkDrift] = machines.find(([id]) => id.startsWith('CheckDrift')) ?? [];
  const [completion] = machines.find(([id]) => id.startsWith('CompleteExecution')) ?? [];

  it('follows the runbooks that did not succeed, never the one that it starts', () => {
    expect(rule?.EventPattern).toEqual({
      source: ['aws.states'],
      'detail-type': ['Step Functions Execution Status Change'],
      detail: {
        status: ['FAILED', 'TIMED_OUT', 'ABORTED'],
        stateMachineArn: [runCommand, fleetCommand, startAssociation, refreshAsg, amiRollout, checkDrift].map(
          (Ref) => ({
            Ref,
          }),
        ),
      },
    });
    expect(rule?.Targets).toMatchObject([{ Arn: { Ref: completion } }]);
  });

  it('tries again for a day, then keeps the event in an encrypted queue', () => {
    const queue = ofType(runbooks, 'AWS::SQS::Queue').find(([id]) => id.startsWith('CompleteExecution'));
    expect(rule?.Targets).toMatchObject([
      {
        RetryPolicy: { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 },
        DeadLetterConfig: { Arn: { 'Fn::GetAtt': [queue?.[0], 'Arn'] } },
      },
    ]);
    expect(queue?.[1].Properties).toMatchObject({ SqsManagedSseEnabled: true });
  });
});

describe('the alarms', () => {
  const alarms = ofType(runbooks, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => Properties);

  it('all go to the topic and say what they mean', () => {
    for (const alarm of alarms) {
      expect(alarm.AlarmActions).toHaveLength(1);
      expect(JSON.stringify(alarm.AlarmActions)).toMatch(/NotificationTopic/);
      expect((alarm.AlarmDescription as string).length).toBeGreaterThan(40);
      expect(alarm).toMatchObject({ ActionsEnabled: true, TreatMissingData: 'notBreaching' });
    }
  });

  it('watch every function, every runbook and the dead letters', () => {
    const watched = alarms.map(({ MetricName }) => MetricName as string);
    const count = (metric: string) => watched.filter((name) => name === metric).length;
    expect([count('Errors'), count('Throttles')]).toEqual([functions.length, functions.length]);
    for (const metric of ['ExecutionsFailed', 'ExecutionsTimedOut', 'ExecutionsAborted'])
      expect(count(metric)).toBe(machines.length);
    expect(count('ApproximateNumberOfMessagesVisible')).toBe(ofType(runbooks, 'AWS::SQS::Queue').length);
  });

  it('can be told to stay quiet', () => {
    const quiet = ofType(synthesize({ alarmActionsEnabled: false }).runbooks, 'AWS::CloudWatch::Alarm');
    for (const [, { Properties }] of quiet) expect(Properties.ActionsEnabled).toBe(false);
  });
});

describe('the stack', () => {
  it('keeps its logs as long as configured', () => {
    for (const [, { Properties }] of ofType(runbooks, 'AWS::Logs::LogGroup'))
      expect(Properties.RetentionInDays).toBe(14);
  });

  it('tells the names that others need', () => {
    expect(Object.keys(runbooks.Outputs).filter((id) => !id.startsWith('Exports'))).toEqual([
      'CompleteExecutionDeadLettersUrl',
      'AmiParameterEventsUndeliveredUrl',
      'AmiParameterEventsFailedUrl',
      'CheckDriftDeadLettersUrl',
      'RunCommandStateMachineArn',
      'RunCommandStateMachineName',
      'FleetCommandStateMachineArn',
      'FleetCommandStateMachineName',
      'StartAssociationStateMachineArn',
      'StartAssociationStateMachineName',
      'RefreshAsgStateMachineArn',
      'RefreshAsgStateMachineName',
      'AmiRolloutStateMachineArn',
      'AmiRolloutStateMachineName',
      'CheckDriftStateMachineArn',
      'CheckDriftStateMachineName',
      'CompleteExecutionStateMachineArn',
      'CompleteExecutionStateMachineName',
      'ValidateTargetFunctionName',
      'SendCommandFunctionName',
      'CheckInvocationFunctionName',
      'CancelCommandFunctionName',
      'ResolveTargetsFunctionName',
      'GateBatchFunctionName',
      'SendBatchFunctionName',
      'CheckCommandsFunctionName',
      'SummarizeFleetFunctionName',
      'AcquireLocksFunctionName',
      'ReleaseLocksFunctionName',
      'ValidateAssociationFunctionName',
      'StartAssociationFunctionName',
      'CheckAssociationFunctionName',
      ...['ValidateAsg', 'FindInstanceRefresh', 'PinTemplate', 'CreateTemplateVersion', 'StartInstanceRefresh'].map(
        (name) => `${name}FunctionName`,
      ),
      ...['CheckInstanceRefresh', 'RollbackInstanceRefresh', 'VerifyAsg'].map((name) => `${name}FunctionName`),
      ...['ReadAmiParameter', 'RollBackParameter', 'ClaimRollout', 'CheckAmi', 'PlanRollout', 'RequestApproval'].map(
        (name) => `${name}FunctionName`,
      ),
      ...['BeginWaiting', 'BeginWave', 'JudgeWave', 'CheckWave', 'PrepareRollback', 'FinishRollout'].map(
        (name) => `${name}FunctionName`,
      ),
      ...['FollowAmiParameter', 'ListAmiParameters', 'InspectDrift', 'CompareDrift', 'StartScheduled'].map(
        (name) => `${name}FunctionName`,
      ),
    ]);
  });

  it('is as it was', () => expect(masked(runbooks)).toMatchSnapshot());
});

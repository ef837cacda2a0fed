import { describe, expect, it } from '@jest/globals';
import { getLanguageService, TextDocument } from 'amazon-states-language-service';
import validate from 'asl-validator';
import jsonata from 'jsonata';
import { definitionOf, flowsOf, NAMES, statesOf, stringsIn, tasksOf, textOf } from './definitions.ts';

const VERBS = [
  'Acquire', 'Begin', 'Cancel', 'Check', 'Claim', 'Create', 'Decide', 'Explain', 'Fail', 'Find', 'Finish', 'Gate', 'Judge', 'Leave', 'Note', 'Notify', 'Pin', 'Plan', 'Prepare', 'Read', 'Record',
  'Release', 'Report', 'Request', 'Resolve', 'Roll', 'Send', 'Start', 'Summarize', 'Validate', 'Verify', 'Wait',
]; // prettier-ignore

/** What `infra` fills in at synth; docs/architecture.md lists the same. */
const PLACEHOLDERS: Readonly<Record<string, readonly string[]>> = {
  'run-command': [
    'ValidateTargetArn', 'AcquireLocksArn', 'SendCommandArn', 'CheckInvocationArn', 'CancelCommandArn',
    'ResultTableName', 'LockTableName', 'NotificationTopicArn', 'OutputBucketName', 'NotifyOnSuccess',
  ],
  'fleet-command': [
    'ResolveTargetsArn', 'GateBatchArn', 'SendBatchArn', 'CheckCommandsArn', 'SummarizeFleetArn', 'CancelCommandArn', 'ReleaseLocksArn',
    'ResultTableName', 'NotificationTopicArn', 'NotifyOnSuccess',
  ],
  'start-association': [
    'ValidateAssociationArn', 'AcquireLocksArn', 'StartAssociationArn', 'CheckAssociationArn', 'ReleaseLocksArn',
    'ResultTableName', 'NotificationTopicArn', 'NotifyOnSuccess',
  ],
  'refresh-asg': [
    'ValidateAsgArn', 'AcquireLocksArn', 'FindInstanceRefreshArn', 'PinTemplateArn', 'CreateTemplateVersionArn', 'StartInstanceRefreshArn',
    'CheckInstanceRefreshArn', 'RollbackInstanceRefreshArn', 'VerifyAsgArn', 'ReleaseLocksArn',
    'ResultTableName', 'NotificationTopicArn', 'NotifyOnSuccess',
  ],
  'ami-rollout': [
    'ReadAmiParameterArn', 'RollBackParameterArn', 'ClaimRolloutArn', 'CheckAmiArn', 'PlanRolloutArn', 'RequestApprovalArn', 'BeginWaitingArn',
    'BeginWaveArn', 'JudgeWaveArn', 'CheckWaveArn', 'PrepareRollbackArn', 'FinishRolloutArn', 'RefreshAsgStateMachineArn',
    'ResultTableName', 'NotificationTopicArn', 'NotifyOnSuccess',
  ],
  'check-drift': [
    'ListAmiParametersArn', 'InspectDriftArn', 'FollowAmiParameterArn', 'CompareDriftArn', 'ResultTableName', 'RolloutTableName', 'NotificationTopicArn',
  ],
  'complete-execution': ['CancelCommandArn', 'ReleaseLocksArn', 'ResultTableName', 'NotificationTopicArn', 'RunbookNames'],
}; // prettier-ignore

const placeholdersIn = (text: string) =>
  [...new Set([...text.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name))].sort();
const filled = (name: string) =>
  JSON.parse(
    textOf(name)
      .replaceAll(/\$\{\w*Arn\}/g, 'arn:aws:x:y')
      .replaceAll(/\$\{\w+\}/g, 'x'),
  ) as object;

it('knows every state machine', () => expect([...NAMES].sort()).toEqual(Object.keys(PLACEHOLDERS).sort()));

describe.each(NAMES)('%s', (name) => {
  it('is valid to asl-validator', () => {
    const result = validate(structuredClone(filled(name)));
    expect(result.isValid ? '' : result.errorsText()).toBe('');
  });

  it('is valid to the Amazon States Language service', async () => {
    const service = getLanguageService({});
    const document = TextDocument.create('file:///x.asl', 'asl', 1, JSON.stringify(filled(name), null, 1));
    const problems = await service.doValidation(document, service.parseJSONDocument(document));
    expect(problems.map(({ message }) => message)).toEqual([]);
  });

  it('is in JSONata throughout', () => {
    expect(definitionOf(name).QueryLanguage).toBe('JSONata');
    expect(textOf(name)).not.toMatch(/"(?:InputPath|OutputPath|ResultPath|ResultSelector|Parameters|Variable)":/);
    expect(textOf(name)).not.toMatch(/"[^"]+\.\$":/);
  });

  it('has expressions that parse', () => {
    for (const text of stringsIn(filled(name)))
      if (text.startsWith('{%')) expect(() => jsonata(text.slice(2, -2))).not.toThrow();
  });

  it('ends in time: itself and each Task', () => {
    expect(definitionOf(name).TimeoutSeconds).toBeGreaterThan(0);
    expect(tasksOf(name).filter(([, { TimeoutSeconds }]) => TimeoutSeconds === undefined)).toEqual([]);
  });

  it('names its states as verb phrases', () => {
    for (const [state] of statesOf(name)) {
      expect(state).toMatch(/^(?:[A-Z][a-z]+)+$/);
      expect(VERBS).toContain(/^[A-Z][a-z]+/.exec(state)?.[0]);
    }
  });

  it('catches whatever a Task may fail with', () => {
    for (const [state, { Catch = [] }] of tasksOf(name))
      expect({ state, caught: Catch.at(-1)?.ErrorEquals }).toEqual({ state, caught: ['States.ALL'] });
  });

  it('ends in Succeed or in a Fail that names its error', () => {
    for (const [state, { Type, Next, Choices, ...rest }] of statesOf(name)) {
      if (Next !== undefined || Choices !== undefined) continue;
      expect({ state, Type }).toEqual({ state, Type: expect.stringMatching(/^(?:Succeed|Fail)$/) });
      if (Type === 'Fail') expect(rest).toHaveProperty('Error');
    }
  });

  it('has every state within reach', () => {
    for (const { StartAt, States } of flowsOf(name)) {
      const reached = new Set<string>();
      const visit = (state: string): void => {
        if (reached.has(state)) return;
        reached.add(state);
        const { Next, Default, Choices = [], Catch = [] } = States[state] ?? { Type: 'missing' };
        for (const next of [
          Next,
          Default,
          ...Choices.map((choice) => choice.Next),
          ...Catch.map((clause) => clause.Next),
        ])
          if (next !== undefined) visit(next);
      };
      visit(StartAt);
      expect([...reached].sort()).toEqual(Object.keys(States).sort());
    }
  });

  it('leaves open what infra fills in, and nothing else', () =>
    expect(placeholdersIn(textOf(name))).toEqual([...(PLACEHOLDERS[name] ?? [])].sort()));
});

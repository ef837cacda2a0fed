import { describe, expect, it } from '@jest/globals';
import { addStandardRetries } from '../../../infra/constructs/standard-retry.ts';

const invoke = { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke' };
const update = { Type: 'Task', Resource: 'arn:aws:states:::aws-sdk:dynamodb:updateItem' };

describe('addStandardRetries', () => {
  it('gives a Task the errors of its own service, with a cap and jitter', () => {
    const machine = { States: { Invoke: { ...invoke }, Update: { ...update } } };
    expect(addStandardRetries(machine)).toEqual([]);
    const pace = { IntervalSeconds: 2, BackoffRate: 2, MaxAttempts: 5, MaxDelaySeconds: 20, JitterStrategy: 'FULL' };
    expect(machine.States.Invoke).toMatchObject({ Retry: [pace] });
    expect(machine.States.Update).toMatchObject({ Retry: [pace] });
    expect(errorsOf(machine.States.Invoke).every((name) => /^(Lambda|Sandbox)\./.test(name))).toBe(true);
    expect(errorsOf(machine.States.Update).every((name) => name.startsWith('DynamoDb.'))).toBe(true);
  });

  it('never tries again what any failure is, nor a condition that does not hold', () => {
    const machine = { States: { Invoke: { ...invoke }, Update: { ...update } } };
    addStandardRetries(machine);
    const errors = Object.values(machine.States).flatMap(errorsOf);
    for (const name of ['States.ALL', 'States.TaskFailed', 'DynamoDb.ConditionalCheckFailedException'])
      expect(errors).not.toContain(name);
  });

  it.each([[[]], [[{ ErrorEquals: ['CommandThrottled'] }]]])('leaves a Task alone that states %j', (Retry) => {
    const machine = { States: { Invoke: { ...invoke, Retry } } };
    addStandardRetries(machine);
    expect(machine.States.Invoke.Retry).toBe(Retry);
  });

  it('leaves other states alone', () => {
    const machine = { States: { Wait: { Type: 'Wait' }, End: { Type: 'Succeed' } } };
    addStandardRetries(machine);
    expect(machine).toEqual({ States: { Wait: { Type: 'Wait' }, End: { Type: 'Succeed' } } });
  });

  it('reaches into branches and maps, however deep', () => {
    const task = { ...invoke };
    const map = { Type: 'Map', ItemProcessor: { States: { Inner: task } } };
    const machine = { States: { Both: { Type: 'Parallel', Branches: [{ States: { Each: map } }] } } };
    addStandardRetries(machine);
    expect(errorsOf(task)).toContain('Lambda.ServiceException');
  });

  it('says what it has no standard for', () => {
    const machine = { States: { Send: { Type: 'Task', Resource: 'arn:aws:states:::sqs:sendMessage' } } };
    expect(addStandardRetries(machine)).toEqual(['Send: sqs']);
  });
});

const errorsOf = (state: object): readonly string[] =>
  (state as { Retry?: { ErrorEquals: string[] }[] }).Retry?.[0]?.ErrorEquals ?? [];

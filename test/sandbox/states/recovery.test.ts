import { describe, expect, it } from '@jest/globals';
import { AwsError } from '../../../sandbox/core/aws-error.ts';
import { bench, end, find, output, seconds, types, type Bench } from './support.ts';

/** SSM that fails with the given codes, one call each, and then answers. */
function failing(codes: readonly string[], seed = 1): Bench {
  const self = bench({ seed });
  let call = 0;
  self.serve('ssm', {
    GetParameter: () => {
      const code = codes[call++];
      if (code !== undefined) throw new AwsError(code, 'said so');
      return { calls: call };
    },
  });
  return self;
}

const get = (more: object) => ({
  Get: {
    Type: 'Task',
    Resource: 'arn:aws:states:::aws-sdk:ssm:getParameter',
    Arguments: { Name: 'n' },
    ...end,
    ...more,
  },
});

describe('Retry', () => {
  it('waits longer each time, and counts in the context object', async () => {
    const execution = await failing(['ParameterNotFound', 'ParameterNotFound', 'ParameterNotFound']).run(
      get({
        Retry: [
          { ErrorEquals: ['Ssm.ParameterNotFoundException'], IntervalSeconds: 2, BackoffRate: 3, MaxAttempts: 5 },
        ],
        Output: '{% $states.context.State.RetryCount %}',
      }),
    );
    expect(output(execution)).toBe(3);
    expect(seconds(execution)).toBe(2 + 6 + 18);
    expect(find(execution, 'TaskScheduled')).toHaveLength(4);
    expect(execution.transitions).toBe(4);
  });

  it('defaults to three attempts after 1, 2 and 4 seconds', async () => {
    const execution = await failing(Array.from({ length: 9 }, () => 'InternalServerError')).run(
      get({ Retry: [{ ErrorEquals: ['States.ALL'] }] }),
    );
    expect(execution.end).toMatchObject({ status: 'FAILED', error: 'Ssm.InternalServerErrorException' });
    expect(find(execution, 'TaskFailed')).toHaveLength(4);
    expect(seconds(execution)).toBe(7);
  });

  it('keeps below MaxDelaySeconds', async () => {
    const retry = { ErrorEquals: ['States.TaskFailed'], IntervalSeconds: 10, MaxDelaySeconds: 15, MaxAttempts: 3 };
    expect(seconds(await failing(['A', 'B', 'C']).run(get({ Retry: [retry] })))).toBe(10 + 15 + 15);
  });

  it('counts the attempts of each retrier by themselves', async () => {
    const codes = ['ParameterNotFound', 'ThrottlingException', 'ParameterNotFound', 'ThrottlingException'];
    const retry = (error: string, IntervalSeconds: number) => ({
      ErrorEquals: [error],
      IntervalSeconds,
      BackoffRate: 1,
      MaxAttempts: 2,
    });
    const execution = await failing(codes).run(
      get({ Retry: [retry('Ssm.ParameterNotFoundException', 5), retry('States.ALL', 100)] }),
    );
    expect(execution.status).toBe('SUCCEEDED');
    expect(seconds(execution)).toBe(210);
  });

  it('draws full jitter from the seed', async () => {
    const flow = get({ Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 100, JitterStrategy: 'FULL' }] });
    const once = seconds(await failing(['A'], 7).run(flow));
    expect(once).toBeGreaterThanOrEqual(0);
    expect(once).toBeLessThan(100);
    expect(seconds(await failing(['A'], 7).run(flow))).toBe(once);
    expect(seconds(await failing(['A'], 8).run(flow))).not.toBe(once);
  });

  it('grants none with MaxAttempts 0', async () => {
    const flow = get({ Retry: [{ ErrorEquals: ['States.ALL'], MaxAttempts: 0 }] });
    expect((await failing(['A']).run(flow)).status).toBe('FAILED');
  });
});

describe('Catch', () => {
  const caught = {
    Caught: {
      Type: 'Pass',
      Output: { input: '{% $states.input %}', why: '{% $exists($why) ? $why : "none" %}' },
      ...end,
    },
  };

  it('hands on the error and cause, and assigns', async () => {
    const execution = await failing(['ParameterNotFound']).run(
      {
        ...get({
          Catch: [
            { ErrorEquals: ['States.Timeout'], Next: 'Caught' },
            {
              ErrorEquals: ['States.TaskFailed'],
              Next: 'Caught',
              Assign: { why: '{% $states.errorOutput.Error %}' },
              Output: '{% $states.input.kept %}',
            },
          ],
        }),
        ...caught,
      },
      { kept: 5 },
    );
    expect(output(execution)).toEqual({ input: 5, why: 'Ssm.ParameterNotFoundException' });
    expect(types(execution).slice(2, 7)).toEqual([
      'TaskScheduled',
      'TaskStarted',
      'TaskFailed',
      'TaskStateExited',
      'PassStateEntered',
    ]);
  });

  it('gives Error and Cause where it says nothing', async () => {
    const execution = await failing(['ParameterNotFound']).run({
      ...get({ Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }] }),
      ...caught,
    });
    expect(output(execution)).toMatchObject({
      input: {
        Error: 'Ssm.ParameterNotFoundException',
        Cause: expect.stringMatching(/^said so \(Service: Ssm, Status Code: 400, Request ID: [0-9a-f-]{36}\)$/),
      },
    });
  });

  it('catches an expression that fails in the state, after its retries', async () => {
    const execution = await failing([]).run({
      ...get({
        Output: '{% $states.result.nothing %}',
        Retry: [{ ErrorEquals: ['States.QueryEvaluationError'], MaxAttempts: 1 }],
        Catch: [{ ErrorEquals: ['States.QueryEvaluationError'], Next: 'Caught' }],
      }),
      ...caught,
    });
    expect(
      find(execution, 'EvaluationFailed').map(({ evaluationFailedEventDetails }) => evaluationFailedEventDetails),
    ).toEqual(
      Array.from({ length: 2 }, () => ({
        error: 'States.QueryEvaluationError',
        cause:
          "The JSONata expression '$states.result.nothing' specified for the field 'Output' returned nothing (undefined).",
        location: 'Output',
        state: 'Get',
      })),
    );
    expect(execution.status).toBe('SUCCEEDED');
  });

  it('does not catch what the sandbox lacks', async () => {
    const execution = await bench().run({
      ...get({ Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }] }),
      ...caught,
    });
    expect(execution.end).toMatchObject({
      error: 'States.Runtime',
      cause: expect.stringContaining('does not model ssm:GetParameter'),
    });
  });
});

describe('time-outs', () => {
  const slow = (milliseconds: number): Bench => {
    const self = bench();
    self.serve('ssm', { GetParameter: () => self.world.clock.sleep(milliseconds).then(() => ({ done: true })) });
    return self;
  };

  it('ends a task after TimeoutSeconds, as States.Timeout without a cause', async () => {
    const execution = await slow(60_000).run(get({ TimeoutSeconds: '{% $states.input.limit %}' }), { limit: 10 });
    expect(execution.end).toEqual({ status: 'FAILED', error: 'States.Timeout' });
    expect(seconds(execution)).toBe(10);
    expect(find(execution, 'TaskScheduled')[0]?.taskScheduledEventDetails).toMatchObject({
      timeoutInSeconds: 10,
      parameters: '{"Name":"n"}',
    });
    expect(find(execution, 'TaskTimedOut')[0]?.taskTimedOutEventDetails).toEqual({
      error: 'States.Timeout',
      resource: 'getParameter',
      resourceType: 'aws-sdk:ssm',
    });
  });

  it('is caught as States.Timeout, and not as States.TaskFailed', async () => {
    const Catch = [
      { ErrorEquals: ['States.TaskFailed'], Next: 'Wrong' },
      { ErrorEquals: ['States.Timeout'], Next: 'Right' },
    ];
    const ends = { Wrong: { Type: 'Fail' }, Right: { Type: 'Succeed' } };
    expect((await slow(60_000).run({ ...get({ TimeoutSeconds: 10, Catch }), ...ends })).status).toBe('SUCCEEDED');
  });

  it('leaves a task alone that is in time', async () => {
    const execution = await slow(9000).run(get({ TimeoutSeconds: 10 }));
    expect(output(execution)).toEqual({ done: true });
  });

  it('ends the machine after its own TimeoutSeconds, caught by nothing', async () => {
    const execution = await bench().run(
      {
        P: {
          Type: 'Parallel',
          Branches: [{ StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 1000, ...end } } }],
          Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }],
          ...end,
        },
        Caught: { Type: 'Succeed' },
      },
      {},
      { TimeoutSeconds: 100 },
    );
    expect(execution.end).toEqual({ status: 'TIMED_OUT' });
    expect(seconds(execution)).toBe(100);
    expect(execution.history.events.at(-1)).toMatchObject({
      type: 'ExecutionTimedOut',
      previousEventId: 0,
      executionTimedOutEventDetails: { error: 'States.Timeout' },
    });
  });
});

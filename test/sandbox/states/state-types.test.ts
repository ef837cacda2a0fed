import { describe, expect, it } from '@jest/globals';
import { bench, end, find, output, seconds, types } from './support.ts';

describe('Pass', () => {
  it('hands its input on', async () => {
    expect(output(await bench().run({ A: { Type: 'Pass', ...end } }, { a: [1, null] }))).toEqual({ a: [1, null] });
  });

  it('evaluates Output and Assign side by side, so that neither sees what the other gives', async () => {
    const execution = await bench().run({
      A: { Type: 'Pass', Assign: { x: 1, y: 'a' }, Next: 'B' },
      B: { Type: 'Pass', Assign: { x: '{% $x + 1 %}', y: '{% $x %}' }, Output: '{% [$x, $y] %}', Next: 'C' },
      C: { Type: 'Pass', Output: { before: '{% $states.input %}', x: '{% $x %}', y: '{% $y %}' }, ...end },
    });
    expect(output(execution)).toEqual({ before: [1, 'a'], x: 2, y: 1 });
  });

  it('records what it assigned, as text', async () => {
    const execution = await bench().run({ A: { Type: 'Pass', Assign: { list: '{% [1, "b"] %}' }, ...end } });
    expect(find(execution, 'PassStateExited')[0]?.stateExitedEventDetails).toEqual({
      name: 'A',
      output: '{}',
      outputDetails: { truncated: false },
      assignedVariables: { list: '[1,"b"]' },
      assignedVariablesDetails: { truncated: false },
    });
  });

  it('shows the context object', async () => {
    const { start, ...execution } = await bench().run(
      { A: { Type: 'Pass', Output: '{% $states.context %}', ...end } },
      { i: 1 },
    );
    expect(output({ start, ...execution } as never)).toEqual({
      Execution: {
        Id: start.arn,
        Input: { i: 1 },
        Name: start.name,
        RoleArn: start.machine.roleArn,
        StartTime: '2026-01-05T09:00:00.000Z',
        RedriveCount: 0,
      },
      State: { Name: 'A', EnteredTime: '2026-01-05T09:00:00.000Z' },
      StateMachine: { Id: start.machine.arn, Name: 'machine-1' },
    });
  });
});

describe('Choice', () => {
  const flow = {
    Pick: {
      Type: 'Choice',
      Choices: [
        { Condition: '{% $states.input.n > 10 %}', Next: 'Big', Output: 'big', Assign: { size: 2 } },
        { Condition: '{% $states.input.n > 5 %}', Next: 'Big' },
      ],
      Default: 'Small',
      Output: 'default',
    },
    Big: { Type: 'Pass', Output: { got: '{% $states.input %}', size: '{% $exists($size) ? $size : 0 %}' }, ...end },
    Small: { Type: 'Succeed' },
  };

  it('takes the first rule that holds, with its own Output and Assign', async () => {
    expect(output(await bench().run(flow, { n: 11 }))).toEqual({ got: 'big', size: 2 });
    expect(output(await bench().run(flow, { n: 6 }))).toEqual({ got: { n: 6 }, size: 0 });
  });

  it('takes the state’s Output with the Default', async () => {
    expect(output(await bench().run(flow, { n: 1 }))).toBe('default');
  });

  it('fails where no rule holds and there is no Default', async () => {
    const Pick = { Type: 'Choice', Choices: flow.Pick.Choices };
    const execution = await bench().run({ Pick, Big: flow.Big }, { n: 1 });
    expect(execution.end).toEqual({
      status: 'FAILED',
      error: 'States.Runtime',
      cause:
        "An error occurred while executing the state 'Pick' (entered at the event id #2). Failed to transition out of the state. The state does not point to a next state.",
    });
  });

  it('insists on a boolean', async () => {
    const execution = await bench().run(flow, { n: 'x' });
    expect(execution.end).toMatchObject({ error: 'States.QueryEvaluationError' });
    const other = await bench().run({
      ...flow,
      Pick: { ...flow.Pick, Choices: [{ Condition: '{% "yes" %}', Next: 'Big' }] },
    });
    expect(other.end?.cause).toMatch(
      /field 'Choices\[0\]\/Condition' .* Expected 'boolean', but was 'string' for value: "yes"$/,
    );
  });
});

describe('Wait', () => {
  it('waits seconds in virtual time, an hour in no time at all', async () => {
    const execution = await bench().run({ W: { Type: 'Wait', Seconds: 3600, ...end } }, { kept: true });
    expect(seconds(execution)).toBe(3600);
    expect(output(execution)).toEqual({ kept: true });
    expect(types(execution)).toEqual(['ExecutionStarted', 'WaitStateEntered', 'WaitStateExited', 'ExecutionSucceeded']);
  });

  it('waits until a timestamp, and not at all for one that has passed', async () => {
    const flow = { W: { Type: 'Wait', Timestamp: '{% $states.input.at %}', ...end } };
    expect(seconds(await bench().run(flow, { at: '2026-01-05T11:30:00+01:00' }))).toBe(5400);
    expect(seconds(await bench().run(flow, { at: '2016-01-05T11:30:00Z' }))).toBe(0);
  });

  it.each([-1, 1.5, '10', null])('refuses %p seconds', async (wait) => {
    const execution = await bench().run({ W: { Type: 'Wait', Seconds: '{% $states.input.wait %}', ...end } }, { wait });
    expect(execution.end).toMatchObject({ status: 'FAILED', error: 'States.QueryEvaluationError' });
  });
});

describe('Succeed and Fail', () => {
  it('ends with an Output', async () => {
    expect(output(await bench().run({ S: { Type: 'Succeed', Output: { a: '{% 1 + 1 %}' } } }))).toEqual({ a: 2 });
  });

  it('fails with the error and cause that expressions name', async () => {
    const execution = await bench().run(
      { F: { Type: 'Fail', Error: '{% $states.input.e %}', Cause: 'why' } },
      { e: 'Broken' },
    );
    expect(execution.end).toEqual({ status: 'FAILED', error: 'Broken', cause: 'why' });
    expect(types(execution)).toEqual(['ExecutionStarted', 'FailStateEntered', 'ExecutionFailed']);
  });

  it('fails without either', async () => {
    expect((await bench().run({ F: { Type: 'Fail' } })).end).toEqual({ status: 'FAILED' });
  });
});

describe('Parallel', () => {
  const branch = (states: object) => ({ StartAt: Object.keys(states)[0], States: states });

  it('gives the outputs in the order of the branches, whichever ends first', async () => {
    const execution = await bench().run(
      {
        P: {
          Type: 'Parallel',
          Arguments: { n: '{% $states.input.n * 2 %}' },
          Branches: [
            branch({ Slow: { Type: 'Wait', Seconds: 20, Output: '{% $states.input.n %}', ...end } }),
            branch({ Fast: { Type: 'Wait', Seconds: 10, Output: 'fast', ...end } }),
          ],
          Output: { results: '{% $states.result %}', input: '{% $states.input %}' },
          ...end,
        },
      },
      { n: 21 },
    );
    expect(output(execution)).toEqual({ results: [42, 'fast'], input: { n: 21 } });
    expect(seconds(execution)).toBe(20);
    expect(types(execution)).toEqual([
      'ExecutionStarted',
      'ParallelStateEntered',
      'ParallelStateStarted',
      'WaitStateEntered',
      'WaitStateEntered',
      'WaitStateExited',
      'WaitStateExited',
      'ParallelStateSucceeded',
      'ParallelStateExited',
      'ExecutionSucceeded',
    ]);
  });

  it('chains each branch’s events on its own', async () => {
    const wait = (Seconds: number) => branch({ [`W${Seconds}`]: { Type: 'Wait', Seconds, ...end } });
    const { history } = await bench().run({ P: { Type: 'Parallel', Branches: [wait(2), wait(1)], ...end } });
    expect(history.events.map(({ id, previousEventId }) => [id, previousEventId])).toEqual([
      [1, 0],
      [2, 0],
      [3, 2],
      [4, 3],
      [5, 3],
      [6, 5],
      [7, 4],
      [8, 7],
      [9, 8],
      [10, 9],
    ]);
  });

  it('ends the other branches when one fails, and says so', async () => {
    const execution = await bench().run({
      P: {
        Type: 'Parallel',
        Branches: [
          branch({ Waits: { Type: 'Wait', Seconds: 1000, ...end } }),
          branch({
            Soon: { Type: 'Wait', Seconds: 5, Next: 'Fails' },
            Fails: { Type: 'Fail', Error: 'Broken', Cause: 'c' },
          }),
        ],
        Catch: [{ ErrorEquals: ['Broken'], Next: 'Caught' }],
        Next: 'Never',
      },
      Never: { Type: 'Fail' },
      Caught: { Type: 'Wait', Seconds: 2000, ...end },
    });
    expect(output(execution)).toEqual({ Error: 'Broken', Cause: 'c' });
    expect(seconds(execution)).toBe(2005);
    expect(types(execution).slice(5)).toEqual([
      'WaitStateExited',
      'FailStateEntered',
      'WaitStateAborted',
      'ParallelStateFailed',
      'ParallelStateExited',
      'WaitStateEntered',
      'WaitStateExited',
      'ExecutionSucceeded',
    ]);
  });

  it('lets branches read the variables around them and keeps theirs inside', async () => {
    const execution = await bench().run({
      A: { Type: 'Pass', Assign: { outer: 1 }, Next: 'P' },
      P: {
        Type: 'Parallel',
        Branches: [
          branch({
            In: { Type: 'Pass', Assign: { inner: '{% $outer + 1 %}' }, Next: 'Out' },
            Out: { Type: 'Pass', Output: '{% $inner %}', ...end },
          }),
        ],
        Next: 'Z',
      },
      Z: { Type: 'Pass', Output: { got: '{% $states.input %}', inner: '{% $exists($inner) %}' }, ...end },
    });
    expect(output(execution)).toEqual({ got: [2], inner: false });
  });
});

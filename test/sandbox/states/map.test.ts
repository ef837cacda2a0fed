import { describe, expect, it } from '@jest/globals';
import { bench, end, find, machine, output, seconds, types } from './support.ts';

const processor = (states: object, more: object = {}) => ({ StartAt: Object.keys(states)[0], States: states, ...more });

describe('inline Map', () => {
  const sleepy = {
    M: {
      Type: 'Map',
      Items: '{% $states.input.waits %}',
      ItemSelector: {
        wait: '{% $states.context.Map.Item.Value %}',
        index: '{% $states.context.Map.Item.Index %}',
        n: '{% $count($states.input.waits) %}',
      },
      ItemProcessor: processor({
        W: { Type: 'Wait', Seconds: '{% $states.input.wait %}', Output: '{% $states.input.index %}', ...end },
      }),
      MaxConcurrency: 2,
      ...end,
    },
  };

  it('runs so many iterations at once and keeps the order of the items', async () => {
    const execution = await bench().run(sleepy, { waits: [30, 10, 10, 10] });
    expect(output(execution)).toEqual([0, 1, 2, 3]);
    expect(seconds(execution)).toBe(30);
    expect(
      find(execution, 'MapIterationStarted').map(
        ({ mapIterationStartedEventDetails }) => mapIterationStartedEventDetails,
      ),
    ).toEqual([0, 1, 2, 3].map((index) => ({ name: 'M', index })));
    expect(find(execution, 'MapStateStarted')[0]?.mapStateStartedEventDetails).toEqual({ length: 4 });
  });

  it('runs forty at once where nothing is said', async () => {
    const M = { ...sleepy.M, MaxConcurrency: undefined };
    expect(seconds(await bench().run({ M }, { waits: Array.from({ length: 41 }, () => 10) }))).toBe(20);
  });

  it('has nothing to do for no items', async () => {
    const execution = await bench().run(sleepy, { waits: [] });
    expect(output(execution)).toEqual([]);
    expect(types(execution)).toContain('MapStateSucceeded');
  });

  it('fails with the first iteration that does, and ends the others', async () => {
    const execution = await bench().run(
      {
        M: {
          ...sleepy.M,
          MaxConcurrency: 3,
          ItemProcessor: processor({
            W: { Type: 'Wait', Seconds: '{% $states.input.wait %}', Next: 'F' },
            F: { Type: 'Fail', Error: 'Bad', Cause: '{% $string($states.input.index) %}' },
          }),
        },
      },
      { waits: [50, 10, 50] },
    );
    expect(execution.end).toEqual({ status: 'FAILED', error: 'Bad', cause: '1' });
    expect(seconds(execution)).toBe(10);
    expect(types(execution).slice(-7)).toEqual([
      'MapIterationAborted',
      'WaitStateAborted',
      'MapIterationFailed',
      'MapIterationAborted',
      'WaitStateAborted',
      'MapStateFailed',
      'ExecutionFailed',
    ]);
    const failing = find(execution, 'FailStateEntered')[0]?.id;
    expect(find(execution, 'MapStateFailed')[0]?.previousEventId).toBe(failing);
    expect(find(execution, 'MapIterationAborted').map(({ previousEventId }) => previousEventId)).toEqual([
      failing,
      failing,
    ]);
  });

  it('is retried as a whole', async () => {
    const execution = await bench().run({
      M: {
        Type: 'Map',
        Items: [1],
        ItemProcessor: processor({ F: { Type: 'Fail', Error: 'E' } }),
        Retry: [{ ErrorEquals: ['E'], IntervalSeconds: 7, MaxAttempts: 2 }],
        ...end,
      },
    });
    expect(seconds(execution)).toBe(21);
    expect(find(execution, 'MapStateStarted')).toHaveLength(3);
  });
});

describe('Distributed Map', () => {
  const distributed = (states: object, more: object = {}) => ({
    M: {
      Type: 'Map',
      Label: 'Items',
      Items: '{% $states.input.items %}',
      ItemProcessor: processor(states, { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' } }),
      ...more,
      ...end,
    },
  });
  const double = { D: { Type: 'Pass', Output: '{% $states.input * 2 %}', ...end } };

  it('runs each item as an execution of its own', async () => {
    const { run, call, states } = bench();
    const execution = await run(distributed(double), { items: [1, 2, 3] });
    expect(output(execution)).toEqual([2, 4, 6]);
    expect(types(execution)).toEqual([
      'ExecutionStarted',
      'MapStateEntered',
      'MapStateStarted',
      'MapRunStarted',
      'MapRunSucceeded',
      'MapStateSucceeded',
      'MapStateExited',
      'ExecutionSucceeded',
    ]);
    const { mapRuns } = await call<{ mapRuns: { mapRunArn: string }[] }>('ListMapRuns', {
      executionArn: execution.start.arn,
    });
    expect(mapRuns).toHaveLength(1);
    expect(mapRuns[0]?.mapRunArn).toMatch(/:mapRun:machine-1\/Items:[0-9a-f-]{36}$/);
    expect(await call('DescribeMapRun', mapRuns[0] ?? {})).toMatchObject({
      status: 'SUCCEEDED',
      maxConcurrency: 10_000,
      itemCounts: { total: 3, succeeded: 3, failed: 0 },
    });
    const children = states.executions().slice(1);
    expect(children.map(({ start }) => start.machine.arn)).toEqual(
      Array.from({ length: 3 }, () => `${execution.start.machine.arn}/Items`),
    );
    expect(children[0]?.start.arn).toMatch(/:execution:machine-1\/Items:[0-9a-f-]{36}$/);
    const { executions } = await call<{ executions: unknown[] }>('ListExecutions', {
      mapRunArn: mapRuns[0]?.mapRunArn,
    });
    expect(executions).toHaveLength(3);
  });

  it('puts items into batches', async () => {
    const batch = { B: { Type: 'Pass', Output: '{% $states.input %}', ...end } };
    const execution = await bench().run(
      distributed(batch, { ItemBatcher: { MaxItemsPerBatch: 2, BatchInput: { x: 1 } } }),
      { items: ['a', 'b', 'c'] },
    );
    expect(output(execution)).toEqual([
      { BatchInput: { x: 1 }, Items: ['a', 'b'] },
      { BatchInput: { x: 1 }, Items: ['c'] },
    ]);
  });

  const flaky = {
    C: { Type: 'Choice', Choices: [{ Condition: '{% $states.input = 0 %}', Next: 'F' }], Default: 'W' },
    F: { Type: 'Fail', Error: 'Zero' },
    W: { Type: 'Wait', Seconds: '{% $states.input %}', ...end },
  };

  it('tolerates as many failures as it says', async () => {
    const execution = await bench().run(distributed(flaky, { ToleratedFailurePercentage: 50 }), {
      items: [0, 1, 0, 2],
    });
    expect(output(execution)).toEqual([1, 2]);
  });

  it('fails beyond that, and aborts the children that run', async () => {
    const { run, states, call } = bench();
    const execution = await run(distributed(flaky, { ToleratedFailureCount: 1 }), { items: [0, 500, 0] });
    expect(execution.end).toEqual({
      status: 'FAILED',
      error: 'States.ExceedToleratedFailureThreshold',
      cause: 'The specified tolerated failure threshold was exceeded',
    });
    expect(types(execution).slice(-3)).toEqual(['MapRunFailed', 'MapStateFailed', 'ExecutionFailed']);
    expect(states.executions().map(({ status }) => status)).toEqual(['FAILED', 'FAILED', 'ABORTED', 'FAILED']);
    const { mapRuns } = await call<{ mapRuns: object[] }>('ListMapRuns', { executionArn: execution.start.arn });
    expect(await call('DescribeMapRun', mapRuns[0] ?? {})).toMatchObject({
      status: 'FAILED',
      itemCounts: { failed: 2, aborted: 1 },
    });
  });

  it('aborts its children with its execution', async () => {
    const { create, start, states, world } = bench();
    const execution = await start(await create('m', machine(distributed(flaky))), { items: [100, 200] });
    await world.clock.runFor(10_000);
    await states.stop(execution.start.arn, 'Enough', 'because');
    await world.clock.runFor(1000);
    expect(states.executions().map(({ status }) => status)).toEqual(['ABORTED', 'ABORTED', 'ABORTED']);
    expect(states.executions()[1]?.stopDate?.toISOString()).toBe('2026-01-05T09:00:10.000Z');
  });

  it('reads items from S3 and writes results there', async () => {
    const { run, serve } = bench();
    const written = new Map<string, string>();
    const csv = 'id,name\r\n1,"a, ""b"""\r\n2,c\r\n';
    serve('s3', {
      GetObject: ({ Bucket, Key }: { Bucket: string; Key: string }) => ({
        Body: new TextEncoder().encode(`${Bucket}/${Key}` === 'in/items.csv' ? csv : ''),
      }),
      PutObject: ({ Key, Body }: { Key: string; Body: Uint8Array }) => {
        written.set(Key, new TextDecoder().decode(Body));
        return {};
      },
    });
    const flow = distributed(
      { E: { Type: 'Pass', ...end } },
      {
        ItemReader: {
          Resource: 'arn:aws:states:::s3:getObject',
          ReaderConfig: { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' },
          Arguments: { Bucket: 'in', Key: 'items.csv' },
        },
        ResultWriter: { Resource: 'arn:aws:states:::s3:putObject', Arguments: { Bucket: 'out', Prefix: 'p' } },
      },
    );
    const M = { ...flow.M, Items: undefined };
    const execution = await run({ M });
    expect(execution.status).toBe('SUCCEEDED');
    expect([...written.keys()].map((key) => key.replace(/[0-9a-f-]{36}/, 'ID'))).toEqual([
      'p/ID/SUCCEEDED_0.json',
      'p/ID/manifest.json',
    ]);
    const [results = '[]'] = written.values();
    expect((JSON.parse(results) as { Output: string }[]).map(({ Output }) => JSON.parse(Output) as unknown)).toEqual([
      { id: '1', name: 'a, "b"' },
      { id: '2', name: 'c' },
    ]);
  });
});

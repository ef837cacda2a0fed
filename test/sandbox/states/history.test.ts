import { describe, expect, it } from '@jest/globals';
import { AwsError } from '../../../sandbox/core/aws-error.ts';
import { bench, end, find, machine, output, types } from './support.ts';

const logs = (level: string, includeExecutionData: boolean) => ({
  loggingConfiguration: {
    level,
    includeExecutionData,
    destinations: [
      {
        cloudWatchLogsLogGroup: { logGroupArn: 'arn:aws:logs:eu-central-1:123456789012:log-group:/aws/vendedlogs/m:*' },
      },
    ],
  },
});

describe('quotas', () => {
  it('ends an execution with its 25,000th event', async () => {
    const self = bench();
    const started = performance.now();
    const execution = await self.run({
      A: { Type: 'Pass', Assign: { n: 1 }, Next: 'B' },
      B: { Type: 'Choice', Choices: [{ Condition: '{% $n > 0 %}', Next: 'A' }], Default: 'C' },
      C: { Type: 'Succeed' },
    });
    expect(execution.end).toEqual({
      status: 'FAILED',
      error: 'States.Runtime',
      cause: 'The execution reached the maximum number of history events (25000).',
    });
    expect(execution.history.events).toHaveLength(25_000);
    expect(execution.history.events.at(-1)).toMatchObject({ id: 25_000, type: 'ExecutionFailed' });
    expect(execution.transitions).toBe(12_499);
    // Thousands of transitions a second; far below that something has gone wrong.
    expect(execution.transitions / ((performance.now() - started) / 1000)).toBeGreaterThan(1000);
  });

  it('lets no Catch take the end of the history', async () => {
    const loop = {
      StartAt: 'A',
      States: {
        A: { Type: 'Pass', Next: 'B' },
        B: { Type: 'Choice', Choices: [{ Condition: true, Next: 'A' }], Default: 'C' },
        C: { Type: 'Succeed' },
      },
    };
    const execution = await bench().run({
      P: {
        Type: 'Parallel',
        Branches: [loop],
        Retry: [{ ErrorEquals: ['States.ALL'] }],
        Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Z' }],
        ...end,
      },
      Z: { Type: 'Succeed' },
    });
    expect(execution.end).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
    expect(execution.history.events).toHaveLength(25_000);
  });

  const big = 'x'.repeat(262_144);

  it('fails a state that gives more than 256 KiB, past States.ALL', async () => {
    const self = bench();
    self.serve('ssm', { GetParameter: () => ({ Value: big }) });
    const get = {
      Type: 'Task',
      Resource: 'arn:aws:states:::aws-sdk:ssm:getParameter',
      Arguments: {},
      Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Z' }],
      ...end,
    };
    const execution = await self.run({ T: get, Z: { Type: 'Succeed' } });
    expect(execution.end).toEqual({
      status: 'FAILED',
      error: 'States.DataLimitExceeded',
      cause:
        "The state/task 'aws-sdk:ssm' returned a result with a size exceeding the maximum number of bytes service limit.",
    });
    expect(types(execution).at(-2)).toBe('TaskFailed');
  });

  it('counts bytes, not characters', async () => {
    const flow = (Output: string) => ({ A: { Type: 'Pass', Output, ...end } });
    expect((await bench().run(flow('ä'.repeat(131_071)))).status).toBe('SUCCEEDED');
    expect((await bench().run(flow('ä'.repeat(131_072)))).end?.error).toBe('States.DataLimitExceeded');
  });
});

describe('determinism', () => {
  const wild = machine({
    P: {
      Type: 'Parallel',
      Branches: [1, 2, 3].map((index) => ({
        StartAt: `Draw${index}`,
        States: {
          [`Draw${index}`]: {
            Type: 'Pass',
            Assign: { seconds: '{% $floor($random() * 20) + 1 %}' },
            Next: `Wait${index}`,
          },
          [`Wait${index}`]: { Type: 'Wait', Seconds: '{% $seconds %}', Next: `Ask${index}` },
          [`Ask${index}`]: {
            Type: 'Task',
            Resource: 'arn:aws:states:::aws-sdk:ssm:getParameter',
            Arguments: { Name: '{% $uuid() %}' },
            Retry: [{ ErrorEquals: ['States.ALL'], JitterStrategy: 'FULL', IntervalSeconds: 9 }],
            ...end,
          },
        },
      })),
      Next: 'M',
    },
    M: {
      Type: 'Map',
      Items: [5, 4, 3, 2, 1],
      MaxConcurrency: 2,
      ItemProcessor: {
        StartAt: 'W',
        States: { W: { Type: 'Wait', Seconds: '{% $states.input %}', Output: '{% $now() & $uuid() %}', ...end } },
      },
      ...end,
    },
  });

  const history = async (seed: number): Promise<string> => {
    const self = bench({ seed });
    let calls = 0;
    self.serve('ssm', {
      GetParameter: async ({ Name }: { Name: string }) => {
        await self.world.clock.sleep(self.world.random.below(5000));
        if (++calls % 2 === 1) throw new AwsError('ThrottlingException', 'Rate exceeded');
        return { Name };
      },
    });
    const execution = await self.finish(await self.start(await self.create('wild', wild)));
    expect(execution.status).toBe('SUCCEEDED');
    return JSON.stringify(execution.history.events);
  };

  it('gives the same history for the same seed, byte for byte, and another for another', async () => {
    expect(await history(11)).toBe(await history(11));
    expect(await history(12)).not.toBe(await history(11));
  });
});

describe('events on the bus', () => {
  it('tell of the start and every end', async () => {
    const { run, world } = bench();
    const { start } = await run({ F: { Type: 'Fail', Error: 'E', Cause: 'c' } }, { a: 1 });
    expect(world.events).toHaveLength(2);
    expect(world.events[1]).toEqual({
      source: 'aws.states',
      'detail-type': 'Step Functions Execution Status Change',
      resources: [start.arn],
      detail: {
        executionArn: start.arn,
        stateMachineArn: start.machine.arn,
        stateMachineVersionArn: null,
        stateMachineAliasArn: null,
        name: start.name,
        status: 'FAILED',
        startDate: Date.UTC(2026, 0, 5, 9),
        stopDate: Date.UTC(2026, 0, 5, 9),
        input: '{"a":1}',
        inputDetails: { included: true },
        output: null,
        outputDetails: null,
        error: 'E',
        cause: 'c',
        redriveCount: 0,
        redriveDate: null,
        redriveStatus: 'REDRIVABLE',
        redriveStatusReason: null,
      },
    });
    expect(world.events[0]?.detail).toMatchObject({ status: 'RUNNING', stopDate: null, error: null });
  });

  it.each(['SUCCEEDED', 'ABORTED', 'TIMED_OUT'])('tell of %s', async (status) => {
    const { create, start, states, finish, world } = bench();
    const execution = await start(
      await create(
        'm',
        machine({ W: { Type: 'Wait', Seconds: 10, ...end } }, status === 'TIMED_OUT' ? { TimeoutSeconds: 5 } : {}),
      ),
    );
    if (status === 'ABORTED') await states.stop(execution.start.arn);
    await finish(execution);
    expect(world.events.map(({ detail }) => detail['status'])).toEqual(['RUNNING', status]);
  });
});

describe('logs', () => {
  const flow = { A: { Type: 'Pass', Next: 'F' }, F: { Type: 'Fail', Error: 'E' } };
  const logged = async (level: string, data: boolean) => {
    const self = bench();
    const execution = await self.finish(
      await self.start(await self.create('m', machine(flow), logs(level, data)), { secret: 1 }),
    );
    return {
      execution,
      lines: self.world.lines.map(({ group, stream, line }) => ({
        group,
        stream,
        ...(JSON.parse(line) as { type: string }),
      })),
    };
  };

  it('hold every event with its data', async () => {
    const { lines, execution } = await logged('ALL', true);
    expect(lines.map(({ type }) => type)).toEqual(types(execution));
    expect(lines[1]).toEqual({
      group: '/aws/vendedlogs/m',
      stream: expect.stringMatching(/^states\/m\/2026-01-05-09-00\/[0-9a-f]{8}$/),
      id: '2',
      type: 'PassStateEntered',
      details: { name: 'A', input: '{"secret":1}', inputDetails: { truncated: false } },
      previous_event_id: '0',
      event_timestamp: String(Date.UTC(2026, 0, 5, 9)),
      execution_arn: execution.start.arn,
      redrive_count: '0',
    });
  });

  it('leave the data out when told to', async () => {
    expect(JSON.stringify((await logged('ALL', false)).lines)).not.toContain('secret');
  });

  it('hold as much as their level', async () => {
    expect((await logged('ERROR', true)).lines.map(({ type }) => type)).toEqual([
      'FailStateEntered',
      'ExecutionFailed',
    ]);
    expect((await logged('FATAL', true)).lines.map(({ type }) => type)).toEqual(['ExecutionFailed']);
    expect((await logged('OFF', true)).lines).toEqual([]);
  });
});

it('holds AWS’s example of a history', async () => {
  const execution = await bench().run({ A: { Type: 'Pass', Output: 1, ...end } }, { a: 1 });
  expect(output(execution)).toBe(1);
  expect(find(execution, 'ExecutionStarted')).toEqual([
    {
      timestamp: new Date('2026-01-05T09:00:00.000Z'),
      type: 'ExecutionStarted',
      id: 1,
      previousEventId: 0,
      executionStartedEventDetails: {
        input: '{"a":1}',
        inputDetails: { truncated: false },
        roleArn: execution.start.machine.roleArn,
      },
    },
  ]);
  expect(execution.history.events.map(({ id, previousEventId }) => [id, previousEventId])).toEqual([
    [1, 0],
    [2, 0],
    [3, 2],
    [4, 3],
  ]);
});

import { describe, expect, it } from '@jest/globals';
import { AwsError } from '../../../../sandbox/core/aws-error.ts';
import { operation, type Caller } from '../../../../sandbox/core/service.ts';
import { createScheduler } from '../../../../sandbox/services/scheduler/index.ts';
import { createSqs } from '../../../../sandbox/services/sqs/index.ts';
import { caller, provision } from '../../support/service.ts';
import { testWorld } from '../../support/world.ts';

const ARN = 'arn:aws:scheduler:eu-central-1:123456789012';
const FUNCTION = 'arn:aws:lambda:eu-central-1:123456789012:function:f';
const MACHINE = 'arn:aws:states:eu-central-1:123456789012:stateMachine:m';
const QUEUE = 'arn:aws:sqs:eu-central-1:123456789012:dead';
const ROLE = 'arn:aws:iam::123456789012:role/scheduler';
const OFF = { Mode: 'OFF' };
const MINUTE = 60_000;

interface Taken {
  readonly at: number;
  readonly caller: Caller;
  readonly input: unknown;
  readonly text: string;
}

async function stage() {
  const world = testWorld();
  const taken: Taken[] = [];
  const failures: Error[] = [];
  const take = (text: string, by: Caller): void => {
    const failure = failures.shift();
    if (failure !== undefined) throw failure;
    taken.push({ at: world.clock.now(), caller: by, input: JSON.parse(text), text });
  };
  const scheduler = createScheduler(world, {
    assume: (roleArn, _service, { sourceArn = '' } = {}) => {
      if (roleArn !== ROLE) throw new AwsError('ValidationException', 'cannot be assumed');
      return { kind: 'role', arn: `assumed for ${sourceArn}`, roleName: 'scheduler' };
    },
  });
  const Invoke = operation<{ Payload: Buffer }, object>(
    () => [],
    ({ Payload }, call) => {
      take(Payload.toString(), call.caller);
      return {};
    },
  );
  const StartExecution = operation<{ input: string; name?: string }, object>(
    () => [],
    ({ input, name }, call) => {
      expect(name).toBeUndefined();
      take(input, call.caller);
      return {};
    },
  );
  const sqs = createSqs(world);
  world.dispatcher.register(scheduler.service);
  world.dispatcher.register(sqs.service);
  world.dispatcher.register({ id: 'lambda', operations: { Invoke } });
  world.dispatcher.register({ id: 'states', operations: { StartExecution } });
  await caller(world, 'sqs')('CreateQueue', { QueueName: 'dead' });
  const call = caller(world, 'scheduler');
  const create = (input: object = {}, target: object = {}) =>
    call('CreateSchedule', {
      Name: 's',
      ScheduleExpression: 'rate(10 minutes)',
      FlexibleTimeWindow: OFF,
      ...input,
      Target: { Arn: FUNCTION, RoleArn: ROLE, Input: '{}', ...target },
    });
  return { world, clock: world.clock, scheduler, taken, failures, sqs, call, create };
}

describe('a schedule', () => {
  it('invokes its target again and again, as its role, and is nothing to wait for', async () => {
    const { clock, taken, create } = await stage();
    expect(await create()).toEqual({ ScheduleArn: `${ARN}:schedule/default/s` });
    const start = clock.now();
    await clock.runFor(25 * MINUTE);
    expect(taken.map(({ at }) => (at - start) / MINUTE)).toEqual([0, 10, 20]);
    expect(taken[0]?.caller).toMatchObject({ kind: 'role', arn: `assumed for ${ARN}:schedule-group/default` });
    await clock.runUntilQuiet(start + 600 * MINUTE);
    expect(clock.now()).toBe(start + 25 * MINUTE);
  });

  it('tells by its keywords which schedule, time and attempt it is', async () => {
    const { clock, taken, failures, create } = await stage();
    failures.push(new AwsError('ThrottlingException', 'slow down'), new AwsError('ThrottlingException', 'slow down'));
    const Input = JSON.stringify({
      schedule: '<aws.scheduler.schedule-arn>',
      at: '<aws.scheduler.scheduled-time>',
      execution: '<aws.scheduler.execution-id>',
      attempt: '<aws.scheduler.attempt-number>',
    });
    await create({ ScheduleExpression: 'at(2026-01-05T10:30:00)' }, { Arn: MACHINE, Input });
    await clock.runUntilQuiet(Infinity);
    expect(taken).toMatchObject([
      {
        input: {
          schedule: `${ARN}:schedule/default/s`,
          at: '2026-01-05T10:30:00Z',
          execution: expect.stringMatching(/^[0-9a-f]{16}$/),
          attempt: '3',
        },
      },
    ]);
  });

  it('sends a notification where it has no input', async () => {
    const { clock, taken, create } = await stage();
    await create({}, { Input: undefined });
    await clock.runFor(1000);
    expect(taken[0]?.input).toMatchObject({ source: 'aws.scheduler', 'detail-type': 'Scheduled Event', detail: '{}' });
  });

  it('rests while it is disabled, begins and ends by its dates, and deletes itself where it is told to', async () => {
    const { clock, taken, call, create } = await stage();
    await create({ State: 'DISABLED' });
    await create({
      Name: 'once',
      ScheduleExpression: 'at(2026-01-05T09:20:00)',
      ActionAfterCompletion: 'DELETE',
    });
    const [StartDate, EndDate] = [new Date('2026-01-05T09:30:00Z'), new Date('2026-01-05T09:45:00Z')];
    await create({ Name: 'between', StartDate, EndDate });
    await clock.runFor(120 * MINUTE);
    expect(taken.map(({ at }) => new Date(at).toISOString().slice(11, 16))).toEqual(['09:20', '09:30', '09:40']);
    expect(await call('ListSchedules')).toMatchObject({ Schedules: [{ Name: 'between' }, { Name: 's' }] });
    await call('UpdateSchedule', {
      Name: 's',
      ScheduleExpression: 'rate(1 hour)',
      FlexibleTimeWindow: OFF,
      Target: { Arn: FUNCTION, RoleArn: ROLE },
    });
    await clock.runFor(MINUTE);
    expect(taken).toHaveLength(4);
    await call('DeleteSchedule', { Name: 's' });
    await clock.runFor(120 * MINUTE);
    expect(taken).toHaveLength(4);
  });

  it('goes to the dead-letter queue with what went wrong, when its policy ends or nothing helps', async () => {
    const { clock, failures, sqs, scheduler, create } = await stage();
    const gone = () => new AwsError('ResourceNotFoundException', 'Function not found', 404);
    const slow = () => new AwsError('ThrottlingException', 'slow down');
    failures.push(gone(), slow(), slow());
    const at = { ScheduleExpression: 'at(2026-01-05T10:00:00)' };
    const DeadLetterConfig = { Arn: QUEUE };
    await create({ ...at, Name: 'a' }, { DeadLetterConfig });
    await create({ ...at, Name: 'b' }, { DeadLetterConfig, RetryPolicy: { MaximumRetryAttempts: 1 } });
    await clock.runUntilQuiet(Infinity);
    expect(sqs.messages(QUEUE)).toMatchObject([
      {
        body: '{}',
        attributes: {
          ERROR_CODE: { StringValue: 'ResourceNotFoundException' },
          RETRY_ATTEMPTS: { StringValue: '0' },
          SCHEDULED_TIME: { StringValue: '2026-01-05T10:00:00Z' },
          SCHEDULE_ARN: { StringValue: `${ARN}:schedule/default/a` },
          TARGET_ARN: { StringValue: FUNCTION },
        },
      },
      {
        attributes: {
          ERROR_MESSAGE: { StringValue: 'slow down' },
          EXHAUSTED_RETRY_CONDITION: { StringValue: 'MaximumRetryAttempts' },
          RETRY_ATTEMPTS: { StringValue: '1' },
        },
      },
    ]);
    failures.push(gone());
    await create({ Name: 'c' });
    await clock.runFor(1000);
    expect(scheduler.lost()).toMatchObject([{ scheduleArn: `${ARN}:schedule/default/c` }]);
  });
});

describe('the operations', () => {
  it('create once for a client token, and answer what was given', async () => {
    const { call, create } = await stage();
    await create({ ClientToken: 't', Description: 'd' });
    await create({ ClientToken: 't' });
    await expect(create()).rejects.toMatchObject({ code: 'ConflictException', message: 'Schedule s already exists.' });
    expect(await call('GetSchedule', { Name: 's' })).toMatchObject({
      Arn: `${ARN}:schedule/default/s`,
      GroupName: 'default',
      Description: 'd',
      State: 'ENABLED',
      ScheduleExpressionTimezone: 'UTC',
      ActionAfterCompletion: 'NONE',
      Target: { RetryPolicy: { MaximumRetryAttempts: 185 } },
    });
    const missing = { code: 'ResourceNotFoundException', message: 'Schedule x does not exist.' };
    await expect(call('GetSchedule', { Name: 'x' })).rejects.toMatchObject(missing);
    await expect(call('DeleteSchedule', { Name: 'x' })).rejects.toMatchObject(missing);
    await expect(create({ Name: 'y', GroupName: 'nope' })).rejects.toMatchObject({
      message: 'Schedule group nope does not exist.',
    });
  });

  it('list by group, prefix and state, in pages; a group takes its schedules with it', async () => {
    const { call, create } = await stage();
    await call('CreateScheduleGroup', { Name: 'g' });
    await expect(call('CreateScheduleGroup', { Name: 'g' })).rejects.toMatchObject({ code: 'ConflictException' });
    for (const Name of ['a1', 'a2', 'b1']) await create({ Name, GroupName: 'g', State: 'DISABLED' });
    await create({ Name: 'a3' });
    const names = async (input: object) =>
      (await call<{ Schedules: { Name: string }[] }>('ListSchedules', input)).Schedules.map(({ Name }) => Name);
    expect(await names({ NamePrefix: 'a' })).toEqual(['a3', 'a1', 'a2']);
    expect(await names({ GroupName: 'g', NamePrefix: 'a' })).toEqual(['a1', 'a2']);
    expect(await names({ State: 'ENABLED' })).toEqual(['a3']);
    const { NextToken } = await call<{ NextToken: string }>('ListSchedules', { MaxResults: 3 });
    expect(await names({ NextToken })).toEqual(['b1']);
    await expect(call('ListSchedules', { NextToken: 'zz' })).rejects.toMatchObject({ code: 'ValidationException' });
    expect(await call('ListScheduleGroups')).toMatchObject({ ScheduleGroups: [{ Name: 'default' }, { Name: 'g' }] });
    await call('DeleteScheduleGroup', { Name: 'g' });
    expect(await names({})).toEqual(['a3']);
    await expect(call('GetScheduleGroup', { Name: 'g' })).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
    await expect(call('DeleteScheduleGroup', { Name: 'default' })).rejects.toMatchObject({
      code: 'ValidationException',
    });
  });

  it.each([
    ['NotImplemented', { FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 5 } }, {}],
    ['NotImplemented', { KmsKeyArn: 'arn:aws:kms:eu-central-1:123456789012:key/k' }, {}],
    ['NotImplemented', {}, { Arn: 'arn:aws:scheduler:::aws-sdk:ec2:terminateInstances' }],
    ['NotImplemented', {}, { Arn: 'arn:aws:events:eu-central-1:123456789012:event-bus/default' }],
    ['NotImplemented', {}, { SqsParameters: { MessageGroupId: 'g' } }],
    ['ValidationException', {}, { Input: '<aws.scheduler.attempt-number>' }],
    ['ValidationException', {}, { RetryPolicy: { MaximumRetryAttempts: 186 } }],
    ['ValidationException', {}, { RoleArn: `${ROLE}-other` }],
    ['ValidationException', {}, { DeadLetterConfig: { Arn: `${QUEUE}.fifo` } }],
    ['ValidationException', { Name: 'not a name' }, {}],
    ['ValidationException', { ScheduleExpression: 'rate(0 days)' }, {}],
  ])('refuse with %s: %j %j', async (code, input, target) => {
    const { create } = await stage();
    await expect(create(input, target)).rejects.toMatchObject({ code });
  });

  it('ask for the schedule, and for iam:PassRole', async () => {
    const { scheduler } = await stage();
    const asked = scheduler.service.operations['CreateSchedule']?.permissions(
      { Name: 's', GroupName: 'g', Target: { Arn: FUNCTION, RoleArn: ROLE } } as never,
      {} as never,
    );
    expect(asked).toEqual([
      { action: 'scheduler:CreateSchedule', resource: `${ARN}:schedule/g/s` },
      { action: 'iam:PassRole', resource: ROLE, context: { 'iam:PassedToService': 'scheduler.amazonaws.com' } },
    ]);
  });
});

it('comes from a template, with its group', async () => {
  const { scheduler, call } = await stage();
  const { ref: group } = await provision(scheduler.resources, 'AWS::Scheduler::ScheduleGroup', {}, 'Group');
  const properties = {
    GroupName: group,
    ScheduleExpression: 'cron(0 3 * * ? *)',
    ScheduleExpressionTimezone: 'Europe/Berlin',
    FlexibleTimeWindow: OFF,
    EndDate: '2027-01-01T00:00:00Z',
    Target: { Arn: FUNCTION, RoleArn: ROLE, Input: '{}' },
  };
  const { ref, attributes } = await provision(scheduler.resources, 'AWS::Scheduler::Schedule', properties);
  expect(attributes['Arn']).toBe(`${ARN}:schedule/${group}/${ref}`);
  expect(await call('GetSchedule', { Name: ref, GroupName: group })).toMatchObject({ EndDate: new Date('2027-01-01') });
  await expect(
    provision(scheduler.resources, 'AWS::Scheduler::Schedule', { ...properties, KmsKeyArn: 'k' }),
  ).rejects.toThrow('KmsKeyArn');
});

import { describe, expect, it } from '@jest/globals';
import { AnswerLost, AwsError } from '../../../sandbox/core/aws-error.ts';
import { bench, end, find, machine, output, ROLE, seconds, types, type Bench } from './support.ts';

const FUNCTION = 'arn:aws:lambda:eu-central-1:123456789012:function:decide';
const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

interface Invocation {
  readonly FunctionName: string;
  readonly Payload: Uint8Array;
}

/** Lambda whose function is the given one of its event. */
function withFunction(decide: (event: unknown) => unknown): Bench {
  const self = bench();
  self.serve('lambda', {
    Invoke: ({ Payload }: Invocation) => ({
      StatusCode: 200,
      ExecutedVersion: '$LATEST',
      Payload: encode(decide(JSON.parse(new TextDecoder().decode(Payload)))),
    }),
  });
  return self;
}

const invoke = (more: object = {}) => ({
  Ask: {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke',
    Arguments: { FunctionName: FUNCTION, Payload: { n: '{% $states.input.n %}' } },
    ...end,
    ...more,
  },
});

describe('lambda:invoke', () => {
  it('gives the payload and what the integration adds', async () => {
    const execution = await withFunction((event) => ({ got: event })).run(invoke(), { n: 1 });
    expect(output(execution)).toMatchObject({
      ExecutedVersion: '$LATEST',
      Payload: { got: { n: 1 } },
      StatusCode: 200,
    });
    expect(types(execution).slice(2, 5)).toEqual(['TaskScheduled', 'TaskStarted', 'TaskSucceeded']);
    expect(find(execution, 'TaskScheduled')[0]?.taskScheduledEventDetails).toEqual({
      resourceType: 'lambda',
      resource: 'invoke',
      region: 'eu-central-1',
      parameters: JSON.stringify({ FunctionName: FUNCTION, Payload: { n: 1 } }),
    });
  });

  it('fails by the type of the function’s error, with its report as the cause', async () => {
    const self = bench();
    const report = { errorType: 'InvalidRequest', errorMessage: 'no', trace: [] };
    self.serve('lambda', { Invoke: () => ({ StatusCode: 200, FunctionError: 'Unhandled', Payload: encode(report) }) });
    expect((await self.run(invoke(), { n: 1 })).end).toEqual({
      status: 'FAILED',
      error: 'InvalidRequest',
      cause: JSON.stringify(report),
    });
  });

  it.each([
    [new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429), 'Lambda.TooManyRequestsException'],
    [new AwsError('ThrottlingException', 'Rate exceeded', 400), 'Lambda.TooManyRequestsException'],
    [new AwsError('InternalServerError', 'oh', 500), 'Lambda.ServiceException'],
    [new AwsError('ResourceNotFoundException', 'Function not found', 404), 'Lambda.ResourceNotFoundException'],
    [new AwsError('AccessDeniedException', 'not authorized', 403), 'Lambda.AWSLambdaException'],
    [new AnswerLost('gone'), 'Lambda.SdkClientException'],
  ])('names %s %s', async (thrown, name) => {
    const self = bench();
    self.serve('lambda', {
      Invoke: () => {
        throw thrown;
      },
    });
    expect((await self.run(invoke(), { n: 1 })).end).toMatchObject({ status: 'FAILED', error: name });
  });

  it('calls a function by its ARN alone with events of its own', async () => {
    const flow = { Ask: { Type: 'Task', Resource: FUNCTION, ...end } };
    const execution = await withFunction((event) => [event]).run(flow, { a: 1 });
    expect(output(execution)).toEqual([{ a: 1 }]);
    expect(types(execution).slice(2, 5)).toEqual([
      'LambdaFunctionScheduled',
      'LambdaFunctionStarted',
      'LambdaFunctionSucceeded',
    ]);
  });
});

describe('aws-sdk tasks', () => {
  const task = (resource: string, Arguments: object) => ({
    T: { Type: 'Task', Resource: `arn:aws:states:::aws-sdk:${resource}`, Arguments, ...end },
  });

  it('call by the role of the machine, for the execution', async () => {
    const { run, serve, world } = bench();
    let origin: unknown;
    serve('ssm', {
      SendCommand: () => ({
        $metadata: { httpStatusCode: 200 },
        Command: { CommandId: 'c', RequestedDateTime: new Date(0), Blob: encode('x'), Missing: undefined },
      }),
    });
    const original = world.dispatcher.call.bind(world.dispatcher);
    world.dispatcher.call = (caller, service, operation, input, options) => {
      if (service === 'ssm') origin = { caller, service, operation, input, options };
      return original(caller, service, operation, input, options);
    };
    const execution = await run(task('ssm:sendCommand', { DocumentName: 'd' }));
    expect(output(execution)).toEqual({
      Command: { CommandId: 'c', RequestedDateTime: '1970-01-01T00:00:00.000Z', Blob: '"x"' },
    });
    expect(origin).toEqual({
      caller: {
        kind: 'role',
        roleName: 'runbook',
        arn: expect.stringMatching(/^arn:aws:sts::123456789012:assumed-role\/runbook\/[A-Z2-7]{32}$/),
      },
      service: 'ssm',
      operation: 'SendCommand',
      input: { DocumentName: 'd' },
      options: { executionArn: execution.start.arn },
    });
    expect(ROLE).toContain('runbook');
  });

  it.each([
    [
      'ssm:getCommandInvocation',
      'ssm',
      'GetCommandInvocation',
      'InvocationDoesNotExist',
      'Ssm.InvocationDoesNotExistException',
    ],
    ['ec2:describeInstances', 'ec2', 'DescribeInstances', 'InvalidInstanceID.NotFound', 'Ec2.Ec2Exception'],
    [
      'dynamodb:updateItem',
      'dynamodb',
      'UpdateItem',
      'ConditionalCheckFailedException',
      'DynamoDb.ConditionalCheckFailedException',
    ],
    ['dynamodb:updateItem', 'dynamodb', 'UpdateItem', 'ValidationException', 'DynamoDb.DynamoDbException'],
    ['s3:headBucket', 's3', 'HeadBucket', 'NoSuchBucket', 'S3.NoSuchBucketException'],
    ['sns:publish', 'sns', 'Publish', 'NotFound', 'Sns.NotFoundException'],
    [
      'autoscaling:startInstanceRefresh',
      'autoscaling',
      'StartInstanceRefresh',
      'InstanceRefreshInProgress',
      'AutoScaling.InstanceRefreshInProgressException',
    ],
    [
      'autoscaling:startInstanceRefresh',
      'autoscaling',
      'StartInstanceRefresh',
      'ValidationError',
      'AutoScaling.AutoScalingException',
    ],
  ] as const)('name the error of %s %s:%s %s', async (resource, service, operation, code, name) => {
    const { run, serve } = bench();
    serve(service, {
      [operation]: () => {
        throw new AwsError(code, 'no');
      },
    });
    expect((await run(task(resource, {}))).end).toMatchObject({ status: 'FAILED', error: name });
  });

  it('name a lost answer SdkClientException', async () => {
    const { run, serve } = bench({
      faults: [{ service: 'ssm', operation: 'SendCommand', nth: 1, action: { kind: 'lose-answer' } }],
    });
    let sent = 0;
    serve('ssm', { SendCommand: () => ({ sent: ++sent }) });
    expect((await run(task('ssm:sendCommand', {}))).end).toMatchObject({ error: 'Ssm.SdkClientException' });
    expect(sent).toBe(1);
  });

  it('write members in upper camel case for services that do not', async () => {
    const { run, create } = bench();
    const stateMachineArn = await create('child', machine({ A: { Type: 'Pass', ...end } }));
    const execution = await run(
      task('sfn:startExecution', { StateMachineArn: stateMachineArn, Name: 'n', Input: '{}' }),
    );
    expect(output(execution)).toEqual({
      ExecutionArn: expect.stringMatching(/:child:n$/),
      StartDate: '2026-01-05T09:00:00.000Z',
    });
  });
});

describe('optimized integrations', () => {
  it('send objects as text to SNS, SQS and EventBridge', async () => {
    const { run, serve } = bench();
    const sent: unknown[] = [];
    const keep = (input: unknown) => {
      sent.push(input);
      return { MessageId: 'm' };
    };
    serve('sns', { Publish: keep });
    serve('sqs', { SendMessage: keep });
    serve('events', { PutEvents: (input: unknown) => (keep(input), { FailedEntryCount: 0, Entries: [] }) });
    const task = (Resource: string, Arguments: object, Next?: string) => ({
      Type: 'Task',
      Resource,
      Arguments,
      ...(Next === undefined ? end : { Next }),
    });
    await run({
      A: task('arn:aws:states:::sns:publish', { TopicArn: 't', Message: { a: 1 } }, 'B'),
      B: task('arn:aws:states:::sqs:sendMessage', { QueueUrl: 'q', MessageBody: { b: 1 } }, 'C'),
      C: task('arn:aws:states:::events:putEvents', { Entries: [{ Source: 's', Detail: { c: 1 } }] }),
    });
    expect(sent).toEqual([
      { TopicArn: 't', Message: '{"a":1}' },
      { QueueUrl: 'q', MessageBody: '{"b":1}' },
      { Entries: [{ Source: 's', Detail: '{"c":1}' }] },
    ]);
  });

  it('fail when EventBridge takes an entry not', async () => {
    const { run, serve } = bench();
    serve('events', { PutEvents: () => ({ FailedEntryCount: 1, Entries: [{ ErrorCode: 'x' }] }) });
    const flow = {
      T: { Type: 'Task', Resource: 'arn:aws:states:::events:putEvents', Arguments: { Entries: [] }, ...end },
    };
    expect((await run(flow)).end).toMatchObject({ error: 'EventBridge.FailedEntry' });
  });
});

describe('states:startExecution', () => {
  const parent = (suffix: string, stateMachineArn: string, more: object = {}) => ({
    Start: {
      Type: 'Task',
      Resource: `arn:aws:states:::states:startExecution${suffix}`,
      Arguments: { StateMachineArn: stateMachineArn, Input: { n: '{% $states.input.n %}' } },
      ...end,
      ...more,
    },
  });
  const child = { W: { Type: 'Wait', Seconds: 60, Output: { got: '{% $states.input %}' }, ...end } };

  it('goes on at once without .sync', async () => {
    const { run, create } = bench();
    const execution = await run(parent('', await create('child', machine(child))), { n: 1 });
    expect(seconds(execution)).toBe(0);
    expect(output(execution)).toMatchObject({
      ExecutionArn: expect.stringContaining(':child:'),
      StartDate: Date.UTC(2026, 0, 5, 9),
    });
  });

  it.each([
    ['.sync:2', { got: { n: 1 } }],
    ['.sync', '{"got":{"n":1}}'],
  ])('waits for the child with %s', async (suffix, Output) => {
    const { run, create } = bench();
    const execution = await run(parent(suffix, await create('child', machine(child))), { n: 1 });
    expect(seconds(execution)).toBe(60);
    expect(output(execution)).toMatchObject({
      Status: 'SUCCEEDED',
      Output,
      StartDate: Date.UTC(2026, 0, 5, 9),
      InputDetails: { Included: true },
    });
    expect(types(execution).slice(2, 6)).toEqual(['TaskScheduled', 'TaskStarted', 'TaskSubmitted', 'TaskSucceeded']);
  });

  it('fails with the child, described in the cause', async () => {
    const { run, create } = bench();
    const execution = await run(
      parent('.sync:2', await create('child', machine({ F: { Type: 'Fail', Error: 'Lost', Cause: 'c' } }))),
      { n: 1 },
    );
    expect(execution.end?.error).toBe('States.TaskFailed');
    expect(JSON.parse(execution.end?.cause ?? '')).toMatchObject({ Error: 'Lost', Cause: 'c', Status: 'FAILED' });
  });

  it('stops the child when it is stopped itself', async () => {
    const { start, create, states, world } = bench();
    const target = await create('child', machine(child));
    const execution = await start(await create('parent', machine(parent('.sync:2', target))), { n: 1 });
    await world.clock.runFor(10_000);
    await states.stop(execution.start.arn);
    await world.clock.runFor(1000);
    expect(states.executions().map(({ status }) => status)).toEqual(['ABORTED', 'ABORTED']);
  });

  it('names the refusal', async () => {
    const execution = await bench().run(parent('', 'arn:aws:states:eu-central-1:123456789012:stateMachine:none'), {
      n: 1,
    });
    expect(execution.end?.error).toBe('StepFunctions.StateMachineDoesNotExistException');
  });
});

describe('task tokens', () => {
  const waits = (more: object = {}) => ({
    Ask: {
      Type: 'Task',
      Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
      Arguments: { QueueUrl: 'q', MessageBody: { token: '{% $states.context.Task.Token %}' } },
      ...end,
      ...more,
    },
  });

  async function asked(more: object = {}) {
    const self = bench();
    let token = '';
    self.serve('sqs', {
      SendMessage: ({ MessageBody }: { MessageBody: string }) => {
        ({ token } = JSON.parse(MessageBody) as { token: string });
        return { MessageId: 'm' };
      },
    });
    const execution = await self.start(await self.create('asks', machine(waits(more))));
    await self.world.clock.runFor(5000);
    return { ...self, execution, token };
  }

  it('go on with what SendTaskSuccess brings', async () => {
    const { call, execution, token, finish } = await asked();
    expect(execution.status).toBe('RUNNING');
    expect(types(execution).at(-1)).toBe('TaskSubmitted');
    await call('SendTaskSuccess', { taskToken: token, output: '{"approved":true}' });
    expect(output(await finish(execution))).toEqual({ approved: true });
    await expect(call('SendTaskSuccess', { taskToken: token, output: '1' })).rejects.toMatchObject({
      code: 'TaskTimedOut',
    });
    await expect(call('SendTaskSuccess', { taskToken: 'none', output: '1' })).rejects.toMatchObject({
      code: 'InvalidToken',
    });
  });

  it('fail with what SendTaskFailure says', async () => {
    const { call, execution, token, finish } = await asked();
    await call('SendTaskFailure', { taskToken: token, error: 'Denied', cause: 'no' });
    expect((await finish(execution)).end).toEqual({ status: 'FAILED', error: 'Denied', cause: 'no' });
  });

  it('refuse an output that is no JSON', async () => {
    const { call, token } = await asked();
    await expect(call('SendTaskSuccess', { taskToken: token, output: '{' })).rejects.toMatchObject({
      code: 'InvalidOutput',
    });
  });

  it('time out without a heartbeat, and live on with one', async () => {
    const { call, execution, token, finish, world } = await asked({ HeartbeatSeconds: 10, TimeoutSeconds: 3600 });
    await call('SendTaskHeartbeat', { taskToken: token });
    await world.clock.runFor(8000);
    expect(execution.status).toBe('RUNNING');
    await finish(execution);
    expect(execution.end).toEqual({ status: 'FAILED', error: 'States.Timeout' });
    expect(seconds(execution)).toBe(15);
    await expect(call('SendTaskHeartbeat', { taskToken: token })).rejects.toMatchObject({ code: 'TaskTimedOut' });
  });

  it('is caught as States.HeartbeatTimeout too', async () => {
    const self = bench();
    self.serve('sqs', { SendMessage: () => ({}) });
    const more = { HeartbeatSeconds: 10, Catch: [{ ErrorEquals: ['States.HeartbeatTimeout'], Next: 'Done' }] };
    expect((await self.run({ ...waits(more), Done: { Type: 'Succeed' } })).status).toBe('SUCCEEDED');
  });
});

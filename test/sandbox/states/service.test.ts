import { describe, expect, it } from '@jest/globals';
import type { Operation, Permission } from '../../../sandbox/core/service.ts';
import type { Provisioner, ResourceContext } from '../../../sandbox/core/resources.ts';
import { bench, end, find, MACHINE, machine, output, ROLE, types } from './support.ts';

const pass = machine({ A: { Type: 'Pass', ...end } });
const waits = machine({ W: { Type: 'Wait', Seconds: 100, ...end } });

describe('StartExecution', () => {
  it('is one execution for the same name and input while it runs', async () => {
    const { create, start, finish, states } = bench();
    const arn = await create('m', waits);
    const first = await start(arn, { a: 1 }, { name: 'n' });
    expect(await start(arn, { a: 1 }, { name: 'n' })).toBe(first);
    await expect(start(arn, { a: 2 }, { name: 'n' })).rejects.toMatchObject({
      code: 'ExecutionAlreadyExists',
      message: `Execution Already Exists: '${first.start.arn}'`,
    });
    await finish(first);
    await expect(start(arn, { a: 1 }, { name: 'n' })).rejects.toMatchObject({ code: 'ExecutionAlreadyExists' });
    expect(states.executions()).toHaveLength(1);
    expect(first.start.arn).toBe('arn:aws:states:eu-central-1:123456789012:execution:m:n');
  });

  it('makes names up from the seed', async () => {
    const name = async (seed: number) => {
      const { create, start } = bench({ seed });
      return (await start(await create('m', pass))).start.name;
    };
    expect(await name(3)).toBe(await name(3));
    expect(await name(3)).not.toBe(await name(4));
  });

  it.each(['', 'a b', 'a:b', 'a/b', 'a"b', 'x'.repeat(81)])('refuses the name %j', async (name) => {
    const { create, start } = bench();
    await expect(start(await create('m', pass), {}, { name })).rejects.toMatchObject({
      code: 'InvalidName',
      message: `Invalid Name: '${name}'`,
    });
  });

  it('refuses input that is no JSON, or too much of it', async () => {
    const { create, call } = bench();
    const stateMachineArn = await create('m', pass);
    await expect(call('StartExecution', { stateMachineArn, input: '{' })).rejects.toMatchObject({
      code: 'InvalidExecutionInput',
    });
    await expect(call('StartExecution', { stateMachineArn, input: '' })).rejects.toMatchObject({
      message: "Invalid State Machine Execution Input: 'Invalid execution input.'",
    });
    await expect(
      call('StartExecution', { stateMachineArn, input: JSON.stringify('ü'.repeat(131_072)) }),
    ).rejects.toMatchObject({ code: 'ValidationException' });
  });

  it('refuses machines that are not there', async () => {
    const { start } = bench();
    await expect(start(`${MACHINE}:none`)).rejects.toMatchObject({
      code: 'StateMachineDoesNotExist',
      message: `State Machine Does Not Exist: '${MACHINE}:none'`,
    });
    await expect(start('none')).rejects.toMatchObject({
      code: 'InvalidArn',
      message: "Invalid Arn: 'Invalid ARN prefix: none'",
    });
  });
});

describe('StopExecution', () => {
  it('ends the execution at once, with no Catch and nothing after', async () => {
    const { create, start, call, world } = bench();
    const execution = await start(
      await create(
        'm',
        machine({
          A: { Type: 'Pass', Next: 'W' },
          W: { Type: 'Wait', Seconds: 50, Next: 'B' },
          B: { Type: 'Pass', ...end },
        }),
      ),
    );
    await world.clock.runFor(20_000);
    const stopped = await call('StopExecution', { executionArn: execution.start.arn, error: 'Stop', cause: 'enough' });
    expect(stopped).toEqual({ stopDate: new Date('2026-01-05T09:00:20.000Z') });
    await world.clock.runFor(100_000);
    expect(types(execution)).toEqual([
      'ExecutionStarted',
      'PassStateEntered',
      'PassStateExited',
      'WaitStateEntered',
      'ExecutionAborted',
    ]);
    expect(find(execution, 'ExecutionAborted')[0]).toMatchObject({
      previousEventId: 0,
      executionAbortedEventDetails: { error: 'Stop', cause: 'enough' },
    });
    expect(await call('StopExecution', { executionArn: execution.start.arn })).toEqual(stopped);
  });

  it('strikes right before a call, as the fault plan says', async () => {
    const { run, serve, world } = bench({
      faults: [{ service: 'ssm', operation: 'GetParameter', nth: 1, action: { kind: 'stop-execution' } }],
    });
    serve('ssm', { GetParameter: () => ({}) });
    const execution = await run({
      T: { Type: 'Task', Resource: 'arn:aws:states:::aws-sdk:ssm:getParameter', Arguments: {}, ...end },
    });
    await world.clock.runFor(1000);
    expect(types(execution)).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'TaskScheduled',
      'TaskStarted',
      'ExecutionAborted',
    ]);
  });
});

describe('reading', () => {
  it('DescribeExecution shows how it stands', async () => {
    const { create, start, finish, call } = bench();
    const execution = await start(await create('m', waits), { a: 1 }, { name: 'n' });
    const executionArn = execution.start.arn;
    const base = {
      executionArn,
      stateMachineArn: `${MACHINE}:m`,
      name: 'n',
      startDate: new Date('2026-01-05T09:00:00.000Z'),
      input: '{"a":1}',
      inputDetails: { included: true },
      redriveCount: 0,
      redriveStatus: 'NOT_REDRIVABLE',
    };
    expect(await call('DescribeExecution', { executionArn })).toEqual({
      ...base,
      status: 'RUNNING',
      redriveStatusReason: 'Execution is RUNNING and cannot be redriven',
    });
    await finish(execution);
    expect(await call('DescribeExecution', { executionArn })).toEqual({
      ...base,
      status: 'SUCCEEDED',
      stopDate: new Date('2026-01-05T09:01:40.000Z'),
      output: '{"a":1}',
      outputDetails: { included: true },
      redriveStatusReason: 'Execution is SUCCEEDED and cannot be redriven',
    });
    await expect(call('DescribeExecution', { executionArn: `${executionArn}x` })).rejects.toMatchObject({
      code: 'ExecutionDoesNotExist',
    });
  });

  it('GetExecutionHistory pages, turns round and leaves data out', async () => {
    const { run, call } = bench();
    const { start, history } = await run({ A: { Type: 'Pass', ...end } }, { secret: 1 });
    const executionArn = start.arn;
    interface Page {
      events: { id: number }[];
      nextToken?: string;
    }
    const first = await call<Page>('GetExecutionHistory', { executionArn, maxResults: 3 });
    const second = await call<Page>('GetExecutionHistory', { executionArn, maxResults: 3, nextToken: first.nextToken });
    expect([...first.events, ...second.events]).toEqual(history.events);
    expect(second.nextToken).toBeUndefined();
    const reversed = await call<Page>('GetExecutionHistory', { executionArn, reverseOrder: true });
    expect(reversed.events.map(({ id }) => id)).toEqual([4, 3, 2, 1]);
    expect(
      JSON.stringify(await call('GetExecutionHistory', { executionArn, includeExecutionData: false })),
    ).not.toContain('secret');
    await expect(call('GetExecutionHistory', { executionArn, nextToken: 'x' })).rejects.toMatchObject({
      code: 'InvalidToken',
    });
  });

  it('ListExecutions gives the latest first, by status', async () => {
    const { create, start, finish, call } = bench();
    const arn = await create('m', waits);
    await finish(await start(arn, {}, { name: 'a' }));
    await start(arn, {}, { name: 'b' });
    const names = async (more: object) =>
      (
        await call<{ executions: { name: string }[] }>('ListExecutions', { stateMachineArn: arn, ...more })
      ).executions.map(({ name }) => name);
    expect(await names({})).toEqual(['b', 'a']);
    expect(await names({ statusFilter: 'SUCCEEDED' })).toEqual(['a']);
  });
});

describe('machines', () => {
  it('are created once for the same definition and role', async () => {
    const { create } = bench();
    expect(await create('m', pass)).toBe(`${MACHINE}:m`);
    expect(await create('m', pass)).toBe(`${MACHINE}:m`);
    await expect(create('m', waits)).rejects.toMatchObject({ code: 'StateMachineAlreadyExists' });
  });

  it('are described, tagged, updated and deleted', async () => {
    const { create, call } = bench();
    const stateMachineArn = await create('m', pass, { tags: [{ key: 'a', value: '1' }] });
    expect(await call('DescribeStateMachine', { stateMachineArn })).toMatchObject({
      name: 'm',
      status: 'ACTIVE',
      type: 'STANDARD',
      roleArn: ROLE,
      loggingConfiguration: { level: 'OFF', includeExecutionData: false },
      tracingConfiguration: { enabled: false },
    });
    await call('TagResource', { resourceArn: stateMachineArn, tags: [{ key: 'b', value: '2' }] });
    await call('UntagResource', { resourceArn: stateMachineArn, tagKeys: ['a'] });
    expect(await call('ListTagsForResource', { resourceArn: stateMachineArn })).toEqual({
      tags: [{ key: 'b', value: '2' }],
    });
    await expect(call('UpdateStateMachine', { stateMachineArn })).rejects.toMatchObject({
      code: 'MissingRequiredParameter',
    });
    const { revisionId } = await call('UpdateStateMachine', { stateMachineArn, definition: JSON.stringify(waits) });
    expect(await call('DescribeStateMachine', { stateMachineArn })).toMatchObject({
      revisionId,
      definition: JSON.stringify(waits),
    });
    await call('DeleteStateMachine', { stateMachineArn });
    await expect(call('DescribeStateMachine', { stateMachineArn })).rejects.toMatchObject({
      code: 'StateMachineDoesNotExist',
    });
  });

  it('change nothing under an execution that runs', async () => {
    const { create, start, finish, call } = bench();
    const flow = (value: number) =>
      machine({ W: { Type: 'Wait', Seconds: 10, Next: 'A' }, A: { Type: 'Pass', Output: value, ...end } });
    const stateMachineArn = await create('m', flow(1));
    const execution = await start(stateMachineArn);
    await call('UpdateStateMachine', { stateMachineArn, definition: JSON.stringify(flow(2)) });
    expect(output(await finish(execution))).toBe(1);
    expect(output(await finish(await start(stateMachineArn)))).toBe(2);
    expect(await call('DescribeStateMachineForExecution', { executionArn: execution.start.arn })).toMatchObject({
      definition: JSON.stringify(flow(1)),
    });
  });

  it('need leave for the machine, and to pass the role', () => {
    const operations = bench().states.service.operations;
    const needed = (name: string, input: object): readonly Permission[] =>
      (operations[name] as unknown as Operation<object>).permissions(input, {} as never);
    expect(needed('CreateStateMachine', { name: 'm', roleArn: ROLE })).toEqual([
      { action: 'states:CreateStateMachine', resource: `${MACHINE}:m` },
      { action: 'iam:PassRole', resource: ROLE, context: { 'iam:PassedToService': 'states.amazonaws.com' } },
    ]);
    expect(needed('UpdateStateMachine', { stateMachineArn: `${MACHINE}:m` })).toEqual([
      { action: 'states:UpdateStateMachine', resource: `${MACHINE}:m` },
    ]);
    expect(needed('StartExecution', { stateMachineArn: `${MACHINE}:m` })).toEqual([
      { action: 'states:StartExecution', resource: `${MACHINE}:m` },
    ]);
    expect(needed('StartMapRun', { stateMachineArn: `${MACHINE}:m` })).toEqual([
      { action: 'states:StartExecution', resource: `${MACHINE}:m` },
    ]);
  });
});

describe('resources of a template', () => {
  const context: ResourceContext = {
    logicalId: 'Machine',
    stackName: 'Stack',
    physicalName: () => 'Stack-Machine-ABC',
    assetPath: () => {
      throw new Error('a machine has no asset');
    },
  };
  const make = (self: ReturnType<typeof bench>, type: string, properties: object) => {
    const found = self.states.resources[`AWS::StepFunctions::${type}`] as Provisioner<unknown>;
    return found.create(found.properties.parse(properties), context);
  };

  it('fill the substitutions in', async () => {
    const self = bench();
    const text = JSON.stringify(
      machine({ A: { Type: 'Pass', Output: ['${Name}', '${Unknown}', '${Number}'], ...end } }),
    );
    const { ref, attributes } = await make(self, 'StateMachine', {
      DefinitionString: text,
      DefinitionSubstitutions: { Name: '$& x', Number: 3 },
      RoleArn: ROLE,
      LoggingConfiguration: {
        Level: 'ALL',
        IncludeExecutionData: true,
        Destinations: [
          { CloudWatchLogsLogGroup: { LogGroupArn: 'arn:aws:logs:eu-central-1:123456789012:log-group:/g:*' } },
        ],
      },
      TracingConfiguration: { Enabled: true },
      Tags: [{ Key: 'k', Value: 'v' }],
    });
    expect([ref, attributes['Name']]).toEqual([`${MACHINE}:Stack-Machine-ABC`, 'Stack-Machine-ABC']);
    expect(output(await self.finish(await self.start(ref)))).toEqual(['$& x', '${Unknown}', '3']);
    expect(await self.call('DescribeStateMachine', { stateMachineArn: ref })).toMatchObject({
      tracingConfiguration: { enabled: true },
    });
  });

  it('name versions and aliases, which keep their definition', async () => {
    const self = bench();
    const flow = (value: number) => JSON.stringify(machine({ A: { Type: 'Pass', Output: value, ...end } }));
    const { ref } = await make(self, 'StateMachine', { DefinitionString: flow(1), RoleArn: ROLE });
    const version = await make(self, 'StateMachineVersion', { StateMachineArn: ref });
    const alias = await make(self, 'StateMachineAlias', {
      Name: 'live',
      RoutingConfiguration: [{ StateMachineVersionArn: version.ref, Weight: 100 }],
    });
    expect([version.ref, alias.ref]).toEqual([`${ref}:1`, `${ref}:live`]);
    await self.call('UpdateStateMachine', { stateMachineArn: ref, definition: flow(2) });
    const execution = await self.finish(await self.start(alias.ref));
    expect(output(execution)).toBe(1);
    expect(await self.call('DescribeExecution', { executionArn: execution.start.arn })).toMatchObject({
      stateMachineArn: ref,
      stateMachineVersionArn: version.ref,
      stateMachineAliasArn: alias.ref,
    });
  });

  it('refuse a property that is not modelled', () => {
    const { properties } = bench().states.resources['AWS::StepFunctions::StateMachine'] as Provisioner;
    expect(properties.safeParse({ DefinitionString: '{}', RoleArn: ROLE, EncryptionConfiguration: {} }).success).toBe(
      false,
    );
  });
});

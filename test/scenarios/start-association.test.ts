import { describe, expect, it } from '@jest/globals';
import { StartAssociationResult } from '../../functions/lib/schemas/start-association.ts';
import { association, byId } from '../support/associations.ts';
import { inLab, type Lab } from '../support/lab.ts';
import { machines } from '../support/fleet.ts';

const UNKNOWN = '00000000-0000-4000-8000-000000000000';
const TAGGED = [{ Key: 'tag:SSMRunAllowed', Values: ['true'] }];

async function succeed(lab: Lab, input: object) {
  const executionArn = await lab.start('StartAssociation', input);
  const { status, output = '', error, cause } = await lab.settle(executionArn);
  expect({ status, error, cause }).toEqual({ status: 'SUCCEEDED', error: undefined, cause: undefined });
  return { executionArn, result: StartAssociationResult.parse(JSON.parse(output)) };
}

/** What was started by anybody, of any association. */
const starts = (lab: Lab) =>
  lab.sandbox.dispatcher.journal.filter(({ operation }) => operation === 'StartAssociationsOnce');

async function refused(lab: Lab, input: object, error: string): Promise<string> {
  const executionArn = await lab.start('StartAssociation', input);
  const ended = await lab.settle(executionArn);
  expect(ended).toMatchObject({ status: 'FAILED', error });
  expect(await lab.row(executionArn)).toMatchObject({ status: { S: 'FAILED' }, error: { S: error } });
  expect(lab.notifications().map(({ subject }) => subject)).toEqual([expect.stringContaining(error)]);
  expect(starts(lab)).toEqual([]);
  expect(await lab.locks()).toEqual({});
  return ended.cause ?? '';
}

describe('start-association', () => {
  it('happy: runs on all targets and says what came of each', () =>
    inLab({}, async (lab) => {
      const executionArn = await lab.start('StartAssociation', {
        associationId: await association(lab, byId(machines.web), ['sleep 60']),
      });
      await lab.sandbox.clock.runFor(30_000);
      expect((await lab.row(executionArn))?.['summary']?.S).toMatch(/ on 1 instances: InProgress 1$/);
      await lab.settle(executionArn);
      const { output = '' } = await lab.describe(executionArn);
      expect(StartAssociationResult.parse(JSON.parse(output))).toMatchObject({
        started: true,
        status: 'Success',
        resourceCountByStatus: { Success: 1 },
        targetCount: 1,
        targets: [{ resourceId: machines.web, status: 'Success' }],
        warnings: [],
        response: { httpStatusCode: 200, requestId: expect.stringMatching(/./) as unknown },
      });
      expect(await lab.row(executionArn)).toMatchObject({
        status: { S: 'SUCCEEDED' },
        runbook: { S: 'start-association' },
      });
      expect(starts(lab)).toHaveLength(1);
      expect(await lab.locks()).toEqual({});
    }));

  it('is not led astray by the run that a new association does by itself', () =>
    inLab({}, async (lab) => {
      const own = { ScheduleExpression: undefined, ApplyOnlyAtCronInterval: false };
      const associationId = await association(lab, byId(machines.web), ['sleep 20'], own);
      await lab.sandbox.clock.runFor(1000);
      const { result } = await succeed(lab, { associationId });
      const { AssociationExecutions: [latest, first] = [] } = await lab.call<{
        AssociationExecutions?: { ExecutionId: string }[];
      }>('ssm', 'DescribeAssociationExecutions', { AssociationId: associationId });
      expect(first).toBeDefined();
      expect(result).toMatchObject({ executionId: latest?.ExecutionId, warnings: [] });
    }));

  it('finishes with status Failed where it failed on a target, which comes first', () =>
    inLab({}, async (lab) => {
      const { result } = await succeed(lab, { associationId: await association(lab, byId(machines.web), ['exit 3']) });
      expect(result).toMatchObject({
        status: 'Failed',
        resourceCountByStatus: { Failed: 1 },
        targets: [{ status: 'Failed' }],
      });
    }));

  it('locks the association and its instances while it runs', () =>
    inLab({}, async (lab) => {
      const associationId = await association(lab, byId(machines.web), ['sleep 300']);
      const executionArn = await lab.start('StartAssociation', { associationId });
      await lab.sandbox.clock.runFor(30_000);
      expect(await lab.locks()).toEqual({
        [`association/${associationId}`]: executionArn,
        [`instance/${machines.web}`]: executionArn,
      });
      const second = await lab.start('StartAssociation', { associationId });
      const command = await lab.start('RunCommand', { instanceId: machines.web, commands: ['true'] });
      expect((await lab.settle(executionArn)).status).toBe('SUCCEEDED');
      expect(await lab.describe(second)).toMatchObject({ error: 'TargetLocked' });
      expect((await lab.describe(second)).cause).toContain(
        `association ${associationId} is locked by an execution of start-association`,
      );
      expect((await lab.describe(command)).cause).toContain('is locked by an execution of start-association');
      expect(starts(lab)).toHaveLength(1);
      expect(await lab.locks()).toEqual({});
    }));

  it('gives back what it had locked where one instance is locked by another run', () =>
    inLab({}, async (lab) => {
      const command = await lab.start('RunCommand', { instanceId: machines.web, commands: ['sleep 300'] });
      await lab.sandbox.clock.runFor(30_000);
      const associationId = await association(lab, byId(machines.web), ['true']);
      const executionArn = await lab.start('StartAssociation', { associationId });
      await lab.sandbox.clock.runFor(30_000);
      expect(await lab.describe(executionArn)).toMatchObject({ error: 'TargetLocked' });
      expect(await lab.locks()).toEqual({ [`instance/${machines.web}`]: command });
      await lab.settle(command);
      expect(starts(lab)).toEqual([]);
    }));

  it('takes the earliest execution and says so where somebody else starts it too', () =>
    inLab({}, async (lab) => {
      const associationId = await association(lab, byId(machines.web), ['sleep 60']);
      const executionArn = await lab.start('StartAssociation', { associationId });
      await lab.sandbox.clock.runFor(10_000);
      await lab.call('ssm', 'StartAssociationsOnce', { AssociationIds: [associationId] });
      const { output = '' } = await lab.settle(executionArn);
      expect(JSON.parse(output)).toMatchObject({
        warnings: [expect.stringMatching(/^ExecutionAmbiguous: /) as unknown],
      });
    }));

  it('is found again when the answer to the start is lost', () =>
    inLab(
      { faults: [{ service: 'ssm', operation: 'StartAssociationsOnce', nth: 1, action: { kind: 'lose-answer' } }] },
      async (lab) => {
        const { result } = await succeed(lab, { associationId: await association(lab, byId(machines.web), ['true']) });
        expect(result).toMatchObject({ status: 'Success', response: null });
        expect(starts(lab)).toHaveLength(1);
      },
    ));

  it('fails with AssociationTimedOut where a target stays away, and says that the association goes on', () =>
    inLab({}, async (lab) => {
      const associationId = await association(lab, byId(machines.offline), ['true']);
      const { error, cause } = await lab.run('StartAssociation', { associationId, timeoutSeconds: 600 });
      expect({ error, cause }).toEqual({
        error: 'AssociationTimedOut',
        cause: expect.stringContaining('goes on') as unknown,
      });
      expect(await lab.locks()).toEqual({});
    }));

  it('gives its locks back when it is stopped, and leaves a row that says what goes on', () =>
    inLab({}, async (lab) => {
      const associationId = await association(lab, byId(machines.web), ['sleep 3000']);
      const executionArn = await lab.start('StartAssociation', { associationId });
      await lab.sandbox.clock.runFor(30_000);
      await lab.call('states', 'StopExecution', { executionArn });
      await lab.settle(executionArn);
      expect(await lab.row(executionArn)).toMatchObject({
        status: { S: 'ABORTED' },
        summary: { S: expect.stringContaining('Its association goes on') as unknown },
        targets: { L: [{ M: { associationId: { S: associationId } } }] },
        finishedAt: { S: expect.any(String) as unknown },
      });
      expect(await lab.locks()).toEqual({});
    }));
});

describe('start-association refuses', () => {
  it('an id that is none', () =>
    inLab({}, async (lab) => {
      expect(await refused(lab, { associationId: 'weekly-patch' }, 'InvalidRequest')).toContain('associationId: ');
    }));

  it('an association that does not exist', () =>
    inLab({}, async (lab) => {
      expect(await refused(lab, { associationId: UNKNOWN }, 'AssociationNotFound')).toContain(UNKNOWN);
    }));

  it('one with a target that lacks the tag, by its name', () =>
    inLab({}, async (lab) => {
      const associationId = await association(lab, byId(machines.web, machines.untagged), ['true']);
      const cause = await refused(lab, { associationId }, 'TargetNotAllowed');
      expect(cause).toContain(`${machines.untagged} is not tagged SSMRunAllowed=true`);
      expect(cause).not.toContain(machines.web);
    }));

  it('one with an excluded target, by its name and the reason', () =>
    inLab({}, async (lab) => {
      const Value = JSON.stringify({ instances: [machines.web], reason: 'audit' });
      await lab.call('ssm', 'PutParameter', { Name: lab.output('ExclusionsParameterName'), Value, Overwrite: true });
      const cause = await refused(lab, { associationId: await association(lab, TAGGED, ['true']) }, 'TargetNotAllowed');
      expect(cause).toContain(`${machines.web} is excluded by the parameter /fleetwright/dev/exclusions (audit)`);
    }));

  it('one on every managed instance as long as one of them lacks the tag', () =>
    inLab({}, async (lab) => {
      const associationId = await association(lab, byId('*'), ['true']);
      expect(await refused(lab, { associationId }, 'TargetNotAllowed')).toContain(machines.untagged);
    }));

  it('one of an Automation runbook', () =>
    inLab({}, async (lab) => {
      const automation = {
        Name: 'AWS-RestartEC2Instance',
        AutomationTargetParameterName: 'InstanceId',
        Parameters: undefined,
        ScheduleExpression: undefined,
        ApplyOnlyAtCronInterval: false,
      };
      const associationId = await association(lab, TAGGED, [], automation);
      expect(await refused(lab, { associationId }, 'TargetNotAllowed')).toContain('cannot be enumerated');
    }));
});

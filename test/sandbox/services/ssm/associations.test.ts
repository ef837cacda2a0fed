import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import {
  DATABASE,
  fleetWorld,
  type FleetWorld,
  OFFLINE,
  quiet,
  STOPPED,
  WEB,
  WEB_2,
  WINDOWS,
} from '../../fleets/demo.ts';
import { provision } from '../../support/service.ts';

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const UNKNOWN = '00000000-0000-4000-8000-000000000000';
const ARN = 'arn:aws:ssm:eu-central-1:123456789012:association';

interface Execution {
  readonly ExecutionId: string;
  readonly Status: string;
  readonly AssociationVersion: string;
  readonly CreatedTime: Date;
  readonly ResourceCountByStatus: string;
}

interface Target {
  readonly ResourceId: string;
  readonly Status: string;
  readonly DetailedStatus: string;
  readonly OutputSource: { readonly OutputSourceId: string };
}

/** An association that runs when it is told to and not before, unless `input` says otherwise. */
async function create(on: FleetWorld, input: object = {}, commands: readonly string[] = ['true']): Promise<string> {
  const { AssociationDescription: description } = await on.call<{ AssociationDescription: { AssociationId: string } }>(
    'ssm',
    'CreateAssociation',
    {
      Name: 'AWS-RunShellScript',
      Parameters: { commands },
      Targets: [{ Key: 'tag:Role', Values: ['web'] }],
      ApplyOnlyAtCronInterval: true,
      ...input,
    },
  );
  return description.AssociationId;
}

const start = (on: FleetWorld, ...ids: string[]) => on.call('ssm', 'StartAssociationsOnce', { AssociationIds: ids });

async function executions(on: FleetWorld, AssociationId: string, input: object = {}): Promise<Execution[]> {
  const answer = await on.call<{ AssociationExecutions: Execution[] }>('ssm', 'DescribeAssociationExecutions', {
    AssociationId,
    ...input,
  });
  return answer.AssociationExecutions;
}

async function targets(on: FleetWorld, AssociationId: string, ExecutionId: string, input = {}): Promise<Target[]> {
  const answer = await on.call<{ AssociationExecutionTargets: Target[] }>(
    'ssm',
    'DescribeAssociationExecutionTargets',
    { AssociationId, ExecutionId, ...input },
  );
  return answer.AssociationExecutionTargets;
}

/** Starts an association, lets time run until nothing more happens, and answers its execution and targets. */
async function finished(on: FleetWorld, id: string) {
  await start(on, id);
  await quiet(on);
  await on.clock.runFor(10 * SECOND);
  const [execution] = await executions(on, id);
  if (execution === undefined) throw new Error('nothing was executed');
  return { execution, targets: await targets(on, id, execution.ExecutionId) };
}

const statuses = (found: readonly Target[]) =>
  found.map((target) => [target.ResourceId, target.Status, target.DetailedStatus]);

describe('StartAssociationsOnce', () => {
  it('answers nothing, and its execution is seen half a second to five seconds later', async () => {
    const delays: number[] = [];
    for (let seed = 1; seed <= 20; seed++) {
      const on = await fleetWorld({ seed });
      const id = await create(on);
      const began = on.clock.now();
      expect(await start(on, id)).toEqual({});
      expect(await executions(on, id)).toEqual([]);
      while ((await executions(on, id)).length === 0) await on.clock.runFor(50);
      delays.push(on.clock.now() - began);
      const [execution] = await executions(on, id);
      expect(Number(execution?.CreatedTime)).toBeGreaterThan(began);
    }
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(500);
    expect(Math.max(...delays)).toBeLessThanOrEqual(5050);
    expect(new Set(delays).size).toBeGreaterThan(5);
  });

  it('runs the document on every target and counts them by status', async () => {
    const on = await fleetWorld();
    const id = await create(on, {}, ['echo run > /tmp/run']);
    const { execution, targets: found } = await finished(on, id);
    expect(execution).toMatchObject({
      AssociationId: id,
      AssociationVersion: '1',
      Status: 'Success',
      DetailedStatus: 'Success',
      ResourceCountByStatus: '{Success=2}',
    });
    expect(statuses(found)).toEqual([
      [WEB, 'Success', 'Success'],
      [WEB_2, 'Success', 'Success'],
    ]);
    expect(found[0]).toMatchObject({
      ResourceType: 'ManagedInstance',
      OutputSource: { OutputSourceType: 'RunCommand' },
    });
    expect(new Set(found.map(({ OutputSource: { OutputSourceId } }) => OutputSourceId)).size).toBe(2);
    expect(await on.ec2.machine(WEB_2).fs.readFile('/tmp/run')).toBe('run\n');
  });

  it('fails where one target fails, and says how many', async () => {
    const on = await fleetWorld();
    const Targets = [{ Key: 'InstanceIds', Values: [WEB, DATABASE, WINDOWS] }];
    const { execution, targets: found } = await finished(on, await create(on, { Targets }, ['test ! -e /data']));
    expect(execution).toMatchObject({ Status: 'Failed', ResourceCountByStatus: '{Success=1, Failed=2}' });
    expect(statuses(found)).toEqual([
      [WEB, 'Success', 'Success'],
      [DATABASE, 'Failed', 'Failed'],
      [WINDOWS, 'Failed', 'InvalidPlatform'],
    ]);
  });

  it('leaves a target Pending whose agent is away, and times it out in the end', async () => {
    const on = await fleetWorld();
    const id = await create(on, { Targets: [{ Key: 'InstanceIds', Values: [WEB, OFFLINE, STOPPED] }] });
    await start(on, id);
    await on.clock.runFor(60 * SECOND);
    const [waiting] = await executions(on, id);
    expect(waiting).toMatchObject({ Status: 'InProgress', ResourceCountByStatus: '{Success=1, Pending=2}' });
    expect(statuses(await targets(on, id, waiting?.ExecutionId ?? '')).slice(1)).toEqual([
      [OFFLINE, 'Pending', 'Pending'],
      [STOPPED, 'Pending', 'Pending'],
    ]);
    await on.clock.runFor(HOUR);
    const [over] = await executions(on, id);
    expect(over).toMatchObject({ Status: 'TimedOut', ResourceCountByStatus: '{Success=1, TimedOut=2}' });
    expect(statuses(await targets(on, id, over?.ExecutionId ?? ''))[1]).toEqual([
      OFFLINE,
      'TimedOut',
      'DeliveryTimedOut',
    ]);
  });

  it('reaches a target whose agent comes back', async () => {
    const on = await fleetWorld();
    const id = await create(on, { Targets: [{ Key: 'InstanceIds', Values: [OFFLINE] }] });
    await start(on, id);
    await on.clock.runFor(600 * SECOND);
    expect(await executions(on, id)).toMatchObject([{ Status: 'Pending', ResourceCountByStatus: '{Pending=1}' }]);
    const instance = on.ec2.instances.get(OFFLINE);
    if (instance !== undefined) instance.agent = 'online';
    await on.clock.runFor(60 * SECOND);
    expect(await executions(on, id)).toMatchObject([{ Status: 'Success', ResourceCountByStatus: '{Success=1}' }]);
  });

  it('resolves the targets anew each time: tags, tag keys, ids, all', async () => {
    const on = await fleetWorld();
    const ids = async (...Targets: object[]) =>
      (await finished(on, await create(on, { Targets }))).targets.map(({ ResourceId }) => ResourceId);
    expect(await ids({ Key: 'tag:Role', Values: ['database'] })).toEqual([DATABASE]);
    expect(await ids({ Key: 'tag-key', Values: ['Role'] }, { Key: 'instanceids', Values: [WEB] })).toEqual([WEB]);
    expect(await ids({ Key: 'InstanceIds', Values: ['*'] })).toEqual(expect.arrayContaining([WEB, WINDOWS, STOPPED]));
    const id = await create(on);
    on.ec2.instances.get(WEB)?.tags.set('Role', 'moved');
    expect((await finished(on, id)).targets.map(({ ResourceId }) => ResourceId)).toEqual([WEB_2]);
    on.ec2.instances.get(WEB_2)?.tags.set('Role', 'moved');
    const { execution } = await finished(on, id);
    expect(execution).toMatchObject({ Status: 'Success', ResourceCountByStatus: '{}' });
  });

  it('makes an execution of each start, also of overlapping ones; the newest comes first', async () => {
    const on = await fleetWorld();
    const id = await create(on, {}, ['echo x >> /tmp/runs; sleep 30']);
    await start(on, id);
    await on.clock.runFor(10 * SECOND);
    await start(on, id);
    await on.clock.runFor(10 * SECOND);
    const found = await executions(on, id);
    expect(found.map(({ Status }) => Status)).toEqual(['InProgress', 'InProgress']);
    expect(Number(found[0]?.CreatedTime)).toBeGreaterThan(Number(found[1]?.CreatedTime));
    await on.clock.runFor(60 * SECOND);
    expect(await on.ec2.machine(WEB).fs.readFile('/tmp/runs')).toBe('x\nx\n');
  });

  it('starts none where one of the ids is unknown, malformed, or one too many', async () => {
    const on = await fleetWorld();
    const id = await create(on);
    const failure = (AssociationIds: string[]) => on.failure('ssm', 'StartAssociationsOnce', { AssociationIds });
    expect(await failure([id, UNKNOWN])).toMatch(/^AssociationDoesNotExist/);
    expect(await failure([id, 'web'])).toMatch(/^ValidationException.*'web'/);
    expect(await failure([])).toMatch(/^ValidationException/);
    expect(await failure(Array.from({ length: 11 }, () => id))).toMatch(/^ValidationException/);
    await on.clock.runFor(60 * SECOND);
    expect(await executions(on, id)).toEqual([]);
  });

  it('is one run per association of the call', async () => {
    const on = await fleetWorld();
    const ids = [await create(on), await create(on)];
    await start(on, ...ids);
    await on.clock.runFor(60 * SECOND);
    for (const id of ids) expect(await executions(on, id)).toHaveLength(1);
  });

  it('keeps to MaxConcurrency, and stops after MaxErrors', async () => {
    const on = await fleetWorld();
    const Targets = [{ Key: 'InstanceIds', Values: [WEB, WEB_2, DATABASE] }];
    const slow = await create(on, { Targets, MaxConcurrency: '1' }, ['sleep 20']);
    await start(on, slow);
    for (let n = 0; n < 10; n++) {
      await on.clock.runFor(5 * SECOND);
      const [execution] = await executions(on, slow);
      expect(execution?.ResourceCountByStatus ?? '').not.toMatch(/InProgress=[2-9]/);
    }
    const failing = await create(on, { Targets, MaxConcurrency: '1', MaxErrors: '0' }, ['false']);
    const { execution, targets: found } = await finished(on, failing);
    expect(execution).toMatchObject({ Status: 'Failed', ResourceCountByStatus: '{Failed=3}' });
    expect(found.map(({ DetailedStatus }) => DetailedStatus)).toEqual(['Failed', 'Terminated', 'Terminated']);
    const tolerant = await create(on, { Targets, MaxConcurrency: '1' }, ['false']);
    expect((await finished(on, tolerant)).targets.map(({ DetailedStatus }) => DetailedStatus)).toEqual([
      'Failed',
      'Failed',
      'Failed',
    ]);
  });

  it('uploads the output where the association says, in the role of the machine', async () => {
    const on = await fleetWorld();
    const S3Location = { OutputS3BucketName: 'outputs', OutputS3KeyPrefix: 'associations' };
    await finished(on, await create(on, { OutputLocation: { S3Location } }, ['echo hello']));
    expect(on.uploaded.map(({ text, caller }) => [text, caller.kind])).toEqual([
      ['hello\n', 'role'],
      ['hello\n', 'role'],
    ]);
    expect(on.uploaded[0]?.key).toMatch(/^associations\/.*awsrunShellScript\/stdout$/);
  });

  it('puts in stored parameters at every run, and fails when one is gone', async () => {
    const on = await fleetWorld();
    const id = await create(on, {}, ["echo '{{ssm:/shop/motd}}' > /tmp/motd"]);
    await finished(on, id);
    expect(await on.ec2.machine(WEB).fs.readFile('/tmp/motd')).toBe('Welcome to the shop.\n');
    await on.call('ssm', 'DeleteParameter', { Name: '/shop/motd' });
    const { execution } = await finished(on, id);
    expect(execution).toMatchObject({ Status: 'Failed', ResourceCountByStatus: '{Failed=2}' });
  });

  it('is no command: no list shows it, and it has the events of associations alone', async () => {
    const on = await fleetWorld();
    const id = await create(on, { AssociationName: 'motd' });
    await finished(on, id);
    expect(await on.call('ssm', 'ListCommands')).toMatchObject({ Commands: [] });
    const events = on.world.events.filter(({ source }) => source === 'aws.ssm').slice(-7);
    const of = (type: string) => events.filter((event) => event['detail-type'] === type);
    expect(of('EC2 State Manager Association State Change').map(({ detail }) => detail)).toMatchObject([
      { 'association-id': id, 'association-name': 'motd', status: 'InProgress' },
      { status: 'Success', 'association-status-aggregated-count': '{"Success":2}' },
    ]);
    const ofTargets = of('EC2 State Manager Instance Association State Change');
    expect(ofTargets.map(({ detail }) => detail['status']).sort()).toEqual([
      'InProgress',
      'InProgress',
      'Success',
      'Success',
    ]);
    expect(ofTargets[0]?.resources).toEqual([
      expect.stringContaining('instance/i-'),
      'arn:aws:ssm:eu-central-1::document/AWS-RunShellScript',
    ]);
    expect(on.world.events.some((event) => event['detail-type'].startsWith('EC2 Command'))).toBe(false);
  });

  it('goes the same way with the same seed', async () => {
    const run = async (seed: number) => {
      const on = await fleetWorld({ seed });
      return finished(on, await create(on));
    };
    expect(await run(3)).toEqual(await run(3));
    expect(await run(3)).not.toEqual(await run(4));
  });
});

describe('when an association runs by itself', () => {
  const runs = async (on: FleetWorld, id: string) => (await executions(on, id)).length;

  it('when it is made, unless it is to wait for its schedule', async () => {
    const on = await fleetWorld();
    const [eager, waiting] = [await create(on, { ApplyOnlyAtCronInterval: false }), await create(on)];
    await on.clock.runFor(HOUR);
    expect([await runs(on, eager), await runs(on, waiting)]).toEqual([1, 0]);
  });

  it('by its schedule, until it is deleted', async () => {
    const on = await fleetWorld(); // Monday, 9:00
    const cron = await create(on, { ScheduleExpression: 'cron(30 * * * ? *)' });
    const rate = await create(on, { ScheduleExpression: 'rate(2 hours)', ApplyOnlyAtCronInterval: false });
    await on.clock.runFor(5 * HOUR);
    expect([await runs(on, cron), await runs(on, rate)]).toEqual([5, 3]);
    const done = on.world.events.length;
    for (const AssociationId of [cron, rate]) await on.call('ssm', 'DeleteAssociation', { AssociationId });
    await on.clock.runFor(5 * HOUR);
    expect(on.world.events).toHaveLength(done);
    expect(await on.failure('ssm', 'DescribeAssociation', { AssociationId: cron })).toMatch(/^AssociationDoesNotExist/);
  });

  it('when it is changed; what began before is told with the version it had', async () => {
    const on = await fleetWorld();
    const id = await create(on);
    await finished(on, id);
    const Targets = [{ Key: 'InstanceIds', Values: [DATABASE] }];
    const Parameters = { commands: ['true'] };
    const input = { AssociationId: id, AssociationVersion: '1', Targets, Parameters };
    expect(await on.call('ssm', 'UpdateAssociation', input)).toMatchObject({
      AssociationDescription: { AssociationVersion: '2', Targets, ApplyOnlyAtCronInterval: false },
    });
    expect(await on.failure('ssm', 'UpdateAssociation', input)).toMatch(/^InvalidAssociationVersion/);
    await on.clock.runFor(60 * SECOND);
    const found = await executions(on, id);
    expect(found.map(({ AssociationVersion }) => AssociationVersion)).toEqual(['2', '1']);
    expect(await targets(on, id, found[0]?.ExecutionId ?? '')).toMatchObject([{ ResourceId: DATABASE }]);
  });

  it('not when it is deleted before it begins', async () => {
    const on = await fleetWorld();
    const id = await create(on, {}, ['touch /tmp/run']);
    await start(on, id);
    await on.call('ssm', 'DeleteAssociation', { AssociationId: id });
    await on.clock.runFor(60 * SECOND);
    expect(await on.ec2.machine(WEB).fs.exists('/tmp/run')).toBe(false);
  });
});

describe('what it cannot run is made and described, and refused when it is to run', () => {
  const location = { Accounts: ['123456789012'], Regions: ['eu-west-1'], ExecutionRoleName: 'role' };
  it.each([
    ['Automation', { Name: 'AWS-RestartEC2Instance', Targets: undefined }],
    ['Automation', { Name: 'AWS-StopEC2Instance', AutomationTargetParameterName: 'InstanceId' }],
    ['TargetMaps', { Targets: undefined, TargetMaps: [{ commands: ['x'] }] }],
    ['TargetLocations', { TargetLocations: [location] }],
  ])('%s', async (what, input) => {
    const on = await fleetWorld();
    const [id, usual] = [await create(on, { ...input, ApplyOnlyAtCronInterval: false }), await create(on)];
    const { Targets, ...given } = input as { Targets?: undefined };
    expect(await on.call('ssm', 'DescribeAssociation', { AssociationId: id })).toMatchObject({
      AssociationDescription: given,
    });
    expect(Targets).toBeUndefined();
    const failure = await on.failure('ssm', 'StartAssociationsOnce', { AssociationIds: [usual, id] });
    expect(failure).toContain(`NotImplemented: The sandbox does not model executions of associations with ${what}`);
    await on.clock.runFor(60 * SECOND);
    expect([await executions(on, id), await executions(on, usual)]).toEqual([[], []]);
  });
});

describe('CreateAssociation', () => {
  it('describes what was made', async () => {
    const on = await fleetWorld();
    const input = {
      Name: 'AWS-RunShellScript',
      AssociationName: 'patch-level',
      Parameters: { commands: ['true'] },
      Targets: [{ Key: 'tag:Role', Values: ['web'] }],
      MaxConcurrency: '10%',
      MaxErrors: '1',
      ComplianceSeverity: 'HIGH',
      ScheduleExpression: 'cron(0 3 ? * SUN *)',
      ApplyOnlyAtCronInterval: true,
    };
    expect(await on.call('ssm', 'CreateAssociation', input)).toMatchObject({
      AssociationDescription: {
        ...input,
        DocumentVersion: '$DEFAULT',
        AssociationVersion: '1',
        Overview: { Status: 'Pending', DetailedStatus: 'Creating' },
        Date: on.clock.date(),
      },
    });
  });

  it.each([
    ['a document that does not exist', { Name: 'AWS-Nope' }, 'InvalidDocument'],
    ['a version that does not exist', { DocumentVersion: '7' }, 'InvalidDocumentVersion'],
    ['a parameter that the document lacks', { Parameters: { commands: ['ls'], nope: ['1'] } }, 'InvalidParameters'],
    ['no commands', { Parameters: {} }, 'InvalidParameters'],
    ['two values of a String', { Parameters: { commands: ['ls'], workingDirectory: ['/', '/'] } }, 'InvalidParameters'],
    ['a stored parameter that does not exist', { Parameters: { commands: ['{{ssm:no}}'] } }, 'InvalidParameters'],
    ['no targets', { Targets: undefined }, 'InvalidTarget'],
    ['a target without values', { Targets: [{ Key: 'tag:Role', Values: [] }] }, 'ValidationException'],
    ['a resource group', { Targets: [{ Key: 'resource-groups:Name', Values: ['web'] }] }, 'NotImplemented'],
    ['a short name', { AssociationName: 'ab' }, 'ValidationException'],
    ['a concurrency of 0', { MaxConcurrency: '0' }, 'ValidationException'],
    ['more than all errors', { MaxErrors: '101%' }, 'ValidationException'],
    ['an unknown severity', { ComplianceSeverity: 'SEVERE' }, 'ValidationException'],
    ['targets and target maps', { TargetMaps: [{ commands: ['x'] }] }, 'ValidationException'],
    ['a schedule that is none', { ScheduleExpression: 'daily' }, 'InvalidSchedule'],
    [
      'a rate of minutes',
      { ScheduleExpression: 'rate(29 minutes)', ApplyOnlyAtCronInterval: false },
      'InvalidSchedule',
    ],
    ['a rate that is to be waited for', { ScheduleExpression: 'rate(1 day)' }, 'ValidationException'],
    ['a cron with seconds', { ScheduleExpression: 'cron(0 0 3 ? * SUN *)' }, 'NotImplemented'],
    ['a single date', { ScheduleExpression: 'at(2026-07-01T00:00:00)' }, 'NotImplemented'],
    [
      'a schedule of an automation',
      { Name: 'AWS-StopEC2Instance', ScheduleExpression: 'cron(0 3 * * ? *)' },
      'NotImplemented',
    ],
    ['an instance id', { InstanceId: WEB }, 'NotImplemented'],
    ['a calendar', { CalendarNames: ['calendar'] }, 'NotImplemented'],
    ['an alarm', { AlarmConfiguration: { Alarms: [] } }, 'NotImplemented'],
  ])('refuses %s', async (_what, input, code) => {
    const on = await fleetWorld();
    const valid = {
      Name: 'AWS-RunShellScript',
      Parameters: { commands: ['ls'] },
      Targets: [{ Key: 'tag:Role', Values: ['web'] }],
      ApplyOnlyAtCronInterval: true,
    };
    expect(await on.failure('ssm', 'CreateAssociation', { ...valid, ...input })).toMatch(new RegExp(`^${code}: `));
    expect(await on.call('ssm', 'ListAssociations')).toEqual({ Associations: [], NextToken: '' });
  });
});

describe('lists', () => {
  it('ListAssociations filters and turns pages', async () => {
    const on = await fleetWorld();
    const ids = [
      await create(on, { AssociationName: 'one' }),
      await create(on, { AssociationName: 'two' }, ['false']),
      await create(on, { Name: 'AWS-RunPowerShellScript', AssociationName: 'three' }),
    ];
    await start(on, ids[1] ?? '');
    await on.clock.runFor(60 * SECOND);
    const names = async (key: string, value: string) => {
      const input = { AssociationFilterList: [{ key, value }] };
      const answer = await on.call<{ Associations: { AssociationName: string }[] }>('ssm', 'ListAssociations', input);
      return answer.Associations.map(({ AssociationName: name }) => name);
    };
    expect(await names('Name', 'AWS-RunShellScript')).toEqual(['one', 'two']);
    expect(await names('AssociationName', 'three')).toEqual(['three']);
    expect(await names('AssociationId', ids[0] ?? '')).toEqual(['one']);
    expect(await names('AssociationStatusName', 'Failed')).toEqual(['two']);
    expect(await names('LastExecutedAfter', '2026-01-05T09:00:00Z')).toEqual(['two']);
    expect(await names('LastExecutedBefore', '2026-01-05T09:00:00Z')).toEqual([]);
    expect(await names('InstanceId', WEB)).toEqual([]);
    const group = { AssociationFilterList: [{ key: 'ResourceGroupName', value: 'web' }] };
    expect(await on.failure('ssm', 'ListAssociations', group)).toMatch(/^NotImplemented/);
    const first = await on.call<{ Associations: object[]; NextToken: string }>('ssm', 'ListAssociations', {
      MaxResults: 2,
    });
    const second = await on.call<{ Associations: object[]; NextToken: string }>('ssm', 'ListAssociations', {
      MaxResults: 2,
      NextToken: first.NextToken,
    });
    expect([first.Associations.length, second.Associations.length, second.NextToken]).toEqual([2, 1, '']);
  });

  it('DescribeAssociationExecutions tells those before, after and at a time, of an id, of a status', async () => {
    const on = await fleetWorld();
    const id = await create(on);
    for (let n = 0; n < 6; n++) {
      await start(on, id);
      await on.clock.runFor(20 * SECOND);
    }
    const all = await executions(on, id);
    const filtered = (Key: string, Type: string, Value: string) =>
      executions(on, id, { Filters: [{ Key, Type, Value }] });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: -5, max: 130 }), async (seconds) => {
        const at = Date.UTC(2026, 0, 5, 9, 0, seconds);
        const value = new Date(at).toISOString();
        const later = await filtered('CreatedTime', 'GREATER_THAN', value);
        const earlier = await filtered('CreatedTime', 'LESS_THAN', value);
        expect(later).toEqual(all.filter(({ CreatedTime }) => Number(CreatedTime) > at));
        expect([...later, ...earlier]).toEqual(all);
      }),
      { numRuns: 30 },
    );
    const [newest] = all;
    expect(await filtered('CreatedTime', 'EQUAL', newest?.CreatedTime.toISOString() ?? '')).toEqual([newest]);
    expect(await filtered('ExecutionId', 'EQUAL', newest?.ExecutionId ?? '')).toEqual([newest]);
    expect(await filtered('Status', 'EQUAL', 'Success')).toEqual(all);
    expect(await filtered('Status', 'EQUAL', 'Failed')).toEqual([]);
    const failure = (filter: object) =>
      on.failure('ssm', 'DescribeAssociationExecutions', { AssociationId: id, Filters: [filter] });
    for (const filter of [
      { Key: 'CreatedTime', Type: 'GREATER_THAN', Value: 'yesterday' },
      { Key: 'CreatedTime', Type: 'NEARLY', Value: '2026-01-05' },
      { Key: 'Status', Type: 'LESS_THAN', Value: 'Success' },
      { Key: 'Mood', Type: 'EQUAL', Value: 'good' },
    ])
      expect(await failure(filter)).toMatch(/^ValidationException/);
    const pages: Execution[] = [];
    let NextToken: string | undefined;
    do {
      const answer: { AssociationExecutions: Execution[]; NextToken?: string } = await on.call(
        'ssm',
        'DescribeAssociationExecutions',
        { AssociationId: id, MaxResults: 4, NextToken },
      );
      pages.push(...answer.AssociationExecutions);
      ({ NextToken } = answer);
    } while (NextToken !== undefined);
    expect(pages).toEqual(all);
  });

  it('DescribeAssociationExecutionTargets filters, and knows no execution of others or of later', async () => {
    const on = await fleetWorld();
    const Targets = [{ Key: 'InstanceIds', Values: [WEB, DATABASE] }];
    const id = await create(on, { Targets }, ['test ! -e /data']);
    const { execution } = await finished(on, id);
    const ids = async (Key: string, Value: string) =>
      (await targets(on, id, execution.ExecutionId, { Filters: [{ Key, Value }] })).map(({ ResourceId }) => ResourceId);
    expect(await ids('Status', 'Failed')).toEqual([DATABASE]);
    expect(await ids('ResourceId', WEB)).toEqual([WEB]);
    expect(await ids('ResourceType', 'ManagedInstance')).toEqual([WEB, DATABASE]);
    const failure = (input: object) =>
      on.failure('ssm', 'DescribeAssociationExecutionTargets', { AssociationId: id, ExecutionId: UNKNOWN, ...input });
    expect(await failure({})).toMatch(/^AssociationExecutionDoesNotExist/);
    expect(await failure({ AssociationId: UNKNOWN })).toMatch(/^AssociationDoesNotExist/);
    const mood = { ExecutionId: execution.ExecutionId, Filters: [{ Key: 'Mood', Value: 'good' }] };
    expect(await failure(mood)).toMatch(/^ValidationException/);
  });
});

describe('what IAM is asked', () => {
  const asked = ({ world }: FleetWorld) => world.dispatcher.journal.at(-1)?.permissions;

  it('to create: the association, its document, the instances that are named, the parameters', async () => {
    const on = await fleetWorld();
    const Targets = [{ Key: 'InstanceIds', Values: [WEB] }];
    await create(on, { Targets, Tags: [{ Key: 'team', Value: 'shop' }] }, ['echo {{ssm:/shop/motd}}']);
    expect(asked(on)).toMatchObject([
      {
        action: 'ssm:CreateAssociation',
        resource: `${ARN}/*`,
        context: { 'aws:RequestTag/team': 'shop', 'aws:TagKeys': ['team'] },
      },
      { action: 'ssm:CreateAssociation', resource: 'arn:aws:ssm:eu-central-1::document/AWS-RunShellScript' },
      {
        action: 'ssm:CreateAssociation',
        resource: `arn:aws:ec2:eu-central-1:123456789012:instance/${WEB}`,
        context: { 'aws:ResourceTag/SSMRunAllowed': 'true' },
      },
      { action: 'ssm:GetParameters', resource: 'arn:aws:ssm:eu-central-1:123456789012:parameter/shop/motd' },
    ]);
  });

  it('to start, describe and delete: each association with its tags', async () => {
    const on = await fleetWorld();
    const id = await create(on, { Tags: [{ Key: 'team', Value: 'shop' }] });
    const { execution } = await finished(on, id);
    const inputs = {
      StartAssociationsOnce: { AssociationIds: [id] },
      DescribeAssociation: { AssociationId: id },
      DescribeAssociationExecutions: { AssociationId: id },
      DescribeAssociationExecutionTargets: { AssociationId: id, ExecutionId: execution.ExecutionId },
      DeleteAssociation: { AssociationId: id },
    };
    for (const [name, input] of Object.entries(inputs)) {
      await on.call('ssm', name, input);
      const context = { 'aws:ResourceTag/team': 'shop' };
      expect(asked(on)).toEqual([{ action: `ssm:${name}`, resource: `${ARN}/${id}`, context }]);
    }
    await on.call('ssm', 'ListAssociations');
    expect(asked(on)).toEqual([{ action: 'ssm:ListAssociations', resource: '*' }]);
  });
});

describe('AWS::SSM::Association', () => {
  const properties = {
    Name: 'AWS-RunShellScript',
    Parameters: { commands: ['true'] },
    Targets: [{ Key: 'tag:Role', Values: ['web'] }],
  };

  it('makes an association, which runs once the machines are there', async () => {
    const on = await fleetWorld();
    const { ref, attributes } = await provision(on.ssm.resources, 'AWS::SSM::Association', properties);
    expect(attributes).toEqual({ AssociationId: ref });
    await on.clock.runFor(60 * SECOND);
    expect(await executions(on, ref)).toMatchObject([{ Status: 'Success', ResourceCountByStatus: '{Success=2}' }]);
  });

  it.each([{ InstanceId: WEB }, { WaitForSuccessTimeoutSeconds: 60 }, { ScheduleOffset: 1 }])(
    'refuses %j',
    async (more) => {
      const on = await fleetWorld();
      const made = provision(on.ssm.resources, 'AWS::SSM::Association', { ...properties, ...more });
      await expect(made).rejects.toThrow(Object.keys(more)[0]);
    },
  );
});

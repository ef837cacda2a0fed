import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ask } from '../support/api.ts';
import { idleIn, isOfRollouts, refusedIn } from '../support/grants.ts';
import { guardGroups } from '../support/guard.ts';
import { createLab, type Lab } from '../support/lab.ts';
import { endOf, expectAllOn, MINUTE, roll, scene, until } from '../support/rollout-scene.ts';
import {
  amis,
  APPROVER,
  following,
  groupsOf,
  imagesOf,
  makeGroup,
  makeTemplate,
  PARAMETER,
  putAmi,
  rolloutFleet,
  setPolicy,
  startByHand,
  startByRule,
} from '../support/rollouts.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await createLab({ fleet: rolloutFleet });
  await startByHand(lab);
});
afterAll(() => lab.sandbox.close());
const guard = guardGroups(() => lab);

describe('a rollout that goes well', () => {
  it('happy: the smallest group first, then the others, each wholly on the AMI; no size changed, capacity kept', async () => {
    const names = ['happy-a', 'happy-b', 'happy-c'];
    await setPolicy(lab, {
      selector: { tags: { scenario: 'happy' } },
      waves: { canary: 1, batch: 5, bakeSeconds: 60 },
    });
    for (const [index, name] of names.entries())
      await makeGroup(lab, name, { tags: following('happy'), DesiredCapacity: 4 - index, MinSize: 1 });
    await lab.sandbox.clock.runFor(10 * MINUTE);
    await putAmi(lab, amis.good);
    const { executionArn, status, result } = await roll(lab);
    expect(status).toBe('SUCCEEDED');
    expect(result).toMatchObject({ status: 'Completed', waves: 2, counts: { planned: 3, refreshed: 3, failed: 0 } });
    expect(result.targets.map(({ name, wave }) => [name, wave])).toEqual([
      ['happy-a', 1],
      ['happy-b', 1],
      ['happy-c', 0],
    ]);
    await expectAllOn(lab, names, amis.good);
    const sizes = (await groupsOf(lab, ...names)).map(({ MinSize, MaxSize, DesiredCapacity }) => [
      MinSize,
      MaxSize,
      DesiredCapacity,
    ]);
    expect(sizes.sort()).toEqual([
      [1, 10, 2],
      [1, 10, 3],
      [1, 10, 4],
    ]);
    expect(await lab.row(executionArn)).toMatchObject({
      status: { S: 'SUCCEEDED' },
      summary: { S: expect.stringMatching(/version \d+: Completed; 3 of 3 targets are on the AMI$/) },
      resultsUri: { S: result.resultsUri },
    });
    expect(Object.values(await lab.locks())).toEqual([]);
  });

  it('nothing to do: a version that every group is on already', async () => {
    const { status, result } = await roll(lab);
    expect(status).toBe('SUCCEEDED');
    expect(result).toMatchObject({ status: 'NothingToDo', waves: 0, counts: { targets: 3, upToDate: 3 } });
  });

  it('dry run: the plan, and nothing changed', async () => {
    await putAmi(lab, amis.better);
    const { status, result } = await roll(lab, { dryRun: true });
    expect(status).toBe('SUCCEEDED');
    expect(result).toMatchObject({ status: 'Planned', waves: 2, counts: { planned: 3, untouched: 3, refreshed: 0 } });
    const asked = { parameter: PARAMETER, dry_run: true };
    const answer = await ask(lab, {
      method: 'POST',
      path: '/ami-rollouts',
      headers: { prefer: 'wait=25' },
      body: asked,
    });
    expect([answer.status, answer.json()]).toMatchObject([200, { status: 'Planned', counts: { planned: 3 } }]);
    await expectAllOn(lab, ['happy-a', 'happy-b', 'happy-c'], amis.good);
  });

  it('capacity 0: the group launches the AMI from now on', async () => {
    await scene(lab, 'empty', [], {});
    await makeGroup(lab, 'empty', { tags: following('empty'), DesiredCapacity: 0 });
    await putAmi(lab, amis.good);
    expect((await roll(lab)).result).toMatchObject({ status: 'Completed', counts: { refreshed: 1 } });
    await lab.call('autoscaling', 'SetDesiredCapacity', { AutoScalingGroupName: 'empty', DesiredCapacity: 1 });
    await lab.sandbox.clock.runFor(10 * MINUTE);
    expect(await imagesOf(lab, 'empty')).toEqual({ [amis.good]: 1 });
  });

  it('mixed instances with templates of their own for overrides: each gets a version', async () => {
    await scene(lab, 'mixed', []);
    const [base, own] = [await makeTemplate(lab, 'mixed-base'), await makeTemplate(lab, 'mixed-own')];
    await makeGroup(lab, 'mixed', {
      tags: following('mixed'),
      DesiredCapacity: 4,
      MixedInstancesPolicy: {
        LaunchTemplate: {
          LaunchTemplateSpecification: { LaunchTemplateId: base, Version: '1' },
          Overrides: [
            { InstanceType: 't3.small' },
            { InstanceType: 't3.medium', LaunchTemplateSpecification: { LaunchTemplateId: own, Version: '1' } },
          ],
        },
      },
    });
    await lab.sandbox.clock.runFor(10 * MINUTE);
    await putAmi(lab, amis.good);
    expect((await roll(lab)).result).toMatchObject({ status: 'Completed', counts: { refreshed: 1 } });
    expect(await imagesOf(lab, 'mixed')).toEqual({ [amis.good]: 4 });
  });
});

describe('what is left alone, each with its reason', () => {
  it('excluded, not tagged, launch configuration, resolve:ssm, followed unpinned, named but missing', async () => {
    await scene(lab, 'left', ['left-fine']);
    await lab.call('ssm', 'PutParameter', {
      ...{ Name: '/ami/resolved', Type: 'String', DataType: 'aws:ec2:image', Value: amis.old },
    });
    await lab.sandbox.clock.runFor(MINUTE);
    const [resolving, shared] = [
      await makeTemplate(lab, 'left-resolve', 'resolve:ssm:/ami/resolved'),
      await makeTemplate(lab, 'left-shared'),
    ];
    const numbered = (LaunchTemplateId: string, Version: string) => ({ LaunchTemplate: { LaunchTemplateId, Version } });
    await makeGroup(lab, 'left-excluded', { tags: { ...following('left'), 'fleetwright:exclude': 'true' } });
    await makeGroup(lab, 'left-untagged', { tags: { scenario: 'left' } });
    await makeGroup(lab, 'left-resolving', { tags: following('left'), ...numbered(resolving, '1') });
    await makeGroup(lab, 'left-pinned', { tags: following('left'), ...numbered(shared, '1') });
    await makeGroup(lab, 'left-latest', { tags: {}, ...numbered(shared, '$Latest') });
    await setPolicy(lab, { selector: { tags: { scenario: 'left' }, autoScalingGroups: ['left-gone'] } });
    await lab.sandbox.clock.runFor(10 * MINUTE);
    await putAmi(lab, amis.better);
    const { result } = await roll(lab);
    expect(result).toMatchObject({ status: 'Completed', counts: { refreshed: 1, skipped: 5 } });
    const reasons = Object.fromEntries(result.targets.map(({ name, reason }) => [name, reason]));
    expect(reasons).toMatchObject({
      'left-excluded': expect.stringMatching(/^TargetNotAllowed: .*fleetwright:exclude/),
      'left-untagged': expect.stringMatching(/^TargetNotAllowed: .*SSMRunAllowed=true/),
      'left-resolving': expect.stringMatching(/^TemplateNotPinned: .*resolve:ssm:/),
      'left-pinned': expect.stringMatching(/^TemplateNotPinned: .*left-latest/),
      'left-gone': 'TargetNotFound: there is no such Auto Scaling group',
    });
  });

  it('wrong architecture: refused in the plan, nothing changed', async () => {
    await scene(lab, 'arm', ['arm']);
    await putAmi(lab, amis.arm);
    const { result } = await roll(lab);
    expect(result).toMatchObject({ status: 'NothingToDo', counts: { skipped: 1 } });
    expect(result.targets[0]?.reason).toMatch(/^ImageDoesNotFit: .*arm64/);
    await expectAllOn(lab, ['arm'], amis.old);
  });
});

describe('an AMI that cannot be rolled out: refused before anything is changed', () => {
  it.each([
    ['missing', 'ami-0ffffffffffffffff', /does not exist in this region, or is not shared/],
    ['not shared', amis.foreign, /does not exist in this region, or is not shared/],
    ['failed', amis.failed, /it is failed/],
    [
      'under a key that Auto Scaling may not use',
      amis.locked,
      /neither the policy nor a grant of the key .* lets .*AWSServiceRoleForAutoScaling use it/,
    ],
    ['no AMI id', 'latest', /"latest", which is no AMI id/],
  ])('%s', async (_, value, words) => {
    await putAmi(lab, value);
    const { status, error, cause, executionArn } = await roll(lab);
    expect({ status, error }).toEqual({ status: 'FAILED', error: 'AmiNotUsable' });
    expect(cause).toMatch(words);
    expect(await lab.row(executionArn)).toMatchObject({ status: { S: 'FAILED' }, error: { S: 'AmiNotUsable' } });
    expect(Object.values(await lab.locks())).toEqual([]);
  });

  it('pending: waited for', async () => {
    const fresh = await createLab({ fleet: rolloutFleet });
    try {
      await startByHand(fresh);
      await setPolicy(fresh, {});
      await putAmi(fresh, amis.pending);
      const { executionArn = '', status } = await fresh.run('AmiRollout', { parameter: PARAMETER });
      expect(status).toBe('SUCCEEDED');
      const states = (await fresh.history(executionArn)).map(({ stateEnteredEventDetails: entered }) => entered?.name);
      expect(states).toContain('WaitForAmi');
    } finally {
      await fresh.sandbox.close();
    }
  });

  it('a parameter that nothing follows, or that does not exist', async () => {
    const unknown = await lab.run('AmiRollout', { parameter: '/ami/other' });
    expect(unknown).toMatchObject({ status: 'FAILED', error: 'InvalidRequest' });
    expect(unknown.cause).toContain('/ami/other is not followed');
  });
});

describe('a bad AMI', () => {
  it('in the canary: stops, rolls back, touches no other group; the version is held until somebody asks', async () => {
    const names = ['canary-a', 'canary-b'];
    await scene(lab, 'canary', names);
    await putAmi(lab, amis.unhealthy);
    const { status, error, cause } = await roll(lab);
    expect({ status, error }).toEqual({ status: 'FAILED', error: 'RolloutFailed' });
    expect(cause).toContain('The canary failed: canary-a');
    await expectAllOn(lab, names, amis.old);
    expect((await roll(lab)).result).toMatchObject({ status: 'Held' });
    expect((await roll(lab, { retry: true })).error).toBe('RolloutFailed');
    expect(Object.values(await lab.locks())).toEqual([]);
    expect(lab.notifications().some(({ subject }) => subject?.includes('ami-rollout failed: RolloutFailed'))).toBe(
      true,
    );
  });

  it('that never reaches Systems Manager: seen while the canary bakes, and rolled back', async () => {
    await scene(lab, 'silent', ['silent-a', 'silent-b'], { waves: { canary: 1, batch: 1, bakeSeconds: 600 } });
    await putAmi(lab, amis.silent);
    const { error, cause } = await roll(lab);
    expect(error).toBe('RolloutFailed');
    expect(cause).toMatch(/While baking: i-\w+ of silent-a is not seen by Systems Manager/);
    await expectAllOn(lab, ['silent-a', 'silent-b'], amis.old);
  });

  it('that crashes after ten minutes: all waves so far go back, by policy', async () => {
    const names = ['crash-a', 'crash-b', 'crash-c'];
    guard.dying(...names);
    await scene(lab, 'crash', names, { waves: { canary: 2, batch: 1, bakeSeconds: 1200 }, rollBack: 'all' });
    await putAmi(lab, amis.crashing);
    const { error, cause } = await roll(lab);
    expect(error).toBe('RolloutFailed');
    expect(cause).toMatch(/While baking: /);
    await expectAllOn(lab, names, amis.old);
  });
});

describe('an alarm of the policy', () => {
  const policy = { waves: { canary: 1, batch: 1, bakeSeconds: 300 }, alarms: ['checkout-5xx'], rollBack: 'all' };
  const set = (StateValue: string) =>
    lab.call('cloudwatch', 'SetAlarmState', { AlarmName: 'checkout-5xx', StateValue, StateReason: 'a test' });

  it('that fires during the second wave: no third one begins, and all go back', async () => {
    const names = ['alarm-a', 'alarm-b', 'alarm-c'];
    await scene(lab, 'alarm', names, policy);
    await putAmi(lab, amis.good);
    const execution = await lab.start('AmiRollout', { parameter: PARAMETER });
    await until(lab, async () => (await imagesOf(lab, 'alarm-b'))[amis.good] === 2);
    await set('ALARM');
    await lab.finish();
    const { error, cause } = await endOf(lab, execution);
    expect({ error, cause }).toMatchObject({
      error: 'RolloutFailed',
      cause: expect.stringContaining('the alarm checkout-5xx is in ALARM'),
    });
    await expectAllOn(lab, names, amis.old);
  });

  it('that fires before the canary: nothing is begun', async () => {
    await scene(lab, 'ringing', ['ringing'], policy);
    await putAmi(lab, amis.better);
    const { error, cause } = await roll(lab);
    expect({ error, cause }).toMatchObject({
      error: 'RolloutFailed',
      cause: expect.stringContaining('Before anything was changed'),
    });
    await expectAllOn(lab, ['ringing'], amis.old);
    await set('OK');
  });
});

describe('what comes in between', () => {
  it('superseded half-way: the older one ends after its wave, the newer one takes over all of it', async () => {
    const names = ['super-a', 'super-b', 'super-c'];
    await scene(lab, 'super', names, { waves: { canary: 1, batch: 1, bakeSeconds: 300 } });
    await putAmi(lab, amis.good);
    const older = await lab.start('AmiRollout', { parameter: PARAMETER });
    await until(lab, async () => (await imagesOf(lab, 'super-a'))[amis.good] === 2);
    await putAmi(lab, amis.better);
    const newer = await lab.start('AmiRollout', { parameter: PARAMETER });
    await lab.finish();
    expect((await endOf(lab, older)).result).toMatchObject({
      status: 'Superseded',
      counts: { refreshed: 1, untouched: 2 },
    });
    expect((await endOf(lab, newer)).result).toMatchObject({ status: 'Completed', counts: { refreshed: 3 } });
    await expectAllOn(lab, names, amis.better);
  });

  it('the parameter is deleted: no further wave begins; created again, it is rolled out', async () => {
    await scene(lab, 'deleted', ['deleted-a', 'deleted-b'], { waves: { canary: 1, batch: 1, bakeSeconds: 300 } });
    await putAmi(lab, amis.good);
    const first = await lab.start('AmiRollout', { parameter: PARAMETER });
    await until(lab, async () => (await imagesOf(lab, 'deleted-a'))[amis.good] === 2);
    await lab.call('ssm', 'DeleteParameter', { Name: PARAMETER });
    await lab.finish();
    expect((await endOf(lab, first)).error).toBe('ParameterNotFound');
    await expectAllOn(lab, ['deleted-b'], amis.old);
    await lab.call('ssm', 'PutParameter', { Name: PARAMETER, Type: 'String', Value: amis.better });
    expect((await roll(lab)).result).toMatchObject({ status: 'Completed', version: 1, counts: { refreshed: 2 } });
  });

  it('a group is deleted: the others go on', async () => {
    await scene(lab, 'gone', ['gone-a', 'gone-b', 'gone-c'], { waves: { canary: 1, batch: 5, bakeSeconds: 300 } });
    await putAmi(lab, amis.good);
    const execution = await lab.start('AmiRollout', { parameter: PARAMETER });
    await until(lab, async () => (await imagesOf(lab, 'gone-a'))[amis.good] === 2);
    await lab.call('autoscaling', 'DeleteAutoScalingGroup', { AutoScalingGroupName: 'gone-b', ForceDelete: true });
    await lab.finish();
    expect((await endOf(lab, execution)).result).toMatchObject({
      status: 'Completed',
      counts: { refreshed: 2, skipped: 1 },
    });
    await expectAllOn(lab, ['gone-c'], amis.good);
  });

  it('somebody scales while the refresh runs: the desired capacity is theirs', async () => {
    guard.resized('scaling');
    await scene(lab, 'scaling', ['scaling']);
    await putAmi(lab, amis.better);
    const execution = await lab.start('AmiRollout', { parameter: PARAMETER });
    await lab.sandbox.clock.runFor(MINUTE);
    await lab.call('autoscaling', 'SetDesiredCapacity', { AutoScalingGroupName: 'scaling', DesiredCapacity: 5 });
    await lab.finish();
    expect((await endOf(lab, execution)).result).toMatchObject({ status: 'Completed' });
    expect(await imagesOf(lab, 'scaling')).toEqual({ [amis.better]: 5 });
  });

  it('stopped: at the next safe point', async () => {
    await scene(lab, 'stopped', ['stopped-a', 'stopped-b'], { waves: { canary: 1, batch: 1, bakeSeconds: 300 } });
    await putAmi(lab, amis.good);
    const executionArn = await lab.start('AmiRollout', { parameter: PARAMETER });
    await until(lab, async () => (await imagesOf(lab, 'stopped-a'))[amis.good] === 2);
    await lab.call('dynamodb', 'UpdateItem', {
      TableName: lab.output('ResultTableName'),
      Key: { executionArn: { S: executionArn } },
      UpdateExpression: 'SET stopRequestedAt = :at',
      ExpressionAttributeValues: { ':at': { S: lab.sandbox.clock.date().toISOString() } },
    });
    await lab.finish();
    expect((await endOf(lab, executionArn)).error).toBe('StopRequested');
    await expectAllOn(lab, ['stopped-b'], amis.old);
  });
});

describe('an approval', () => {
  const tokenOf = async (executionArn: string): Promise<string | undefined> => {
    const { Item } = await lab.call<{ Item?: { token?: { S?: string } } }>('dynamodb', 'GetItem', {
      ...{ TableName: lab.output('RolloutTableName'), Key: { id: { S: `waiting#${executionArn}` } } },
    });
    return Item?.token?.S;
  };
  const waiting = async (scenario: string, value: string, policy: object = {}): Promise<string> => {
    await scene(lab, scenario, [scenario], { approval: 'required', approvalTimeoutSeconds: 3600, ...policy });
    await putAmi(lab, value);
    const execution = await lab.start('AmiRollout', { parameter: PARAMETER });
    await until(lab, async () => (await tokenOf(execution)) !== undefined);
    await expectAllOn(lab, [scenario], amis.old);
    return execution;
  };

  const approvalOf = (): string => {
    const [, id = ''] = /POST \/approvals\/([0-9a-f]{32})/.exec(lab.notifications().at(-1)?.message ?? '') ?? [];
    return id;
  };
  const decide = (decision: string, keys?: typeof APPROVER) =>
    ask(lab, { method: 'POST', path: `/approvals/${approvalOf()}`, body: { decision } }, keys);

  it('given by somebody else than who wrote the parameter: the rollout goes on', async () => {
    const execution = await waiting('given', amis.good);
    expect((await decide('approve')).status).toBe(403);
    expect((await decide('approve', APPROVER)).status).toBe(200);
    await lab.finish();
    expect((await endOf(lab, execution)).result).toMatchObject({ status: 'Completed' });
  });

  it('refused', async () => {
    const execution = await waiting('refused', amis.better);
    expect((await decide('refuse', APPROVER)).status).toBe(200);
    await lab.finish();
    expect(await endOf(lab, execution)).toMatchObject({ status: 'FAILED', error: 'ApprovalRefused' });
    await expectAllOn(lab, ['refused'], amis.old);
  });

  it('not waited for any more when somebody asks the rollout to stop', async () => {
    const execution = await waiting('stop', amis.good);
    const id = `ami-rollout.${execution.slice(execution.lastIndexOf(':') + 1)}`;
    expect((await ask(lab, { method: 'POST', path: `/executions/${id}/stop` })).status).toBe(202);
    await lab.sandbox.clock.runFor(MINUTE);
    expect(await endOf(lab, execution)).toMatchObject({ status: 'FAILED', error: 'StopRequested' });
  });

  it('not waited for where somebody had asked the rollout to stop before', async () => {
    await scene(lab, 'early', ['early'], { approval: 'required' });
    await putAmi(lab, amis.better);
    const executionArn = await lab.start('AmiRollout', { parameter: PARAMETER });
    await lab.call('dynamodb', 'UpdateItem', {
      TableName: lab.output('ResultTableName'),
      Key: { executionArn: { S: executionArn } },
      UpdateExpression: 'SET stopRequestedAt = :at',
      ExpressionAttributeValues: { ':at': { S: lab.sandbox.clock.date().toISOString() } },
    });
    await lab.sandbox.clock.runFor(MINUTE);
    expect(await endOf(lab, executionArn)).toMatchObject({ status: 'FAILED', error: 'StopRequested' });
  });

  it('expired', async () => {
    const execution = await waiting('expired', amis.good);
    await lab.finish();
    expect(await endOf(lab, execution)).toMatchObject({ status: 'FAILED', error: 'ApprovalExpired' });
    await expectAllOn(lab, ['expired'], amis.old);
  });

  it('never carried over: a newer version ends the wait at once, and asks for one of its own', async () => {
    const execution = await waiting('over', amis.better);
    await putAmi(lab, amis.good);
    const newer = await lab.start('AmiRollout', { parameter: PARAMETER });
    await lab.sandbox.clock.runFor(MINUTE);
    expect((await endOf(lab, execution)).result).toMatchObject({ status: 'Superseded' });
    await lab.finish();
    expect((await endOf(lab, newer)).error).toBe('ApprovalExpired');
  });
});

describe('a window', () => {
  it('closed: waited for, without a step while nothing happens', async () => {
    const opens = new Date(lab.sandbox.clock.now() + 5 * 3_600_000);
    const time = (at: Date) => at.toISOString().slice(11, 16);
    const window = {
      days: ['MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT', 'SUN'],
      start: time(opens),
      end: time(new Date(opens.getTime() + 3_600_000)),
    };
    await scene(lab, 'window', ['window'], { window });
    await putAmi(lab, amis.better);
    const execution = await lab.start('AmiRollout', { parameter: PARAMETER });
    await lab.sandbox.clock.runFor(4 * 3_600_000);
    await expectAllOn(lab, ['window'], amis.old);
    const events = (await lab.history(execution)).length;
    expect(events).toBeLessThan(80);
    await lab.finish();
    expect((await endOf(lab, execution)).result).toMatchObject({ status: 'Completed' });
    await expectAllOn(lab, ['window'], amis.better);
  });
});

describe('a rollback', () => {
  it('writes the value that was rolled out before as a new version, and rolls it out', async () => {
    await scene(lab, 'back', ['back-a', 'back-b']);
    await putAmi(lab, amis.good);
    expect((await roll(lab)).result).toMatchObject({ status: 'Completed' });
    const version = await putAmi(lab, amis.better);
    expect((await roll(lab)).result).toMatchObject({ status: 'Completed' });
    const { result } = await roll(lab, { rollback: true });
    expect(result).toMatchObject({ status: 'Completed', version: version + 1, imageId: amis.good });
    await expectAllOn(lab, ['back-a', 'back-b'], amis.good);
  });
});

describe('a rollback of a parameter that Parameter Store validates', () => {
  const IMAGE = { Name: PARAMETER, DataType: 'aws:ec2:image', Type: 'String' };

  it('waits until the value is taken', async () => {
    await scene(lab, 'validated', ['validated']);
    await lab.call('ssm', 'DeleteParameter', { Name: PARAMETER });
    for (const Value of [amis.good, amis.better]) {
      await lab.call('ssm', 'PutParameter', { ...IMAGE, Value, Overwrite: true });
      await lab.sandbox.clock.runFor(10 * MINUTE);
      expect((await roll(lab)).result).toMatchObject({ status: 'Completed', imageId: Value });
    }
    expect((await roll(lab, { rollback: true })).result).toMatchObject({ status: 'Completed', imageId: amis.good });
    await expectAllOn(lab, ['validated'], amis.good);
    await lab.call('ssm', 'DeleteParameter', { Name: PARAMETER });
    await lab.call('ssm', 'PutParameter', { Name: PARAMETER, Type: 'String', Value: amis.good });
  });
});

describe('the rule', () => {
  const started = async () => (await lab.executions('AmiRollout')).length;

  it('starts the rollout of each new version once, whatever comes of its event', async () => {
    await scene(lab, 'rule', ['rule-a', 'rule-b']);
    await startByRule(lab);
    const before = await started();
    lab.sandbox.faults.arm([{ event: { source: 'aws.ssm' }, action: { kind: 'duplicate', copies: 3 } }]);
    const version = await putAmi(lab, amis.better);
    await lab.finish();
    lab.sandbox.faults.arm([]);
    expect((await started()) - before).toBe(1);
    const [execution] = await lab.executions('AmiRollout');
    expect((await endOf(lab, execution?.executionArn ?? '')).result).toMatchObject({ status: 'Completed', version });
    await expectAllOn(lab, ['rule-a', 'rule-b'], amis.better);
    await startByHand(lab);
  });
});

describe('stopping at once', () => {
  it('ends a rollout wherever it is, and its lock is free', async () => {
    await scene(lab, 'forced', ['forced']);
    await putAmi(lab, amis.good);
    const executionArn = await lab.start('AmiRollout', { parameter: PARAMETER });
    await lab.sandbox.clock.runFor(MINUTE);
    const id = `ami-rollout.${executionArn.slice(executionArn.lastIndexOf(':') + 1)}`;
    expect((await ask(lab, { method: 'POST', path: `/executions/${id}/stop?force=true` })).status).toBe(202);
    await lab.finish();
    expect(await endOf(lab, executionArn)).toMatchObject({ status: 'ABORTED' });
    expect(await lab.row(executionArn)).toMatchObject({ status: { S: 'ABORTED' } });
    expect(Object.values(await lab.locks())).toEqual([]);
  });
});

describe('the roles of rollouts', () => {
  it('were refused nothing in any of these scenarios but the policy of a parameter that is not followed', () =>
    expect(refusedIn(lab)).toEqual(['GetParameter']));

  it('are granted nothing that none of them uses, but for what AWS uses on our behalf', () =>
    expect(idleIn(lab, isOfRollouts)).toEqual([]));
});

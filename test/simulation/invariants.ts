import { expect } from '@jest/globals';
import * as errors from '../../functions/lib/errors.ts';
import { RefreshAsgResult } from '../../functions/lib/schemas/refresh-asg.ts';
import { nodeIds, resultOf } from '../support/fleet-command.ts';
import { amis, groupNamed, refreshes, running } from '../support/groups.ts';
import type { Lab } from '../support/lab.ts';

/** One execution of a runbook, after everything has settled. */
export interface Run {
  readonly executionArn: string;
  readonly startedAt: Date;
  /** The file in which each machine notes every time that its command ran. */
  readonly marks: string;
  /** How many notifications came meanwhile. */
  readonly told: number;
  /** Whether a call may have come when the run had given it up: a lock is left then, which the next run takes over. */
  readonly late?: boolean;
  /** The least that was counted while it ran, where something was. */
  readonly fewest?: number | undefined;
}

/** What a runbook may fail with: an error of ours, or AWS's own for a call that was refused for good. */
const NAMED = new Set(Object.keys(errors));
const NAMED_BY_AWS = /^(Lambda|DynamoDb|S3|Sns|StepFunctions)\.\w+$|^States\.Timeout$/;
const UNFINISHED = new Set(['Pending', 'InProgress', 'Delayed', 'Cancelling']);

/** What holds however a run of `run-command` went. Commands of the simulation print `ran` once for each time they ran. */
export async function expectInvariants(lab: Lab, run: Run): Promise<void> {
  const { executionArn, startedAt } = run;
  const { status = '', cause = '', output = '' } = await lab.describe(executionArn);
  const commands = await lab.commands(startedAt);
  if (status === 'SUCCEEDED') expect(JSON.parse(output)).toMatchObject({ status: 'Success', stdout: 'ran\n' });

  expect(commands.length).toBeLessThanOrEqual(1);
  const row = await expectToldEnd(lab, run, 'run-command');
  if (row === undefined) return;

  const [invocation] = commands[0] === undefined ? [] : await lab.invocations(commands[0].CommandId);
  if (UNFINISHED.has(invocation?.Status ?? ''))
    expect(`${cause} ${row['summary']?.S ?? ''}`).toContain('may still be running');
}

/** What holds however a run of `start-association` went: it started the association once at the most. */
export async function expectAssociationInvariants(lab: Lab, run: Run): Promise<void> {
  const { status = '', input = '', output = '' } = await lab.describe(run.executionArn);
  const { associationId } = JSON.parse(input) as { associationId: string };
  const { AssociationExecutions: started = [] } = await lab.call<{ AssociationExecutions?: object[] }>(
    'ssm',
    'DescribeAssociationExecutions',
    { AssociationId: associationId },
  );
  expect(started.length).toBeLessThanOrEqual(1);
  if (status === 'SUCCEEDED') {
    expect(JSON.parse(output)).toMatchObject({
      started: true,
      status: 'Success',
      resourceCountByStatus: { Success: 1 },
    });
    expect(started).toHaveLength(1);
  }
  await expectToldEnd(lab, run, 'start-association');
}

/**
 * What holds however a run of `fleet-command` on nodes went, of which the first is excluded: no machine ran the command
 * twice, the excluded one never, and a result accounts for each machine.
 */
export async function expectFleetInvariants(lab: Lab, run: Run): Promise<void> {
  const { status = '' } = await lab.describe(run.executionArn);
  const ran = await Promise.all(nodeIds(lab).map((id) => marksOn(lab, id, run.marks)));
  expect(ran[0]).toBe(0);
  for (const times of ran) expect(times).toBeLessThanOrEqual(1);
  if (status === 'SUCCEEDED') {
    const { result, lines } = await resultOf(lab, run.executionArn);
    expect(result.counts.refused).toBe(1);
    expect(lines.length + result.counts.refused + result.counts.notCommanded).toBe(ran.length);
    const succeeded = lines.filter((line) => line.status === 'Success');
    expect(succeeded.length).toBeLessThanOrEqual(ran.reduce((sum, times) => sum + times, 0));
  }
  await expectToldEnd(lab, run, 'fleet-command');
}

async function marksOn(lab: Lab, id: string, path: string): Promise<number> {
  const { fs } = lab.sandbox.ec2.store.machine(id);
  return (await fs.exists(path)) ? (await fs.readFile(path)).trim().split('\n').length : 0;
}

/**
 * What holds however a run of `refresh-asg` went: the group has the size it had, was never short of what its preferences keep in
 * service, was refreshed once at the most, and is wholly on one AMI that works, or its end says how to repair it.
 */
export async function expectRefreshInvariants(lab: Lab, run: Run): Promise<void> {
  const { status = '', input = '', output = '', cause = '' } = await lab.describe(run.executionArn);
  const { autoScalingGroupName: name } = JSON.parse(input) as { autoScalingGroupName: string };
  const group = await groupNamed(lab, name);
  expect(group).toMatchObject({ MinSize: 0, MaxSize: 4, DesiredCapacity: 2 });
  expect(run.fewest).toBeGreaterThanOrEqual(1);
  expect((await refreshes(lab, name)).length).toBeLessThanOrEqual(1);

  const found = new Set(await running(lab, name));
  const wholly = found.size === 1 && (found.has(amis.old) || found.has(amis.good));
  const row = await expectToldEnd(lab, run, 'refresh-asg');
  const told = `${output} ${cause} ${row?.['summary']?.S ?? ''}`;
  if (!wholly) expect(told).toContain('aws autoscaling');
  if (status !== 'SUCCEEDED') return;
  const result = RefreshAsgResult.parse(JSON.parse(output));
  if (result.status === 'Refreshed') expect(found).toEqual(new Set([result.imageId]));
  if (result.status === 'RolledBack') expect(found).toEqual(new Set([amis.old]));
}

/** Its end has a name, is in its row and was told of, and its locks are free. Answers with the row where there must be one. */
export async function expectToldEnd(lab: Lab, { executionArn, told, late = false }: Run, runbook: string) {
  const { status = '', error = '', cause = '' } = await lab.describe(executionArn);
  const row = await lab.row(executionArn);
  expect(['SUCCEEDED', 'FAILED', 'ABORTED']).toContain(status);
  if (status === 'FAILED')
    expect({ error, cause, named: NAMED.has(error) || NAMED_BY_AWS.test(error) }).toMatchObject({ named: true });
  // EventBridge may not have been allowed to start complete-execution: the event waits for a person, and an alarm tells so.
  const undelivered = await lab.deadLetters();
  if (undelivered.some(({ Body = '' }) => Body.includes(executionArn))) return undefined;
  expect(row).toMatchObject({
    status: { S: status },
    finishedAt: { S: expect.any(String) },
    runbook: { S: runbook },
  });

  if (!late && !JSON.stringify(row).includes('LockNotReleased'))
    expect(Object.values(await lab.locks())).not.toContain(executionArn);

  const warned = row?.['warnings']?.L?.some(({ S = '' }) => S.startsWith('NotificationNotSent')) ?? false;
  if (status !== 'SUCCEEDED' && !warned) expect(told).toBeGreaterThanOrEqual(1);
  return row;
}

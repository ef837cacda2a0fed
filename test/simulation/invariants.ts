import { expect } from '@jest/globals';
import * as errors from '../../functions/lib/errors.ts';
import type { Lab } from '../support/lab.ts';

/** One execution of `run-command`, after everything has settled. */
export interface Run {
  readonly executionArn: string;
  readonly startedAt: Date;
  /** How many notifications came meanwhile. */
  readonly told: number;
  /** Whether a call may have come when the run had given it up: a lock is left then, which the next run takes over. */
  readonly late?: boolean;
}

/** What a runbook may fail with: an error of ours, or AWS's own for a call that was refused for good. */
const NAMED = new Set(Object.keys(errors));
const NAMED_BY_AWS = /^(Lambda|DynamoDb|S3|Sns)\.\w+$|^States\.Timeout$/;
const UNFINISHED = new Set(['Pending', 'InProgress', 'Delayed', 'Cancelling']);

/** What holds however a run of `run-command` went. Commands of the simulation print `ran` once for each time they ran. */
export async function expectInvariants(lab: Lab, { executionArn, startedAt, told, late = false }: Run): Promise<void> {
  const { status = '', error = '', cause = '', output = '' } = await lab.describe(executionArn);
  const row = await lab.row(executionArn);
  const commands = await lab.commands(startedAt);

  expect(['SUCCEEDED', 'FAILED', 'ABORTED']).toContain(status);
  if (status === 'FAILED')
    expect({ error, cause, named: NAMED.has(error) || NAMED_BY_AWS.test(error) }).toMatchObject({ named: true });
  if (status === 'SUCCEEDED') expect(JSON.parse(output)).toMatchObject({ status: 'Success', stdout: 'ran\n' });

  expect(commands.length).toBeLessThanOrEqual(1);
  // EventBridge may not have been allowed to start complete-execution: the event waits for a person, and an alarm tells so.
  const undelivered = await lab.deadLetters();
  if (undelivered.some(({ Body = '' }) => Body.includes(executionArn))) return;
  expect(row).toMatchObject({
    status: { S: status },
    finishedAt: { S: expect.any(String) },
    runbook: { S: 'run-command' },
  });

  if (!late && !JSON.stringify(row).includes('LockNotReleased'))
    expect(Object.values(await lab.locks())).not.toContain(executionArn);

  const [invocation] = commands[0] === undefined ? [] : await lab.invocations(commands[0].CommandId);
  if (UNFINISHED.has(invocation?.Status ?? ''))
    expect(`${cause} ${row?.['summary']?.S ?? ''}`).toContain('may still be running');

  const warned = row?.['warnings']?.L?.some(({ S = '' }) => S.startsWith('NotificationNotSent')) ?? false;
  if (status !== 'SUCCEEDED' && !warned) expect(told).toBeGreaterThanOrEqual(1);
}

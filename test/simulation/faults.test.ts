import { describe, expect, it } from '@jest/globals';
import * as errors from '../../functions/lib/errors.ts';
import type { JournalEntry } from '../../sandbox/core/dispatcher.ts';
import type { Fault, FaultAction } from '../../sandbox/faults/fault-plan.ts';
import { inLab, type Lab } from '../support/lab.ts';
import { machines } from '../support/fleet.ts';

const ACTIONS: readonly FaultAction[] = [
  { kind: 'throttle' },
  { kind: 'server-error' },
  { kind: 'deny' },
  { kind: 'lose-answer' },
  { kind: 'delay', seconds: 20 },
  { kind: 'delay', seconds: 100 },
  { kind: 'stop-execution' },
];

/** What a runbook may fail with: an error of ours, or AWS's own for a call that was refused for good. */
const NAMED = new Set(Object.keys(errors));
const AWS_NAMED = /^(Lambda|DynamoDb|S3|Sns)\.\w+$|^States\.Timeout$/;

interface Course {
  readonly name: string;
  readonly input: object;
  /** Stops the execution from outside after so many seconds. */
  readonly stopAfter?: number;
}

/** The command leaves a mark for each time it runs. */
const COMMANDS = ['echo ran >> /tmp/marks', 'sleep 45', 'cat /tmp/marks'];
const COURSES: readonly Course[] = [
  { name: 'a command that succeeds', input: { instanceId: machines.web, commands: COMMANDS, timeoutSeconds: 900 } },
  {
    name: 'a command past its deadline',
    input: { instanceId: machines.web, commands: [...COMMANDS, 'sleep 5000'], timeoutSeconds: 60 },
  },
  {
    name: 'a run that is stopped',
    input: { instanceId: machines.web, commands: [...COMMANDS, 'sleep 5000'] },
    stopAfter: 30,
  },
  { name: 'a refusal', input: { instanceId: machines.untagged, commands: COMMANDS } },
];

async function follow(lab: Lab, { input, stopAfter }: Course): Promise<string> {
  const executionArn = await lab.start('RunCommand', input, 'run');
  if (stopAfter !== undefined) {
    await lab.sandbox.clock.runFor(stopAfter * 1000);
    if ((await lab.describe(executionArn)).status === 'RUNNING')
      await lab.call('states', 'StopExecution', { executionArn });
  }
  await lab.settle(executionArn);
  return executionArn;
}

/** Each call that roles make on an undisturbed course, numbered per operation as a fault plan counts them. */
async function callsOf(
  course: Course,
): Promise<{ service: JournalEntry['service']; operation: string; nth: number; stoppable: boolean }[]> {
  return inLab({}, async (lab) => {
    await follow(lab, course);
    const counts = new Map<string, number>();
    return lab.sandbox.dispatcher.journal
      .filter(({ caller }) => caller.kind === 'role')
      .map(({ service, operation, executionArn }) => {
        const nth = (counts.get(`${service}:${operation}`) ?? 0) + 1;
        counts.set(`${service}:${operation}`, nth);
        return { service, operation, nth, stoppable: executionArn !== undefined };
      });
  });
}

/** What must hold however a run went. */
async function expectInvariants(lab: Lab, executionArn: string): Promise<void> {
  const { status = '', error, cause, output } = await lab.describe(executionArn);
  const row = await lab.row(executionArn);
  const commands = await lab.commands();
  const [invocation] = await lab.invocations();

  expect(['SUCCEEDED', 'FAILED', 'ABORTED']).toContain(status);
  if (status === 'FAILED')
    expect({ error, named: NAMED.has(error ?? '') || AWS_NAMED.test(error ?? '') }).toMatchObject({ named: true });

  expect(commands.length).toBeLessThanOrEqual(1);
  if (status === 'SUCCEEDED') expect(JSON.parse(output ?? '')).toMatchObject({ status: 'Success', stdout: 'ran\n' });

  expect(row).toMatchObject({ status: { S: status }, finishedAt: { S: expect.any(String) } });

  const told = `${cause ?? ''} ${row?.['summary']?.S ?? ''}`;
  const running = ['Pending', 'InProgress', 'Delayed', 'Cancelling'].includes(invocation?.Status ?? '');
  if (running) expect(told).toContain('may still be running');

  const unsent = row?.['warnings']?.L?.some(({ S }) => S?.startsWith('NotificationNotSent')) ?? false;
  if (status !== 'SUCCEEDED' && !unsent) expect(lab.notifications().length).toBeGreaterThanOrEqual(1);
}

for (const course of COURSES) {
  const calls = await callsOf(course);
  describe(`${course.name}: each of its ${calls.length} calls failed once`, () => {
    for (const { service, operation, nth, stoppable } of calls) {
      for (const action of ACTIONS) {
        if (action.kind === 'stop-execution' && !stoppable) continue;
        const fault: Fault = { service, operation, nth, action };
        const what = action.kind === 'delay' ? `delay of ${action.seconds} s` : action.kind;
        it(`${what} at ${service}:${operation} #${nth}`, () =>
          inLab({ faults: [fault] }, async (lab) => {
            const executionArn = await follow(lab, course);
            expect(lab.sandbox.faults.struck).toHaveLength(1);
            await expectInvariants(lab, executionArn);
          }));
      }
    }
  });
}

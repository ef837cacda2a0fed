import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ServiceId } from '../../sandbox/core/service.ts';
import type { Fault, FaultAction } from '../../sandbox/faults/fault-plan.ts';
import { ask, type Answer, type ApiRequest, type Keys } from '../support/api.ts';
import { machines } from '../support/fleet.ts';
import { createLab, type Lab } from '../support/lab.ts';
import { APPROVER, rolloutFleet } from '../support/rollouts.ts';
import { clearForRollout, smallRollout, smallRolloutFleet } from '../support/small-rollout.ts';

type Target = readonly [service: ServiceId, operation: string, nth: number];

/** The calls of the start function, in the order in which it makes them. */
const OF_STARTING: readonly Target[] = [
  ['dynamodb', 'PutItem', 1],
  ['states', 'StartExecution', 1],
  ['dynamodb', 'GetItem', 1],
  ['dynamodb', 'GetItem', 2],
  ['dynamodb', 'UpdateItem', 1],
];
const OF_STOPPING: readonly Target[] = [
  ['dynamodb', 'GetItem', 1],
  ['dynamodb', 'UpdateItem', 1],
  ['states', 'StopExecution', 1],
];
/** It looks the approval up, and whether the rollout waits for it; decides; looks again, and wakes. */
const OF_DECIDING: readonly Target[] = [
  ['dynamodb', 'GetItem', 1],
  ['dynamodb', 'GetItem', 2],
  ['dynamodb', 'UpdateItem', 1],
  ['dynamodb', 'GetItem', 3],
  ['states', 'SendTaskSuccess', 1],
];
const WAYS: readonly FaultAction[] = [
  { kind: 'throttle' },
  { kind: 'server-error' },
  { kind: 'lose-answer' },
  { kind: 'deny' },
  { kind: 'delay', seconds: 20 },
];
const CASES = (targets: readonly Target[]) => targets.flatMap((target) => WAYS.map((action) => ({ target, action })));

/** What a careful client does: repeats what was answered with 429 or 5xx. */
async function insist(lab: Lab, request: ApiRequest, keys?: Keys): Promise<Answer> {
  for (let attempt = 1; ; attempt++) {
    const answer = await ask(lab, request, keys);
    if ((answer.status < 500 && answer.status !== 429) || attempt === 4) return answer;
    await lab.sandbox.clock.runFor(5000);
  }
}

const startOf = (key: string): ApiRequest => ({
  method: 'POST',
  path: '/run-commands',
  headers: { 'idempotency-key': key, prefer: 'wait=20' },
  body: { instance_id: machines.web, commands: ['echo once'] },
});

const named = (targets: readonly Target[]) =>
  CASES(targets).map((each) => {
    const [service, operation, nth] = each.target;
    const fault: Fault = { service, operation, nth, action: each.action };
    return [`${each.action.kind} at ${service}:${operation} ${nth}`, fault] as const;
  });

let lab: Lab;
beforeAll(async () => {
  lab = await createLab({ fleet: { ...smallRolloutFleet, users: rolloutFleet.users } });
  // Cold starts happen here, so that calls come at the same times in every case below.
  expect((await ask(lab, startOf('cold'))).status).toBe(200);
  expect((await ask(lab, { method: 'POST', path: '/executions/run-command.none/stop' })).status).toBe(404);
  const none = { method: 'POST', path: `/approvals/${'0'.repeat(32)}`, body: { decision: 'approve' } } as const;
  expect((await ask(lab, none, APPROVER)).status).toBe(404);
  await lab.finish();
});
afterAll(() => lab.sandbox.close());

describe('a request to start that is repeated with its key starts one execution, whatever call fails', () => {
  it.each(named(OF_STARTING))('%s', async (name, fault) => {
    const start = startOf(name);
    const before = await lab.executions('RunCommand');
    const since = lab.sandbox.clock.date();
    lab.sandbox.faults.arm([fault]);
    const answer = await insist(lab, start);
    expect([200, 202]).toContain(answer.status);
    await lab.finish();
    expect(lab.sandbox.faults.struck).toEqual([fault]);
    const started = async () => (await lab.executions('RunCommand')).length - before.length;
    expect(await started()).toBe(1);
    expect(await lab.commands(since)).toHaveLength(1);
    const again = await ask(lab, start);
    expect(again.status).toBe(200);
    expect(await started()).toBe(1);
    const row = await lab.row(await newestArn());
    expect(row).toMatchObject({ status: { S: 'SUCCEEDED' }, finishedAt: expect.anything() });
    expect(row?.['requestHash']?.S).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('a request to stop that is repeated stops the execution, whatever call fails', () => {
  it.each(named(OF_STOPPING))('%s', async (_, fault) => {
    const body = { instance_id: machines.web, commands: ['sleep 5000'] };
    const since = lab.sandbox.clock.date();
    const { headers } = await ask(lab, { method: 'POST', path: '/run-commands', body });
    const path = `${String(headers['location'])}/stop`;
    await lab.sandbox.clock.runFor(60_000);
    lab.sandbox.faults.arm([fault]);
    const answer = await insist(lab, { method: 'POST', path });
    expect([200, 202]).toContain(answer.status);
    await lab.finish();
    expect(lab.sandbox.faults.struck).toEqual([fault]);
    const executionArn = await newestArn();
    expect((await lab.describe(executionArn)).status).toBe('ABORTED');
    const row = await lab.row(executionArn);
    expect(row).toMatchObject({ error: { S: 'StopRequested' }, stopRequestedBy: expect.anything() });
    expect((await lab.commands(since)).map(({ Status }) => Status)).toEqual(['Cancelled']);
  });
});

describe('a decision that is repeated wakes its rollout once, whatever call fails', () => {
  it.each(named(OF_DECIDING))('%s', async (name, fault) => {
    await clearForRollout(lab);
    const policy = { approval: 'required', approvalTimeoutSeconds: 3600 };
    const executionArn = await lab.start(
      'AmiRollout',
      await smallRollout(lab, name.replaceAll(/\W/g, '-'), { a: 0 }, policy),
    );
    await lab.sandbox.clock.runFor(60_000);
    const [, id = ''] = /POST \/approvals\/([0-9a-f]{32})/.exec(lab.notifications().at(-1)?.message ?? '') ?? [];
    const decision: ApiRequest = { method: 'POST', path: `/approvals/${id}`, body: { decision: 'approve' } };
    lab.sandbox.faults.arm([fault]);
    expect((await insist(lab, decision, APPROVER)).status).toBe(200);
    expect(lab.sandbox.faults.struck).toEqual([fault]);
    await lab.finish();
    expect(JSON.parse((await lab.describe(executionArn)).output ?? '{}')).toMatchObject({ status: 'Completed' });
    expect((await insist(lab, decision, APPROVER)).status).toBe(200);
  });
});

async function newestArn(): Promise<string> {
  const executions = await lab.executions('RunCommand');
  const started = executions.toSorted((a, b) => Number(b.startDate) - Number(a.startDate));
  return started[0]?.executionArn ?? '';
}

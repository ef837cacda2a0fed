import { describe, expect, it } from '@jest/globals';
import type { ServiceId } from '../../sandbox/core/service.ts';
import type { FaultAction } from '../../sandbox/faults/fault-plan.ts';
import { ask, type Answer, type ApiRequest } from '../support/api.ts';
import { machines } from '../support/fleet.ts';
import { inLab, type Lab } from '../support/lab.ts';

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
const WAYS: readonly FaultAction[] = [
  { kind: 'throttle' },
  { kind: 'server-error' },
  { kind: 'lose-answer' },
  { kind: 'deny' },
  { kind: 'delay', seconds: 20 },
];
const CASES = (targets: readonly Target[]) => targets.flatMap((target) => WAYS.map((action) => ({ target, action })));

/** What a careful client does: repeats what was answered with 429 or 5xx. */
async function insist(lab: Lab, request: ApiRequest): Promise<Answer> {
  for (let attempt = 1; ; attempt++) {
    const answer = await ask(lab, request);
    if ((answer.status < 500 && answer.status !== 429) || attempt === 4) return answer;
    await lab.sandbox.clock.runFor(5000);
  }
}

const START: ApiRequest = {
  method: 'POST',
  path: '/run-commands',
  headers: { 'idempotency-key': 'one', prefer: 'wait=20' },
  body: { instance_id: machines.web, commands: ['echo once'] },
};

const name = ({ target: [service, operation, nth], action }: ReturnType<typeof CASES>[number]) =>
  `${action.kind} at ${service}:${operation} ${nth}`;

describe('a request to start that is repeated with its key starts one execution, whatever call fails', () => {
  it.each(CASES(OF_STARTING).map((each) => [name(each), each] as const))('%s', (_, { target, action }) => {
    const [service, operation, nth] = target;
    return inLab({ faults: [{ service, operation, nth, action }] }, async (lab) => {
      const answer = await insist(lab, START);
      expect([200, 202]).toContain(answer.status);
      await lab.finish();
      const executions = await lab.executions('RunCommand');
      expect(executions).toHaveLength(1);
      expect(await lab.commands()).toHaveLength(1);
      expect((await ask(lab, START)).status).toBe(200);
      expect(await lab.executions('RunCommand')).toHaveLength(1);
      const row = await lab.row(executions[0]?.executionArn ?? '');
      expect(row).toMatchObject({ status: { S: 'SUCCEEDED' }, finishedAt: expect.anything() });
      expect(row?.['requestHash']?.S).toMatch(/^[0-9a-f]{64}$/);
    });
  });
});

describe('a request to stop that is repeated stops the execution, whatever call fails', () => {
  it.each(CASES(OF_STOPPING).map((each) => [name(each), each] as const))('%s', (_, { target, action }) =>
    inLab({}, async (lab) => {
      const body = { instance_id: machines.web, commands: ['sleep 5000'] };
      const { headers } = await ask(lab, { method: 'POST', path: '/run-commands', body });
      const path = `${String(headers['location'])}/stop`;
      await lab.sandbox.clock.runFor(60_000);
      const [service, operation, nth] = target;
      lab.sandbox.faults.arm([{ service, operation, nth, action }]);
      const answer = await insist(lab, { method: 'POST', path });
      expect([200, 202]).toContain(answer.status);
      await lab.finish();
      const [execution] = await lab.executions('RunCommand');
      expect(execution?.status).toBe('ABORTED');
      const row = await lab.row(execution?.executionArn ?? '');
      expect(row).toMatchObject({ error: { S: 'StopRequested' }, stopRequestedBy: expect.anything() });
      expect((await lab.commands()).map(({ Status }) => Status)).toEqual(['Cancelled']);
    }),
  );
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ReceiveMessageCommandOutput } from '@aws-sdk/client-sqs';
import { idleIn, isOfDriftChecks, refusedIn } from '../support/grants.ts';
import { guardGroups } from '../support/guard.ts';
import { createLab, type Lab } from '../support/lab.ts';
import { expectAllOn, MINUTE, roll, scene, startedBy } from '../support/rollout-scene.ts';
import { amis, PARAMETER, putAmi, rolloutFleet, startByHand, startByRule } from '../support/rollouts.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await createLab({ fleet: rolloutFleet });
  await startByHand(lab);
});
afterAll(() => lab.sandbox.close());
guardGroups(() => lab);

/** Checks once; answers with the report of the parameter. */
async function check(): Promise<unknown> {
  const { status, output = '{}' } = await lab.run('CheckDrift', {});
  expect(status).toBe('SUCCEEDED');
  const [report] = (JSON.parse(output) as { readonly parameters?: readonly unknown[] }).parameters ?? [];
  return report;
}

/** What was told of while `body` ran, but for the ends of rollouts. */
async function toldBy(body: () => Promise<unknown>): Promise<string[]> {
  const before = lab.notifications().length;
  await body();
  const notes = lab.notifications().slice(before);
  return notes.filter(({ subject = '' }) => subject.includes('drift')).map(({ message }) => message);
}

const checks = async (): Promise<number> => (await lab.executions('CheckDrift')).length;

describe('a change that was missed', () => {
  it('is repaired, and the rollout started as for its event', async () => {
    await scene(lab, 'lost', ['lost']);
    await putAmi(lab, amis.good);
    const ends = await startedBy(lab, async () =>
      expect(await check()).toMatchObject({ status: 'Drifted', repair: true }),
    );
    expect(ends).toMatchObject([{ result: { status: 'Completed', counts: { refreshed: 1 } } }]);
    await expectAllOn(lab, ['lost'], amis.good);
    expect(await startedBy(lab, async () => expect(await check()).toMatchObject({ status: 'UpToDate' }))).toEqual([]);
  });

  it('is repaired by the schedule at its next time', async () => {
    await scene(lab, 'missed', ['missed']);
    await putAmi(lab, amis.better);
    await startByRule(lab);
    const ends = await startedBy(lab, () => lab.sandbox.clock.runFor(61 * MINUTE));
    expect(ends).toMatchObject([{ result: { status: 'Completed' } }]);
    await expectAllOn(lab, ['missed'], amis.better);
    await startByHand(lab);
  });

  it('is only told of where the policy says so, once', async () => {
    await scene(lab, 'report', ['report'], { drift: 'report' });
    await putAmi(lab, amis.good);
    const told = await toldBy(async () => expect(await startedBy(lab, check)).toEqual([]));
    expect(told).toEqual([
      expect.stringContaining('No rollout of this version has begun. 1 targets are not on the AMI: report'),
    ]);
    expect(await toldBy(async () => expect(await startedBy(lab, check)).toEqual([]))).toEqual([]);
    await expectAllOn(lab, ['report'], amis.old);
  });
});

describe('a version that is not tried again by itself', () => {
  it('has failed: it is told of as held', async () => {
    await scene(lab, 'failed', ['failed']);
    await putAmi(lab, amis.unhealthy);
    expect((await roll(lab)).error).toBe('RolloutFailed');
    const told = await toldBy(async () => expect(await startedBy(lab, check)).toEqual([]));
    expect(told).toEqual([expect.stringContaining(`${PARAMETER}: Held`)]);
  });

  it('was rolled back', async () => {
    await scene(lab, 'back', ['back']);
    await putAmi(lab, amis.good);
    expect((await roll(lab)).result.status).toBe('Completed');
    await putAmi(lab, amis.better);
    expect((await roll(lab)).result.status).toBe('Completed');
    expect((await roll(lab, { rollback: true })).result.status).toBe('Completed');
    expect(await startedBy(lab, check)).toEqual([]);
    await expectAllOn(lab, ['back'], amis.good);
  });
});

describe('a parameter that cannot be rolled out', () => {
  it.each([
    ['is no AMI id', 'latest', 'latest'],
    ['is the id of no AMI', 'ami-0ffffffffffffffff', 'ami-0ffffffffffffffff'],
  ])('%s: it is told of, and nothing started', async (_what, value, said) => {
    await scene(lab, 'unusable', []);
    await putAmi(lab, value);
    const told = await toldBy(async () => expect(await startedBy(lab, check)).toEqual([]));
    expect(told).toEqual([expect.stringMatching(new RegExp(`${PARAMETER}: Unusable.*${said}`))]);
  });

  it('is deleted: it is told of, and that it needs nobody any more when it is there again', async () => {
    await lab.call('ssm', 'DeleteParameter', { Name: PARAMETER });
    const told = await toldBy(async () => expect(await startedBy(lab, check)).toEqual([]));
    expect(told).toEqual([expect.stringContaining(`${PARAMETER}: Unusable`)]);
    await lab.call('ssm', 'PutParameter', { Name: PARAMETER, Type: 'String', Value: amis.good });
    await scene(lab, 'there', []);
    expect(await toldBy(check)).toEqual([`${PARAMETER}: needs nobody any more.`]);
  });
});

describe('a check that cannot be started', () => {
  it('is kept for somebody to see', async () => {
    const before = await checks();
    lab.sandbox.faults.arm([
      { service: 'lambda', operation: 'Invoke', nth: 1, times: 100, action: { kind: 'server-error' } },
    ]);
    await startByRule(lab);
    await lab.sandbox.clock.runFor(3 * 60 * MINUTE);
    await startByHand(lab);
    lab.sandbox.faults.arm([]);
    expect(await checks()).toBe(before);
    const { Messages = [] } = await lab.call<ReceiveMessageCommandOutput>('sqs', 'ReceiveMessage', {
      ...{ QueueUrl: lab.output('CheckDriftDeadLettersUrl'), MaxNumberOfMessages: 10 },
    });
    expect(Messages.length).toBeGreaterThan(0);
  });
});

describe('the roles of drift checks', () => {
  it('were refused nothing in any of these scenarios', () => expect(refusedIn(lab)).toEqual([]));

  it('are granted nothing that none of them uses, but for what AWS uses on our behalf', () =>
    expect(idleIn(lab, isOfDriftChecks)).toEqual([]));
});

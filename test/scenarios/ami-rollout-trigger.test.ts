import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { GetParameterCommandOutput } from '@aws-sdk/client-ssm';
import { replay, type Replayed } from '../../cli/lib/replay.ts';
import { OPERATOR } from '../../sandbox/core/credentials.ts';
import { REGION } from '../../sandbox/core/world.ts';
import { guardGroups } from '../support/guard.ts';
import { createLab, type Lab } from '../support/lab.ts';
import { endOf, expectAllOn, MINUTE, scene, startedBy, until } from '../support/rollout-scene.ts';
import { amis, imagesOf, PARAMETER, putAmi, rolloutFleet, startByHand, startByRule } from '../support/rollouts.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await createLab({ fleet: rolloutFleet });
  await startByHand(lab);
});
afterAll(() => lab.sandbox.close());
guardGroups(() => lab);

describe('the rule', () => {
  it('starts the newest version once where events come in another order', async () => {
    await scene(lab, 'order', ['order-a', 'order-b']);
    await startByRule(lab);
    lab.sandbox.faults.arm([{ event: { source: 'aws.ssm' }, nth: 1, action: { kind: 'reorder' } }]);
    let version = 0;
    const ends = await startedBy(lab, async () => {
      await putAmi(lab, amis.good);
      version = await putAmi(lab, amis.better);
    });
    expect(lab.sandbox.faults.struck).toHaveLength(1);
    lab.sandbox.faults.arm([]);
    expect(ends.map(({ result }) => [result.version, result.status])).toEqual([[version, 'Completed']]);
    await expectAllOn(lab, ['order-a', 'order-b'], amis.better);
  });

  it('ends an older version between its waves where a newer one is written', async () => {
    await scene(lab, 'newer', ['newer-a', 'newer-b'], { waves: { canary: 1, batch: 1, bakeSeconds: 300 } });
    const ends = await startedBy(lab, async () => {
      await putAmi(lab, amis.good);
      await until(lab, async () => (await imagesOf(lab, 'newer-a'))[amis.good] === 2);
      await putAmi(lab, amis.better);
    });
    expect(ends.map(({ result }) => result.status)).toEqual(['Completed', 'Superseded']);
    await expectAllOn(lab, ['newer-a', 'newer-b'], amis.better);
  });

  it('starts nothing for a parameter that is deleted, and a rollout where it is created again', async () => {
    await scene(lab, 'again', ['again']);
    expect(await startedBy(lab, () => lab.call('ssm', 'DeleteParameter', { Name: PARAMETER }))).toEqual([]);
    const create = () => lab.call('ssm', 'PutParameter', { Name: PARAMETER, Type: 'String', Value: amis.good });
    const ends = await startedBy(lab, create);
    expect(ends).toMatchObject([{ result: { version: 1, status: 'Completed', counts: { refreshed: 1 } } }]);
    await expectAllOn(lab, ['again'], amis.good);
  });
});

describe('a change whose rollout could not be started', () => {
  /** What npm run replay does, over HTTP, while virtual time passes. */
  async function replayed(dryRun: boolean): Promise<Replayed & { readonly lines: readonly string[] }> {
    const { clock, endpoint } = lab.sandbox;
    const { Parameter } = await lab.call<GetParameterCommandOutput>('ssm', 'GetParameter', {
      Name: '/fleetwright/dev/replay',
    });
    const deployed = JSON.parse(Parameter?.Value ?? '') as { function: string; queues: string[] };
    const systemClockOffset = clock.now() - Date.now();
    const client = { endpoint, region: REGION, credentials: OPERATOR, systemClockOffset };
    const lines: string[] = [];
    let settled = false as boolean;
    const counts = replay(
      { sqs: new SQSClient(client), lambda: new LambdaClient(client) },
      {
        ...{ queueUrls: deployed.queues, functionName: deployed.function, dryRun },
        print: (line) => void lines.push(line),
      },
    ).finally(() => (settled = true));
    // Its calls come over HTTP, and virtual time does not know when the next one comes.
    while (!settled) {
      await clock.runFor(10);
      await setImmediate();
    }
    return { ...(await counts), lines };
  }

  it('is in a queue, and started by npm run replay', async () => {
    await scene(lab, 'replay', ['replay']);
    lab.sandbox.faults.arm([
      { service: 'states', operation: 'StartExecution', nth: 1, times: 100, action: { kind: 'deny' } },
    ]);
    expect(await startedBy(lab, () => putAmi(lab, amis.better))).toEqual([]);
    lab.sandbox.faults.arm([]);
    expect(await replayed(true)).toMatchObject({ replayed: 1, failed: 0 });
    const ends = await startedBy(lab, async () =>
      expect(await replayed(false)).toMatchObject({ replayed: 1, failed: 0 }),
    );
    expect(ends).toMatchObject([{ result: { status: 'Completed', counts: { refreshed: 1 } } }]);
    await expectAllOn(lab, ['replay'], amis.better);
    expect(await replayed(false)).toMatchObject({ replayed: 0, failed: 0 });
  });
});

describe('a window that closes', () => {
  it('lets the wave that runs come to its end, and the next one begin when it opens again', async () => {
    const time = (minutes: number) => new Date(lab.sandbox.clock.now() + minutes * MINUTE).toISOString().slice(11, 16);
    const days = ['MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT', 'SUN'];
    const waves = { canary: 1, batch: 1, bakeSeconds: 1800 };
    await scene(lab, 'closing', ['closing-a', 'closing-b'], {
      waves,
      window: { days, start: time(0), end: time(30) },
    });
    await putAmi(lab, amis.better);
    const execution = await lab.start('AmiRollout', { parameter: PARAMETER });
    await lab.sandbox.clock.runFor(6 * 60 * MINUTE);
    await expectAllOn(lab, ['closing-a'], amis.better);
    await expectAllOn(lab, ['closing-b'], amis.old);
    await lab.finish();
    expect((await endOf(lab, execution)).result).toMatchObject({ status: 'Completed', counts: { refreshed: 2 } });
    await expectAllOn(lab, ['closing-a', 'closing-b'], amis.better);
  });
});

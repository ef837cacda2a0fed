import type { CommandInvocation } from '@aws-sdk/client-ssm';
import { describe, expect, it, jest } from '@jest/globals';
import * as fc from 'fast-check';
import { type FleetWorld, quiet } from '../../fleets/demo.ts';
import { command, ids, invocations, many, sendAll, settled } from './many.ts';

interface Page {
  readonly CommandInvocations: CommandInvocation[];
  readonly NextToken?: string;
}

/** Reads a list page by page, and lets something happen after each. */
async function pages(on: FleetWorld, input: object, meanwhile: () => Promise<unknown>): Promise<CommandInvocation[][]> {
  const all: CommandInvocation[][] = [];
  let NextToken: string | undefined;
  do {
    const page = await on.call<Page>('ssm', 'ListCommandInvocations', { ...input, NextToken });
    all.push(page.CommandInvocations);
    NextToken = page.NextToken;
    if (NextToken !== undefined) await meanwhile();
  } while (NextToken !== undefined);
  return all;
}

describe('ListCommandInvocations', () => {
  it('shows each invocation once, whatever happens between two pages', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 50 }),
        fc.array(fc.integer({ min: 0, max: 30_000 }), { minLength: 60, maxLength: 60 }),
        async (MaxResults, waits) => {
          const on = await many({ count: 60, vary: [{ every: 7, agent: 'offline' }] });
          const sent = await sendAll(on, 'sleep 20', { TimeoutSeconds: 60 });
          await on.clock.runFor(2000);
          const remaining = [...waits];
          const read = await pages(on, { MaxResults, CommandId: sent.CommandId }, async () => {
            await sendAll(on, 'true'); // newer commands come first in lists without an id
            await on.clock.runFor(remaining.pop() ?? 0);
          });
          expect(read.flat().map(({ InstanceId }) => InstanceId)).toEqual(ids(on));
          expect(read.slice(0, -1).every((page) => page.length === MaxResults)).toBe(true);
        },
      ),
      { numRuns: 10 },
    );
  });

  it('skips nothing that passes a filter all the time, and repeats nothing, while others begin and cease to pass', async () => {
    const on = await many({ count: 60, vary: [{ every: 3, agent: 'dies-at-command' }] });
    const sent = await sendAll(on, 'sleep 20', { MaxConcurrency: '100%' });
    await on.clock.runFor(150_000);
    const stuck = (await invocations(on, sent)).filter(({ Status }) => Status === 'InProgress');
    const filter = { Filters: [{ key: 'Status', value: 'InProgress' }], MaxResults: 3 };
    const read = (await pages(on, filter, () => on.clock.runFor(4000))).flat().map(({ InstanceId }) => InstanceId);
    expect(new Set(read).size).toBe(read.length);
    const still = (await invocations(on, sent)).filter(({ Status }) => Status === 'InProgress');
    for (const { InstanceId } of stuck)
      if (still.some((each) => each.InstanceId === InstanceId)) expect(read).toContain(InstanceId);
  });

  it('goes on where it was in a list of all commands when newer ones have been sent', async () => {
    const on = await many({ count: 5 });
    const sent = [await sendAll(on, 'true'), await sendAll(on, 'false')];
    await quiet(on);
    const read = await pages(on, { MaxResults: 3 }, async () => {
      await sendAll(on, 'true');
      await quiet(on);
    });
    const expected = [sent[1], sent[0]].flatMap((each) => ids(on).map((id) => `${each?.CommandId ?? ''} ${id}`));
    expect(read.flat().map(({ CommandId = '', InstanceId = '' }) => `${CommandId} ${InstanceId}`)).toEqual(expected);
  });

  it('filters by instance, time, document, status and its details', async () => {
    const on = await many({ count: 3, vary: [{ every: 3, agent: 'unreachable' }] });
    const sent = await sendAll(on, 'true');
    await quiet(on);
    const [first = '', , last = ''] = ids(on);
    const found = async (input: object) => (await invocations(on, {}, input)).map(({ InstanceId }) => InstanceId);
    const by = (key: string, value: string) => ({ Filters: [{ key, value }] });
    const later = new Date((sent.RequestedDateTime?.getTime() ?? 0) + 1).toISOString();
    expect(await found({ InstanceId: first })).toEqual([first]);
    expect(await found(by('Status', 'Failed'))).toEqual([last]);
    expect(await found(by('Status', 'Undeliverable'))).toEqual([last]);
    expect(await found(by('Status', 'Terminated'))).toEqual([]);
    expect(await found(by('InvokedBefore', later))).toHaveLength(3);
    expect(await found(by('InvokedAfter', later))).toEqual([]);
    expect(await found(by('DocumentName', 'AWS-RunPowerShellScript'))).toEqual([]);
    const refused = (input: object) => on.failure('ssm', 'ListCommandInvocations', input);
    expect(await refused(by('ExecutionStage', 'Complete'))).toMatch(/^InvalidFilterKey/);
    expect(await refused(by('Status', 'Great'))).toMatch(/^InvalidFilterKey/);
    expect(await refused({ Filters: [] })).toMatch(/^ValidationException/);
    expect(await refused({ MaxResults: 51 })).toMatch(/^ValidationException/);
    expect(await refused({ NextToken: Buffer.from('ssm:x').toString('base64') })).toMatch(/^InvalidNextToken/);
  });
});

describe('ListCommands', () => {
  it('counts as it goes, and filters by stage and by the details of the status', async () => {
    const on = await many({ count: 10, vary: [{ every: 5, files: { '/etc/broken': '' } }] });
    const sent = await sendAll(on, 'sleep 30; test ! -e /etc/broken', { MaxErrors: '5' });
    await on.clock.runFor(50_000);
    expect(await command(on, sent)).toMatchObject({ TargetCount: 10, CompletedCount: 1, ErrorCount: 0 });
    const by = async (key: string, value: string) =>
      (await on.call<{ Commands: unknown[] }>('ssm', 'ListCommands', { Filters: [{ key, value }] })).Commands.length;
    expect([await by('ExecutionStage', 'Executing'), await by('ExecutionStage', 'Complete')]).toEqual([1, 0]);
    expect(await settled(on, sent)).toMatchObject({ CompletedCount: 10, ErrorCount: 2, StatusDetails: 'Incomplete' });
    expect([await by('Status', 'Incomplete'), await by('Status', 'Success')]).toEqual([1, 0]);
    const pending = { InstanceId: ids(on)[0], Filters: [{ key: 'Status', value: 'Pending' }] };
    expect(await on.failure('ssm', 'ListCommands', pending)).toMatch(/^ValidationException/);
  });
});

describe('thousands of machines', () => {
  it('take a few timers each, and one list of those that are waited for', async () => {
    const on = await many({ count: 2000, vary: [{ every: 2, agent: 'offline' }] });
    const schedule = jest.spyOn(on.clock, 'schedule');
    const sent = await sendAll(on, 'true', { MaxConcurrency: '10%', MaxErrors: '0' });
    expect(await settled(on, sent)).toMatchObject({ CompletedCount: 2000, DeliveryTimedOutCount: 1000 });
    // Sent, timed and reported for each, and a look at the waiting every 15 seconds of an hour.
    expect(schedule.mock.calls.length).toBeLessThan(2000 * 3 + 300);
  });

  it('do the same in the same order with the same seed', async () => {
    const history = async (seed: number) => {
      const on = await many({ count: 100, seed, vary: [{ every: 9, agent: 'offline' }] });
      const sent = await sendAll(on, 'sleep $((RANDOM % 20))', { TimeoutSeconds: 60, MaxErrors: '100%' });
      await settled(on, sent);
      return JSON.stringify(on.world.events);
    };
    expect(await history(3)).toBe(await history(3));
    expect(await history(3)).not.toBe(await history(4));
  });
});

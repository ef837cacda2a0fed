import { describe, expect, it } from '@jest/globals';
import { BROKEN, CHECK, each, fleetOf, nodeIds, NODES, objectsOf, runFleet } from '../support/fleet-command.ts';
import { inLab, type Lab } from '../support/lab.ts';

/** What a run costs: events, the longest of them, calls to Systems Manager. */
async function costOf(lab: Lab, executionArn: string): Promise<{ events: number; longest: number; toSsm: number }> {
  const history = await lab.history(executionArn);
  const toSsm = lab.sandbox.dispatcher.journal.filter(
    ({ service, caller }) => service === 'ssm' && caller.kind === 'role',
  );
  const longest = Math.max(...history.map((event) => JSON.stringify(event).length));
  return { events: history.length, longest, toSsm: toSsm.length };
}

describe('fleet-command on many machines', () => {
  it(
    'stays small with a thousand: few events, few calls, a small payload',
    () =>
      inLab({ fleet: fleetOf(1000, { vary: [each(100, { agent: 'offline' })] }) }, async (lab) => {
        const { result, executionArn } = await runFleet(lab, { ...NODES, commands: CHECK, maxConcurrency: '20%' });
        expect(result).toMatchObject({ status: 'Incomplete', counts: { success: 990, refused: 10 }, commands: 20 });
        const { events, longest, toSsm } = await costOf(lab, executionArn);
        expect(events).toBeLessThan(2000);
        expect(longest).toBeLessThan(64 * 1024);
        expect(toSsm).toBeLessThan(1000);
      }),
    300_000,
  );

  it('stops among ten thousand of which 3 % fail and 1 % cannot be reached, where 2 % may, and names all the others', () => {
    const vary = [each(33, BROKEN), each(100, { agent: 'unreachable' })];
    return inLab({ fleet: fleetOf(10_000, { vary }) }, async (lab) => {
      const input = { ...NODES, commands: CHECK, maxConcurrency: '10%', maxErrors: '2%' };
      const { result, lines, executionArn } = await runFleet(lab, input);
      expect(result).toMatchObject({ status: 'Stopped', targets: 10_000, stop: { reason: 'MaxErrorsExceeded' } });
      const { success, failed, undelivered, notCommanded } = result.counts;
      expect(failed).toBeGreaterThan(0);
      expect(undelivered).toBeGreaterThan(0);
      expect(success).toBeGreaterThan(0);
      expect(lines.length + notCommanded).toBe(10_000);
      const objects = await objectsOf(lab, result.resultsUri);
      const never = objects.get('not-commanded.jsonl')?.trim().split('\n') ?? [];
      const named = [...lines, ...never.map((line) => JSON.parse(line) as { instanceId: string })];
      expect(named.map(({ instanceId }) => instanceId).sort()).toEqual(nodeIds(lab));
      const { events, longest } = await costOf(lab, executionArn);
      expect(events).toBeLessThan(25_000);
      expect(longest).toBeLessThan(256 * 1024);
      expect(await lab.locks()).toEqual({});
    });
  }, 600_000);
});

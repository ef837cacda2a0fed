import { describe, expect, it } from '@jest/globals';
import type { Fault } from '../../sandbox/faults/fault-plan.ts';
import { inLab } from '../support/lab.ts';
import { machines } from '../support/fleet.ts';

/** What a run leaves behind, line by line: its history, its row, and every call with its time. */
function trace(seed: number, faults: readonly Fault[] = []): Promise<string[]> {
  return inLab({ seed, faults }, async (lab) => {
    const request = { instanceId: machines.web, commands: ['date', 'ls -la /', 'echo $RANDOM', 'mktemp', 'sleep 100'] };
    const executionArn = await lab.start('RunCommand', request);
    await lab.settle(executionArn);
    const { journal } = lab.sandbox.dispatcher;
    const left = [...(await lab.history(executionArn)), await lab.row(executionArn), ...journal];
    return left.map((line) => JSON.stringify(line));
  });
}

/** Shows the first line that differs, not all of them. */
function expectSame(first: readonly string[], second: readonly string[]): void {
  const at = first.findIndex((line, index) => line !== second[index]);
  expect({ at, line: first[at], lines: first.length }).toEqual({ at: -1, line: undefined, lines: second.length });
}

const lostAnswer: Fault = { service: 'ssm', operation: 'SendCommand', nth: 1, action: { kind: 'lose-answer' } };

describe('virtual time', () => {
  it('gives the same history for the same seed, byte for byte', async () => {
    expectSame(await trace(7), await trace(7));
  });

  it('gives the same history for the same seed and fault plan', async () => {
    expectSame(await trace(7, [lostAnswer]), await trace(7, [lostAnswer]));
  });

  it('gives other ids for another seed', async () => {
    expect(await trace(7)).not.toEqual(await trace(8));
  });
});

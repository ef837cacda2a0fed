import { describe, expect, it } from '@jest/globals';
import { inLab } from '../support/lab.ts';
import { fleetOf, runFleet } from '../support/fleet-command.ts';

describe('fleet-command', () => {
  it.each([3, 120])('happy: runs the script on %d machines and says what became of each', (count) =>
    inLab({ fleet: fleetOf(count) }, async (lab) => {
      const { result, lines } = await runFleet(lab, {
        targets: { tags: { role: 'node' } },
        commands: ['echo hello'],
        maxConcurrency: '50%',
      });
      expect(result).toMatchObject({
        status: 'Success',
        targets: count,
        counts: { success: count, refused: 0, notCommanded: 0 },
        commands: Math.ceil(count / 50),
        outputs: [{ status: 'Success', exitCode: 0, machines: count, output: 'hello\n' }],
      });
      expect(lines).toHaveLength(count);
      expect(await lab.locks()).toEqual({});
    }),
  );
});

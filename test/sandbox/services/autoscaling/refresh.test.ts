import { describe, expect, it } from '@jest/globals';
import { GOOD, GROUP, groupWorld, sampledUntilEnd } from './support.ts';

describe('an instance refresh', () => {
  it('replaces the instances batch by batch, then the group takes the version over', async () => {
    const on = await groupWorld();
    await on.group(10);
    await on.start('2', { MinHealthyPercentage: 80 });
    const capacity = await sampledUntilEnd(on, () => on.autoscaling.inService(GROUP));
    expect(Math.min(...capacity)).toBe(8);
    expect(Math.max(...capacity)).toBe(10);
    expect(await on.refresh()).toMatchObject({ Status: 'Successful', PercentageComplete: 100, InstancesToUpdate: 0 });
    expect(await on.images()).toEqual({ [GOOD]: 10 });
    expect(await on.describe()).toMatchObject({ LaunchTemplate: { Version: '2' }, DesiredCapacity: 10 });
    expect(on.refreshEvents()).toEqual(['Started', 'Succeeded']);
  });
});

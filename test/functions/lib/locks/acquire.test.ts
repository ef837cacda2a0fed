import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { acquireAll } from '../../../../functions/lib/locks/acquire.ts';
import type { Holder, Lock } from '../../../../functions/lib/locks/lock-table.ts';
import { MemoryTable } from './table.ts';

const NOW = '2026-01-05T09:00:00.000Z';
const holder = (name: string, redriveCount = 0): Holder => ({ executionArn: name, redriveCount, runbook: 'test' });
const alive = { isAlive: () => Promise.resolve(true), now: NOW };
const dead = { isAlive: () => Promise.resolve(false), now: NOW };
const holders = ({ locks }: MemoryTable) =>
  Object.fromEntries([...locks].map(([key, lock]) => [key, lock.executionArn]));

describe('a lock', () => {
  it('is taken all or none, and what was taken is given back', async () => {
    const table = new MemoryTable();
    await acquireAll(table, ['b'], { ...alive, holder: holder('one') });
    const inTheWay = await acquireAll(table, ['c', 'b', 'a'], { ...alive, holder: holder('two') });
    expect(inTheWay).toMatchObject({ target: 'b', executionArn: 'one' });
    expect(holders(table)).toEqual({ b: 'one' });
    expect(await acquireAll(table, ['c', 'a'], { ...alive, holder: holder('two') })).toBeUndefined();
    expect(holders(table)).toEqual({ a: 'two', b: 'one', c: 'two' });
  });

  it('is taken in sorted order', async () => {
    const table = new MemoryTable();
    await acquireAll(table, ['c', 'a', 'b'], { ...alive, holder: holder('one') });
    expect([...table.locks.keys()]).toEqual(['a', 'b', 'c']);
  });

  it('is taken again by who has it, and of an earlier redrive of the same execution without asking', async () => {
    const table = new MemoryTable();
    const own = { ...alive, isAlive: () => Promise.reject(new Error('asked')) };
    await acquireAll(table, ['a'], { ...own, holder: holder('one') });
    expect(await acquireAll(table, ['a'], { ...own, holder: holder('one') })).toBeUndefined();
    expect(await acquireAll(table, ['a'], { ...own, holder: holder('one', 1) })).toBeUndefined();
    expect(table.locks.get('a')).toMatchObject({ redriveCount: 1 });
  });

  it('is not taken of a later redrive of the same execution, and not given back for it', async () => {
    const table = new MemoryTable();
    await acquireAll(table, ['a'], { ...alive, holder: holder('one', 2) });
    expect(await acquireAll(table, ['a'], { ...dead, holder: holder('one', 1) })).toMatchObject({ redriveCount: 2 });
    await table.give('a', holder('one', 1));
    expect(table.locks.get('a')).toMatchObject({ redriveCount: 2 });
  });

  it('is taken over from a holder that no longer runs, unless somebody else was faster', async () => {
    const table = new MemoryTable();
    await acquireAll(table, ['a'], { ...alive, holder: holder('dead') });
    const faster = async (lock: Lock): Promise<boolean> => {
      if (lock.executionArn !== 'dead') return true;
      await acquireAll(table, ['a'], { ...dead, holder: holder('faster') });
      return false;
    };
    const inTheWay = await acquireAll(table, ['a'], { now: NOW, isAlive: faster, holder: holder('slower') });
    expect(inTheWay).toMatchObject({ executionArn: 'faster' });
    expect(await acquireAll(table, ['a'], { ...dead, holder: holder('last') })).toBeUndefined();
    expect(holders(table)).toEqual({ a: 'last' });
  });

  it('that keeps changing hands is an error, not a lock', async () => {
    const table = new MemoryTable();
    await acquireAll(table, ['a'], { ...alive, holder: holder('0') });
    const restless = async ({ executionArn }: Lock): Promise<boolean> => {
      await acquireAll(table, ['a'], { ...dead, holder: holder(String(Number(executionArn) + 1)) });
      return false;
    };
    await expect(acquireAll(table, ['a'], { now: NOW, isAlive: restless, holder: holder('x') })).rejects.toThrow(
      'changed hands 3 times',
    );
  });
});

describe('locks, however their holders interleave', () => {
  const TARGETS = ['a', 'b', 'c', 'd'];
  /** One execution: what it locks, and whether it dies with its locks or gives them back. */
  const Run = fc.record({
    targets: fc.uniqueArray(fc.constantFrom(...TARGETS), { minLength: 1 }),
    dies: fc.boolean(),
    works: fc.nat(3),
  });

  it('have one live holder at the most, come free of the dead, and change for none but their holders', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(Run, { minLength: 2, maxLength: 6 }), fc.scheduler(), async (runs, scheduler) => {
        const turn = () => scheduler.schedule(Promise.resolve());
        const table = new MemoryTable(turn);
        const living = new Set(runs.map((_, index) => String(index)));
        const working = new Map<string, string>();
        const isAlive = async ({ executionArn }: Lock): Promise<boolean> => {
          await turn();
          return living.has(executionArn);
        };
        const run = async ({ targets, dies, works }: (typeof runs)[number], index: number): Promise<void> => {
          const me = holder(String(index));
          const inTheWay = await acquireAll(table, targets, { now: NOW, isAlive, holder: me }).catch(() => 'restless');
          if (inTheWay !== undefined) return void living.delete(me.executionArn);
          for (const target of targets) {
            expect(working.get(target)).toBeUndefined();
            working.set(target, me.executionArn);
          }
          for (let step = 0; step < works; step++) {
            await turn();
            for (const target of targets) expect(table.locks.get(target)?.executionArn).toBe(me.executionArn);
            // Who does not hold a lock gives it back in vain.
            for (const target of TARGETS) await table.give(target, holder('nobody'));
          }
          for (const target of targets) working.delete(target);
          living.delete(me.executionArn);
          if (!dies) for (const target of targets) await table.give(target, me);
        };
        await scheduler.waitFor(Promise.all(runs.map(run)));
        const last = acquireAll(table, TARGETS, { now: NOW, isAlive, holder: holder('last') });
        expect(await scheduler.waitFor(last)).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });
});

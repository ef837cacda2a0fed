import { beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { VirtualClock } from '../../../sandbox/clock/virtual-clock.ts';

const START = Date.UTC(2026, 0, 1);
const never = () => false;

let clock: VirtualClock;
let seen: string[];
beforeEach(() => {
  clock = new VirtualClock(START);
  seen = [];
});

const note = (what: string) => seen.push(`${clock.now() - START} ${what}`);
/** Something that takes real time outside of the clock's knowledge, such as a worker thread. */
const elsewhere = () => new Promise<void>((resolve) => setImmediate(() => setImmediate(() => setImmediate(resolve))));

describe('timers', () => {
  it('fire in order of time, then of scheduling, each at its own time', async () => {
    clock.schedule(START + 20, () => void note('c'));
    clock.schedule(START + 10, () => void note('a'));
    clock.schedule(START + 10, () => void note('b'));
    clock.schedule(START - 99, () => void note('past'));
    expect(await clock.runUntil(never)).toBe(false);
    expect(seen).toEqual(['0 past', '10 a', '10 b', '20 c']);
    expect(clock.date()).toEqual(new Date(START + 20));
  });

  it('can be cancelled, also by one that fires before', async () => {
    const cancel = clock.schedule(START + 20, () => void note('cancelled'));
    clock.schedule(START + 10, cancel);
    await clock.runUntil(never);
    expect(seen).toEqual([]);
    expect(clock.now()).toBe(START + 10);
  });

  it('are awaited before time moves on', async () => {
    clock.schedule(START + 10, async () => {
      note('begins');
      await elsewhere();
      note('ends');
    });
    clock.schedule(START + 11, () => void note('next'));
    await clock.runUntil(never);
    expect(seen).toEqual(['10 begins', '10 ends', '11 next']);
  });

  it('end the run when they fail', async () => {
    clock.schedule(START + 10, () => {
      throw new Error('of a timer');
    });
    clock.schedule(START + 20, () => void note('never'));
    await expect(clock.runUntil(never)).rejects.toThrow('of a timer');
    expect(seen).toEqual([]);
  });
});

describe('running', () => {
  it('stops when it is done, and goes on from there', async () => {
    for (const at of [1, 2, 3]) clock.schedule(START + at, () => void note('tick'));
    expect(await clock.runUntil(() => seen.length === 2)).toBe(true);
    expect(clock.now()).toBe(START + 2);
    expect(await clock.runUntil(() => seen.length === 3)).toBe(true);
  });

  it('stops at the deadline, and never goes back', async () => {
    clock.schedule(START + 100, () => void note('later'));
    expect(await clock.runUntil(never, START + 50)).toBe(false);
    expect(clock.now()).toBe(START + 50);
    expect(await clock.runUntil(never, START + 10)).toBe(false);
    expect(clock.now()).toBe(START + 50);
    await clock.runFor(50);
    expect(seen).toEqual(['100 later']);
  });

  it('moves on by so much even when there is nothing to do', async () => {
    await clock.runFor(1234);
    expect(clock.now()).toBe(START + 1234);
  });
});

describe('work', () => {
  it('holds time while it is in flight, and not while it sleeps', async () => {
    clock.schedule(START + 5, () => void note('timer'));
    const work = clock.during(async () => {
      await elsewhere();
      note('worked');
      await clock.sleep(10);
      note('slept');
      await elsewhere();
      note('worked again');
    });
    clock.schedule(START + 11, () => void note('next'));
    await clock.runUntil(never);
    await work;
    expect(seen).toEqual(['0 worked', '5 timer', '10 slept', '10 worked again', '11 next']);
  });

  it('that waits for a child which sleeps does not hold time, unless another child works', async () => {
    const work = clock.during(async () => {
      await Promise.all([
        clock.during(async () => {
          await clock.sleep(10);
          note('slept');
        }),
        clock.during(async () => {
          await elsewhere();
          note('worked');
        }),
      ]);
      note('both');
    });
    await clock.runUntil(never);
    await work;
    expect(seen).toEqual(['0 worked', '10 slept', '10 both']);
  });

  it('that came by another way is part of the work that it is said to be part of', async () => {
    const requests: (() => Promise<void>)[] = [];
    const work = clock.during(async () => {
      const scope = clock.scope();
      // As over a socket: the handler runs in no context of ours, while the caller awaits its answer.
      await new Promise<void>((resolve) => {
        requests.push(() => clock.during(() => clock.sleep(60_000), scope).then(resolve));
      });
      note('answered');
    });
    const handled = requests[0]?.();
    await clock.runUntil(never);
    await Promise.all([work, handled]);
    expect(seen).toEqual(['60000 answered']);
  });

  it('of its own is not part of the one that starts it', async () => {
    const work = clock.during(async () => {
      clock.spawn(async () => {
        await clock.sleep(10);
        note('spawned');
      });
      await elsewhere();
      note('done');
    });
    await clock.runUntil(never);
    await work;
    expect(seen).toEqual(['0 done', '10 spawned']);
  });

  it('of its own ends the run when it fails', async () => {
    clock.spawn(async () => {
      await clock.sleep(10);
      throw new Error('of its own');
    });
    clock.schedule(START + 11, () => void note('never'));
    await expect(clock.runUntil(never)).rejects.toThrow('of its own');
    expect(seen).toEqual([]);
  });

  it('gives its failure to who awaits it, and holds time no longer', async () => {
    const work = clock.during(async () => {
      await elsewhere();
      throw new Error('mine');
    });
    clock.schedule(START + 1, () => void note('on'));
    await expect(work).rejects.toThrow('mine');
    await clock.runUntil(never);
    expect(seen).toEqual(['1 on']);
  });

  it('does not hold time while it awaits what others bring about', async () => {
    const { promise: word, resolve: tell } = Promise.withResolvers<string>();
    const work = clock.during(async () => note(await clock.outside(word)));
    clock.schedule(START + 30, () => tell('told'));
    await clock.runUntil(never);
    await work;
    expect(seen).toEqual(['30 told']);
  });

  it('knows its scope, and outside of work there is none', async () => {
    expect(clock.scope()).toBeUndefined();
    await clock.during(async () => {
      const outer = clock.scope();
      await clock.during(async () => {
        expect(clock.scope()?.parent).toBe(outer);
      });
      expect(clock.scope()).toBe(outer);
    });
  });
});

describe('sleep', () => {
  it('ends early with the reason of its signal, and its timer is gone', async () => {
    const controller = new AbortController();
    const work = clock.during(async () => {
      await clock.sleep(3_600_000, controller.signal).catch((error: unknown) => note(String(error)));
    });
    clock.schedule(START + 5, () => controller.abort(new Error('enough')));
    await clock.runUntil(never);
    await work;
    expect(seen).toEqual(['5 Error: enough']);
    expect(clock.now()).toBe(START + 5);
  });

  it('does not begin when its signal is aborted, and names a reason that is no error', async () => {
    await expect(clock.sleep(10, AbortSignal.abort(new Error('before')))).rejects.toThrow('before');
    await expect(clock.sleep(10, AbortSignal.abort('text'))).rejects.toThrow('sleep aborted');
    expect(await clock.runUntil(never)).toBe(false);
    expect(clock.now()).toBe(START);
  });
});

interface Plan {
  readonly sleep: number;
  readonly computes: boolean;
  readonly children: readonly Plan[];
}

const plan = fc.letrec<{ plan: Plan; leaf: Plan }>((tie) => ({
  leaf: fc.record({ sleep: fc.nat(1000), computes: fc.boolean(), children: fc.constant([]) }),
  plan: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'plan' },
    tie('leaf'),
    fc.record({
      sleep: fc.nat(1000),
      computes: fc.boolean(),
      children: fc.array(tie('plan'), { maxLength: 3, depthIdentifier: 'plan' }),
    }),
  ),
})).plan;

/** Work as planned: compute, sleep, then all children at once, each as work of its own. */
async function perform(on: VirtualClock, { sleep, computes, children }: Plan): Promise<number> {
  return on.during(async () => {
    if (computes) await elsewhere();
    await on.sleep(sleep);
    await Promise.all(children.map((child) => perform(on, child)));
    return on.now();
  });
}

const lasts = ({ sleep, children }: Plan): number => sleep + Math.max(0, ...children.map(lasts));

it('any tree of work ends when its longest branch has slept, however long it computes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(plan, { minLength: 1, maxLength: 3 }), async (plans) => {
      const own = new VirtualClock(START);
      const ends: number[] = [];
      for (const [index, one] of plans.entries()) own.spawn(async () => void (ends[index] = await perform(own, one)));
      await own.runUntil(never);
      expect(ends).toEqual(plans.map((one) => START + lasts(one)));
      expect(own.now()).toBe(START + Math.max(...plans.map(lasts)));
    }),
    { numRuns: 50 },
  );
});

describe('what recurs', () => {
  it('comes when its time has come, and is nothing to wait for', async () => {
    const own = new VirtualClock(START);
    const seen: number[] = [];
    const again = (): void => {
      own.recur(own.now() + 1000, () => {
        seen.push(own.now() - START);
        again();
      });
    };
    again();
    own.schedule(START + 2500, () => own.sleep(1000));
    const cancel = own.schedule(START + 60_000, () => undefined);
    cancel();
    await own.runUntilQuiet(START + 100_000);
    expect([own.now() - START, seen]).toEqual([3500, [1000, 2000, 3000]]);
    await own.runFor(1000);
    expect(seen).toHaveLength(4);
  });

  it('is cut off at a limit like everything else', async () => {
    const own = new VirtualClock(START);
    own.schedule(START + 60_000, () => undefined);
    await own.runUntilQuiet(START + 10_000);
    expect(own.now()).toBe(START + 10_000);
  });
});

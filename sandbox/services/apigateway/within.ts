import type { Clock } from '../../clock/clock.ts';

export const TIMED_OUT = Symbol('timed out');

/** Awaits work for so many milliseconds and no longer. The work is a piece of its own, and goes on by itself. */
export function within<T>(clock: Clock, milliseconds: number, work: () => Promise<T>): Promise<T | typeof TIMED_OUT> {
  const settled = new Promise<T | typeof TIMED_OUT>((resolve, reject) => {
    let late = false;
    const cancel = clock.schedule(clock.now() + milliseconds, () => {
      late = true;
      resolve(TIMED_OUT);
    });
    clock.spawn(async () => {
      try {
        resolve(await work());
      } catch (error) {
        if (late) throw error; // nobody waits for it any more: it must surface as spawned work does
        reject(error instanceof Error ? error : new Error(String(error)));
      } finally {
        cancel();
      }
    });
  });
  return clock.outside(settled);
}

import type { Worker } from 'node:worker_threads';

const CHECK_EVERY = 1_000;

/**
 * Calls `spun` once a thread has done nothing but compute for so many milliseconds of real time. Virtual time stands still
 * while a thread runs, so one that never yields would stop the world. Returns what calls it off.
 */
export function watchForSpinning(worker: Worker, milliseconds: number, spun: () => void): () => void {
  let last = worker.performance.eventLoopUtilization();
  let busy = 0;
  const check = (): void => {
    const current = worker.performance.eventLoopUtilization();
    const { utilization } = worker.performance.eventLoopUtilization(current, last);
    last = current;
    busy = utilization > 0.99 ? busy + interval : 0;
    if (busy < milliseconds) return;
    clearInterval(timer);
    spun();
  };
  const interval = Math.min(CHECK_EVERY, milliseconds);
  const timer = setInterval(check, interval).unref();
  return () => clearInterval(timer);
}

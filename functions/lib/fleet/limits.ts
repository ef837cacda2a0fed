/** A number, or a percentage of `machines`, rounded down. */
const absolute = (limit: number | string, machines: number): number =>
  typeof limit === 'number' ? limit : Math.floor((Number(limit.slice(0, -1)) * machines) / 100);

interface Requested {
  readonly maxConcurrency: number | string;
  readonly maxErrors: number | string;
  readonly canary?: number | string | undefined;
}

/** What a request's limits come to for so many machines: one at a time at least, and a canary of one at least if any. */
export function limitsFor({ maxConcurrency, maxErrors, canary }: Requested, machines: number) {
  return {
    maxConcurrency: Math.max(1, absolute(maxConcurrency, machines)),
    maxErrors: absolute(maxErrors, machines),
    canary: canary === undefined ? 0 : Math.min(machines, Math.max(1, absolute(canary, machines))),
  };
}

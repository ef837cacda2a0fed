import * as crypto from 'node:crypto';
import * as http from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import { Random } from '../../core/random.ts';

const mutable = <T extends object>(namespace: T): T => (namespace as T & { default: T }).default;

function installDate(now: () => number): void {
  const RealDate = Date;
  RealDate.now = now;
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget) as Date,
    apply: () => new RealDate(now()).toString(),
  });
}

/** Everything that tells how long something took; starts at 0 when the worker does. */
function installStopwatches(now: () => number): void {
  const start = now();
  const elapsed = (): number => now() - start;
  const nanoseconds = (): bigint => BigInt(Math.round(elapsed() * 1e6));
  Object.defineProperty(performance, 'now', { value: elapsed, configurable: true });
  Object.defineProperty(performance, 'timeOrigin', { value: start, configurable: true });
  const hrtime = (since: readonly [number, number] = [0, 0]): [number, number] => {
    const difference = nanoseconds() - (BigInt(since[0]) * 1_000_000_000n + BigInt(since[1]));
    return [Number(difference / 1_000_000_000n), Number(difference % 1_000_000_000n)];
  };
  process.hrtime = Object.assign(hrtime, { bigint: nanoseconds });
  process.uptime = () => elapsed() / 1000;
}

/** Fills any view of bytes from the seeded source. */
function fill<T extends ArrayBufferView>(random: () => Random, view: T): T {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  bytes.forEach((_, index) => (bytes[index] = random().below(256)));
  return view;
}

function installRandomness(random: () => Random): void {
  Math.random = () => random().next();
  const randomUUID = () => random().uuid();
  const getRandomValues = <T extends ArrayBufferView>(view: T): T => fill(random, view);
  const randomBytes = (size: number, callback?: (error: null, bytes: Buffer) => void): Buffer | undefined => {
    const bytes = fill(random, Buffer.alloc(size));
    if (callback === undefined) return bytes;
    setImmediate(() => callback(null, bytes));
  };
  const randomInt = (...bounds: number[]): number => {
    const [from = 0, to = 0] = bounds.length > 1 ? bounds : [0, ...bounds];
    return from + random().below(to - from);
  };
  // node:crypto hands out the global object's getRandomValues by itself.
  Object.assign(mutable(crypto), { randomUUID, randomBytes, randomInt });
  for (const [name, value] of Object.entries({ randomUUID, getRandomValues }))
    Object.defineProperty(globalThis.crypto, name, { value, configurable: true });
}

/** One request at a time, each on a connection of its own: what arrives first must not depend on the machine. */
function installOneRequestAtATime(): void {
  const agent = new http.Agent({ keepAlive: false, maxSockets: 1, maxTotalSockets: 1 });
  const request = http.request;
  const through = (...args: unknown[]): http.ClientRequest => {
    const index = args.findIndex((arg) => typeof arg === 'object' && !(arg instanceof URL));
    if (index >= 0) args[index] = { ...(args[index] as object), agent };
    else args.splice(1, 0, { agent });
    return (request as (...args: unknown[]) => http.ClientRequest)(...args);
  };
  const get = (...args: unknown[]): http.ClientRequest => {
    const started = through(...args);
    started.end();
    return started;
  };
  Object.assign(mutable(http), { request: through, get });
}

/** Replaces what would let the machine show through: time, randomness, the order of requests. Before the code loads. */
export function installVirtualWorld(now: () => number, random: () => Random): void {
  installDate(now);
  installStopwatches(now);
  installRandomness(random);
  installOneRequestAtATime();
  syncBuiltinESMExports();
}

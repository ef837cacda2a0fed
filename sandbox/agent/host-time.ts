import { AsyncLocalStorage } from 'node:async_hooks';

/** What a shell takes for the time and for chance. */
export interface ShellWorld {
  now(): number;
  /** At least 0, below 1. */
  random(): number;
}

const shell = new AsyncLocalStorage<ShellWorld>();
const HostDate = globalThis.Date;
const hostRandom = Math.random.bind(Math);

/** Asked outside the shell's context: the clock itself may read the host's. */
const now = (): number => {
  const world = shell.getStore();
  return world === undefined ? HostDate.now() : shell.exit(() => world.now());
};

const random = (): number => {
  const world = shell.getStore();
  return world === undefined ? hostRandom() : world.random();
};

/**
 * just-bash reads Date and Math.random all over (date, find -mtime, touch, $RANDOM, awk) and offers no way to hand it
 * others. Both are replaced once, and answer as before everywhere but inside `inShell`.
 */
function install(): void {
  globalThis.Date = new Proxy(HostDate, {
    construct: (target, args: unknown[], newTarget) =>
      Reflect.construct(
        target,
        args.length === 0 && shell.getStore() !== undefined ? [now()] : args,
        newTarget,
      ) as Date,
    apply: (target, _self, args: []) =>
      shell.getStore() === undefined ? target(...args) : new HostDate(now()).toString(),
    get: (target, key, receiver): unknown => (key === 'now' ? now : Reflect.get(target, key, receiver)),
  });
  Math.random = random;
}

install();

/** Runs a shell in the time and chance of its machine. */
export const inShell = <T>(world: ShellWorld, run: () => Promise<T>): Promise<T> => shell.run(world, run);

import { tooManyRequests } from './errors.ts';
import type { FunctionVersion } from './functions.ts';

const ACCOUNT_LIMIT = 1000;

/** Counts what runs against the reserved concurrency of functions and the account's. See "Understanding concurrency". */
export class Concurrency {
  readonly #running = new Map<string, number>();
  readonly #reserved = new Map<string, number>();

  reserve(name: string, executions: number): void {
    this.#reserved.set(name, executions);
  }

  /** Throws TooManyRequestsException when no more may run. */
  async within<T>({ name }: FunctionVersion, work: () => Promise<T>): Promise<T> {
    this.#admit(name);
    this.#running.set(name, this.#of(name) + 1);
    try {
      return await work();
    } finally {
      this.#running.set(name, this.#of(name) - 1);
    }
  }

  #of(name: string): number {
    return this.#running.get(name) ?? 0;
  }

  #admit(name: string): void {
    const reserved = this.#reserved.get(name);
    if (reserved !== undefined) {
      if (this.#of(name) >= reserved) throw tooManyRequests('ReservedFunctionConcurrentInvocationLimitExceeded');
      return;
    }
    const set = [...this.#reserved.values()].reduce((sum, executions) => sum + executions, 0);
    const shared = [...this.#running]
      .filter(([each]) => !this.#reserved.has(each))
      .reduce((sum, [, count]) => sum + count, 0);
    if (shared >= ACCOUNT_LIMIT - set) throw tooManyRequests('ConcurrentInvocationLimitExceeded');
  }
}

/** One promise, proven or not. */
export type Check = (name: string, prove: () => Promise<void> | void) => Promise<void>;

/** Prints a line per check, counts them, and goes on after a failure: one run tells all there is to tell. */
export class Checks {
  #passed = 0;
  #failed = 0;

  /** The checks of one suite; every line begins with the suite's name, because suites run at the same time. */
  suite(name: string): Check {
    return async (what, prove) => {
      try {
        await prove();
        this.#passed += 1;
        process.stdout.write(`ok     ${name}: ${what}\n`);
      } catch (error) {
        this.#failed += 1;
        const reason = error instanceof Error ? error.message : String(error);
        process.stdout.write(`FAILED ${name}: ${what}\n${reason.replaceAll(/^/gm, '         ')}\n`);
      }
    };
  }

  /** True where nothing failed. */
  summarize(): boolean {
    process.stdout.write(`\n${this.#passed} passed, ${this.#failed} failed\n`);
    return this.#failed === 0;
  }
}

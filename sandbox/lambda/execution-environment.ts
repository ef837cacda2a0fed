import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { buildSync } from 'esbuild';
import { watchForSpinning } from '../clock/watchdog.ts';
import type { Boot, FromRuntime, FunctionError, InvokeMessage, ToRuntime } from './runtime/messages.ts';

/** How a phase (initialisation, or one invocation) ended. `gone`: the thread ended by itself, with its exit code. */
export type Outcome =
  | { readonly kind: 'ready' }
  | { readonly kind: 'answer'; readonly payload: string }
  | { readonly kind: 'failure'; readonly error: FunctionError; readonly fatal: boolean }
  | { readonly kind: 'gone'; readonly exitCode: number; readonly reason?: string };

/** What the service does for a runtime while a phase goes on. */
export interface Attendant {
  log(events: readonly string[]): void;
  /** Lets virtual time pass until then. */
  sleep(until: number): Promise<void>;
  /** The thread computes without end. */
  spun(): void;
}

interface Start {
  readonly boot: Boot;
  readonly env: Readonly<Record<string, string>>;
  readonly memorySize: number;
  /** Real milliseconds of computing after which a thread counts as spinning, in virtual time. */
  readonly spinLimit: number;
}

let bundled: string | undefined;

/** The runtime as one script: a thread that strips types by itself starts twice as slowly. */
function runtimeScript(): string {
  const entry = fileURLToPath(new URL('./runtime/bootstrap.ts', import.meta.url));
  bundled ??= buildSync({
    entryPoints: [entry],
    bundle: true,
    platform: 'node',
    format: 'iife',
    target: 'node22',
    write: false,
  }).outputFiles[0]?.text;
  if (bundled === undefined) throw new Error(`esbuild gave nothing for ${entry}`);
  return bundled;
}

/** One thread that runs the code of one function, one invocation at a time; Lambda's "execution environment". */
export class ExecutionEnvironment {
  readonly #worker: Worker;
  readonly #start: Start;
  readonly #received: (FromRuntime | Outcome)[] = [];
  #notify: (() => void) | undefined;
  #broken = false;
  #busy = true;

  constructor(start: Start) {
    this.#start = start;
    this.#worker = new Worker(runtimeScript(), {
      eval: true,
      workerData: start.boot,
      env: start.env,
      argv: [],
      execArgv: [],
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: start.memorySize },
    });
    this.#worker.on('message', (message: FromRuntime) => this.#receive(message));
    this.#worker.on('error', (error) => this.#receive({ kind: 'gone', exitCode: 1, reason: String(error) }));
    this.#worker.on('exit', (exitCode) => this.#receive({ kind: 'gone', exitCode }));
  }

  /** Whether it cannot take another invocation. */
  get broken(): boolean {
    return this.#broken;
  }

  /** Resolves when the code has been loaded. Awaited once, before the first invocation. */
  initialized(attendant: Attendant): Promise<Outcome> {
    return this.#phase(attendant);
  }

  /** Runs one invocation. */
  invoke(message: InvokeMessage, attendant: Attendant): Promise<Outcome> {
    this.#busy = true;
    this.#worker.ref();
    this.#post(message);
    return this.#phase(attendant);
  }

  async stop(): Promise<void> {
    this.#broken = true;
    await this.#worker.terminate();
  }

  async #phase(attendant: Attendant): Promise<Outcome> {
    const virtual = this.#start.boot.virtualTime !== undefined;
    const callOff = virtual ? watchForSpinning(this.#worker, this.#start.spinLimit, () => attendant.spun()) : undefined;
    try {
      return await this.#outcome(attendant);
    } finally {
      callOff?.();
      this.#busy = false;
      this.#worker.unref();
    }
  }

  async #outcome(attendant: Attendant): Promise<Outcome> {
    for (;;) {
      const message = await this.#next();
      if (message.kind === 'log') attendant.log(message.events);
      else if (message.kind !== 'sleep') return message;
      else {
        await attendant.sleep(message.until);
        this.#post({ kind: 'wake' });
      }
    }
  }

  async #next(): Promise<FromRuntime | Outcome> {
    for (;;) {
      const message = this.#received.shift();
      if (message !== undefined) return message;
      await new Promise<void>((resolve) => (this.#notify = resolve));
    }
  }

  #receive(message: FromRuntime | Outcome): void {
    if (message.kind === 'gone' || (message.kind === 'failure' && message.fatal)) this.#broken = true;
    if (!this.#busy && message.kind !== 'log') return;
    this.#received.push(message);
    this.#notify?.();
  }

  #post(message: ToRuntime): void {
    this.#worker.postMessage(message);
  }
}

import type { World } from '../core/world.ts';
import type { Attendant, Outcome } from './execution-environment.ts';
import type { FunctionVersion } from './functions.ts';
import { invocationEvents, type Report } from './log-lines.ts';
import type { Pool, Slot } from './pool.ts';
import type { FunctionError } from './runtime/messages.ts';
import type { Turns } from './turns.ts';

/** Virtual milliseconds that code takes which, in virtual time, takes none. */
const MODELLED_RUN = 2;
const MODELLED_INIT = 200;
/** The init phase may take so long; what is left then is done again within the function's own timeout. */
const INIT_LIMIT = 10_000;
const RESPONSE_LIMIT = 6_291_556;

export interface InvocationRequest {
  readonly version: FunctionVersion;
  /** ARN that was invoked. */
  readonly arn: string;
  readonly payload: string;
  readonly requestId: string;
  readonly clientContext?: string;
  readonly executionArn?: string;
}

export interface InvocationResult {
  readonly payload: string;
  readonly failed: boolean;
  /** What was logged, START and REPORT included. */
  readonly events: readonly string[];
}

interface Dependencies {
  readonly world: Pick<World, 'clock' | 'random' | 'log'>;
  readonly pool: Pool;
  readonly turns: Turns;
}

type Ending = Outcome | { readonly kind: 'timeout' };

/** One invocation of a function, from the wait for its turn to its answer. */
export class Invocation {
  readonly #given: Dependencies;
  readonly #request: InvocationRequest;
  readonly #slot: Slot;
  readonly #answer: (result: InvocationResult) => void;
  readonly #events: string[] = [];
  readonly #asleep = new AbortController();
  #initDuration: number | undefined;
  #startedAt: number;
  #deadline = 0;
  #cancelDeadline: (() => void) | undefined;
  #spinning = false;
  #ended = false;

  private constructor(given: Dependencies, request: InvocationRequest, answer: (result: InvocationResult) => void) {
    this.#given = given;
    this.#request = request;
    this.#answer = answer;
    this.#slot = given.pool.take(request.version);
    this.#startedAt = given.world.clock.now();
  }

  /**
   * Runs a function. Its work is a piece of its own, so that the caller gets its answer at the timeout even while a
   * request of the function goes on.
   */
  static run(given: Dependencies, request: InvocationRequest): Promise<InvocationResult> {
    const { clock } = given.world;
    const result = new Promise<InvocationResult>((resolve, reject) => {
      const work = async (): Promise<void> => {
        await given.turns.take();
        await new Invocation(given, request, resolve).#work();
      };
      clock.spawn(() => work().catch(reject));
    });
    return clock.outside(result);
  }

  async #work(): Promise<void> {
    const { session } = this.#slot;
    session.executionArn = this.#request.executionArn;
    session.scope = this.#given.world.clock.scope();
    const ending = (await this.#initialize()) ?? (await this.#invoke());
    if (this.#ended) return;
    if (this.#spinning) return this.#given.world.clock.sleep(this.#deadline - this.#given.world.clock.now());
    await this.#end(ending);
  }

  /** Loads the code in a new environment; gives the ending when that fails. */
  async #initialize(): Promise<Ending | undefined> {
    if (this.#slot.initialized) return undefined;
    this.#limit(INIT_LIMIT + this.#timeout);
    const ending = await this.#attended((attendant) => this.#slot.environment.initialized(attendant));
    const { clock } = this.#given.world;
    this.#initDuration = clock.now() - this.#startedAt + this.#modelled(MODELLED_INIT);
    this.#startedAt = clock.now();
    if (ending.kind !== 'ready') return ending;
    this.#slot.initialized = true;
    return undefined;
  }

  async #invoke(): Promise<Ending> {
    this.#limit(this.#timeout);
    const { version, arn, requestId, payload, clientContext } = this.#request;
    const message = {
      kind: 'invoke' as const,
      payload,
      requestId,
      functionName: version.name,
      functionVersion: version.version,
      functionArn: arn,
      memorySize: version.properties.MemorySize,
      logGroup: this.#slot.logGroup,
      logStream: this.#slot.logStream,
      deadline: this.#deadline,
      ...(clientContext !== undefined && { clientContext }),
      seed: this.#given.world.random.below(2 ** 32),
    };
    return this.#attended((attendant) => this.#slot.environment.invoke(message, attendant));
  }

  /** An abort of the sleep is the end of the invocation, which has been seen to by then. */
  async #attended(phase: (attendant: Attendant) => Promise<Outcome>): Promise<Ending> {
    const { clock } = this.#given.world;
    try {
      return await phase({
        log: (events) => this.#events.push(...events),
        sleep: (until) => clock.sleep(until - clock.now(), this.#asleep.signal),
        spun: () => {
          this.#spinning = true;
          void this.#slot.environment.stop();
        },
      });
    } catch (error) {
      if (this.#ended) return { kind: 'timeout' };
      throw error;
    }
  }

  #limit(milliseconds: number): void {
    const { clock } = this.#given.world;
    this.#cancelDeadline?.();
    this.#deadline = clock.now() + milliseconds;
    this.#cancelDeadline = clock.schedule(this.#deadline, () => this.#end({ kind: 'timeout' }));
  }

  get #timeout(): number {
    return this.#request.version.properties.Timeout * 1000;
  }

  #modelled(milliseconds: number): number {
    return this.#given.world.clock.shared === undefined ? 0 : milliseconds;
  }

  async #end(ending: Ending): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancelDeadline?.();
    this.#asleep.abort();
    const { world, pool } = this.#given;
    const { session, environment, logGroup, logStream } = this.#slot;
    session.executionArn = undefined;
    session.scope = undefined;
    const result = this.#resultOf(ending);
    const timedOut = ending.kind === 'timeout';
    if (timedOut || environment.broken) await pool.discard(this.#slot);
    else pool.release(this.#request.version, this.#slot);
    const run = timedOut ? 0 : this.#modelled(MODELLED_RUN);
    const endedAt = world.clock.now() + run;
    if (!timedOut)
      await world.clock.sleep(run + (this.#initDuration === undefined ? 0 : this.#modelled(MODELLED_INIT)));
    const status = timedOut ? 'timeout' : result.failed ? 'error' : 'success';
    const report: Report = {
      requestId: this.#request.requestId,
      startedAt: this.#startedAt,
      endedAt,
      ...(this.#initDuration !== undefined && { initDuration: this.#initDuration }),
      status,
    };
    const events = invocationEvents(this.#request.version, report, this.#events);
    world.log(logGroup, logStream, events);
    this.#answer({ ...result, events });
  }

  #resultOf(ending: Ending): Omit<InvocationResult, 'events'> {
    if (ending.kind === 'answer') return this.#answered(ending.payload);
    const error = this.#errorOf(ending);
    return { payload: JSON.stringify(error), failed: true };
  }

  #answered(payload: string): Omit<InvocationResult, 'events'> {
    const size = Buffer.byteLength(payload);
    if (size <= RESPONSE_LIMIT) return { payload, failed: false };
    const errorMessage = `Response payload size (${size} bytes) exceeded maximum allowed payload size (${RESPONSE_LIMIT} bytes).`;
    return { payload: JSON.stringify({ errorType: 'Function.ResponseSizeTooLarge', errorMessage }), failed: true };
  }

  #errorOf(ending: Exclude<Ending, { kind: 'answer' }>): FunctionError {
    const { requestId, version } = this.#request;
    switch (ending.kind) {
      case 'failure':
        return ending.error;
      case 'timeout': {
        const message = `Task timed out after ${version.properties.Timeout.toFixed(2)} seconds`;
        this.#events.push(`${this.#given.world.clock.date().toISOString()} ${requestId} ${message}`);
        return { errorType: 'Sandbox.Timedout', errorMessage: `RequestId: ${requestId} Error: ${message}` };
      }
      case 'gone': {
        if (ending.reason !== undefined) this.#events.push(ending.reason);
        return {
          errorType: 'Runtime.ExitError',
          errorMessage: `RequestId: ${requestId} Error: ${exitMessage(ending)}`,
        };
      }
      case 'ready':
        throw new Error('an invocation ended before it began');
    }
  }
}

function exitMessage({ exitCode, reason }: Extract<Ending, { kind: 'gone' }>): string {
  if (reason?.includes('ERR_WORKER_OUT_OF_MEMORY') === true) return 'Runtime exited with error: signal: killed';
  return exitCode === 0
    ? 'Runtime exited without providing a reason'
    : `Runtime exited with error: exit status ${exitCode}`;
}

import { AwsError } from '../../core/aws-error.ts';
import type { Random } from '../../core/random.ts';
import { StateFailure } from '../failure.ts';
import type { Json } from '../json.ts';

/** A task's hold on its token. */
export class TaskToken {
  readonly token: string;
  /** What the token came back with; rejects with the StateFailure that SendTaskFailure names. */
  readonly result: Promise<Json>;
  /** Called for each SendTaskHeartbeat. */
  heartbeat: () => void = () => undefined;
  readonly #resolvers = Promise.withResolvers<Json>();

  constructor(token: string) {
    this.token = token;
    this.result = this.#resolvers.promise;
    // The token may come back before its task waits for it; who waits later still gets the rejection.
    this.result.catch(() => undefined);
  }

  succeed(output: Json): void {
    this.#resolvers.resolve(output);
  }

  fail(error: string | undefined, cause: string | undefined): void {
    this.#resolvers.reject(new StateFailure(error, cause));
  }
}

/** The tokens that tasks wait for (`.waitForTaskToken`). */
export class TaskTokens {
  readonly #random: Random;
  readonly #waiting = new Map<string, TaskToken>();
  readonly #gone = new Set<string>();

  constructor(random: Random) {
    this.#random = random;
  }

  create(): TaskToken {
    const token = new TaskToken(Buffer.from(this.#random.hex(128)).toString('base64'));
    this.#waiting.set(token.token, token);
    return token;
  }

  /** The waiting task. Throws InvalidToken, or TaskTimedOut when the task no longer waits. Source: SendTaskSuccess. */
  find(token: string): TaskToken {
    const waiting = this.#waiting.get(token);
    if (waiting !== undefined) return waiting;
    if (this.#gone.has(token))
      throw new AwsError('TaskTimedOut', "Task Timed Out: 'Provided task does not exist anymore'");
    throw new AwsError('InvalidToken', "Invalid Token: 'Invalid token'");
  }

  /** The token has come back, or its task waits no longer. */
  discard(token: string): void {
    if (this.#waiting.delete(token)) this.#gone.add(token);
  }
}

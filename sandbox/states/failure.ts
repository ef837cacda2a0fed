/** How a state, and with it perhaps the execution, failed: the `Error` and `Cause` that Retry and Catch see. */
export class StateFailure extends Error {
  override readonly name = 'StateFailure';
  readonly error: string | undefined;
  override readonly cause: string | undefined;
  /** Further names under which a Retry or a Catch finds this failure. */
  readonly aliases: readonly string[];

  constructor(error: string | undefined, cause: string | undefined, aliases: readonly string[] = []) {
    super(`${error ?? 'no error name'}: ${cause ?? 'no cause'}`);
    this.error = error;
    this.cause = cause;
    this.aliases = aliases;
  }
}

/** A JSONata expression that gave no usable value; `location` names the field within the state (`Output/a[0]`). */
export class EvaluationError extends Error {
  override readonly name = 'EvaluationError';
  readonly location: string | undefined;

  constructor(cause: string, location?: string) {
    super(cause);
    this.location = location;
  }
}

/** The branch was ended from outside: its execution was stopped or timed out, or a sibling failed. */
export class Aborted extends Error {
  override readonly name = 'Aborted';
}

/** Nothing catches these: they say that the definition or the platform is at its end, not that a task failed. */
const FATAL = new Set(['States.Runtime', 'States.DataLimitExceeded']);

/**
 * Whether `ErrorEquals` names a failure. Neither wildcard reaches States.Runtime and States.DataLimitExceeded, and
 * States.TaskFailed leaves States.Timeout out. Source: Step Functions Developer Guide, "Error names".
 */
export function names(errorEquals: readonly string[], { error, aliases }: StateFailure): boolean {
  if (error === 'States.Runtime') return false;
  const own = [...(error === undefined ? [] : [error]), ...aliases];
  return errorEquals.some((wanted) => {
    if (own.includes(wanted)) return true;
    if (own.some((name) => FATAL.has(name))) return false;
    return wanted === 'States.ALL' || (wanted === 'States.TaskFailed' && !own.includes('States.Timeout'));
  });
}

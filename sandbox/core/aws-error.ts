/**
 * An error as an AWS service answers it. `code` is the wire code (`ValidationException`, `InvalidInstanceID.NotFound`),
 * `status` the HTTP status, `members` further members of the modelled error shape.
 */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;
  readonly members: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, status = 400, members: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = status;
    this.members = members;
  }
}

/** The call took effect, but its answer never reaches the caller: the wire closes the connection without a word. */
export class AnswerLost extends Error {
  override readonly name = 'AnswerLost';
}

/** A part of AWS that the sandbox does not model: said loudly, with what to do about it, never skipped. */
export function notImplemented(what: string): AwsError {
  return new AwsError('NotImplemented', `The sandbox does not model ${what}; docs/sandbox.md lists what it does.`, 501);
}

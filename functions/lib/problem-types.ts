/** How the API tells an error: the status and the title of its problem document. */
export interface ProblemType {
  readonly status: number;
  readonly title: string;
}

/** What a caller may be told, by the error's name; docs/api.md says when each comes and what to do. */
export const PROBLEM_TYPES: Readonly<Record<string, ProblemType>> = {
  InvalidRequest: { status: 400, title: 'The request is not valid' },
  TargetNotAllowed: { status: 403, title: 'The target may not be worked on' },
  ApproverNotAllowed: { status: 403, title: 'Who wanted the rollout does not decide about it' },
  CommandNotAllowed: { status: 403, title: 'The command may not be run' },
  TargetNotFound: { status: 404, title: 'There is no such target' },
  ApprovalNotFound: { status: 404, title: 'There is no such approval' },
  AssociationNotFound: { status: 404, title: 'There is no such association' },
  ParameterNotFound: { status: 404, title: 'There is no such parameter' },
  ExecutionNotFound: { status: 404, title: 'There is no such execution' },
  AmiNotUsable: { status: 409, title: 'The AMI cannot be rolled out' },
  ApprovalExpired: { status: 409, title: 'Nobody approved the rollout in time' },
  ApprovalRefused: { status: 409, title: 'Somebody refused the rollout' },
  NothingToRollBackTo: { status: 409, title: 'There is nothing to roll back to' },
  RolloutFailed: { status: 409, title: 'The rollout was stopped, because too much failed' },
  RolloutSuperseded: { status: 409, title: 'A newer version takes the place of the rollout' },
  ApprovalClosed: { status: 409, title: 'No rollout waits for the approval' },
  ApprovalDecided: { status: 409, title: 'Somebody has decided about the rollout already' },
  AssociationRefused: { status: 409, title: 'Systems Manager refused to start the association' },
  CommandRefused: { status: 409, title: 'Systems Manager refused the command' },
  ExecutionNotBegun: { status: 409, title: 'The execution was accepted and has not begun' },
  // A conflict with what the account holds, which somebody has to mend: asking again does not help, so no 503.
  ExclusionsUnreadable: { status: 409, title: 'What must not be touched cannot be read' },
  ExecutionAborted: { status: 409, title: 'The execution was stopped' },
  ExecutionStopped: { status: 409, title: 'The execution was stopped at once, wherever it was' },
  ImageDoesNotFit: { status: 409, title: 'The AMI cannot be launched there' },
  InstanceRefreshRefused: { status: 409, title: 'Auto Scaling refused to start the instance refresh' },
  IdempotencyConflict: { status: 409, title: 'The idempotency key belongs to another request' },
  InvalidPlatform: { status: 409, title: "The command does not fit the target's platform" },
  StopRequested: { status: 409, title: 'The execution was stopped, as somebody asked' },
  TargetLocked: { status: 409, title: 'Another execution works on the target' },
  TargetNotRollable: { status: 409, title: 'The target cannot be rolled' },
  TargetOffline: { status: 409, title: 'The target cannot be reached' },
  TemplateNotPinned: { status: 409, title: 'What the target launches is not said by a numbered version' },
  Terminated: { status: 409, title: 'The command was ended before it ran' },
  Undeliverable: { status: 409, title: 'The command could not be delivered' },
  UnsupportedMediaType: { status: 415, title: 'The body is no JSON' },
  AssociationThrottled: { status: 429, title: 'Systems Manager throttled the start of the association' },
  CommandThrottled: { status: 429, title: 'Systems Manager throttled the command' },
  TooManyRequests: { status: 429, title: 'Too many executions are being started' },
  AssociationStateUnknown: { status: 500, title: 'Whether the association was started cannot be told' },
  CommandStateUnknown: { status: 500, title: 'Whether the command ran cannot be told' },
  InternalError: { status: 500, title: 'Something went wrong on our side' },
  AssociationTimedOut: { status: 504, title: 'The association was not done by its deadline' },
  CommandTimedOut: { status: 504, title: 'The command was not done by its deadline' },
  DeliveryTimedOut: { status: 504, title: 'The target did not fetch the command in time' },
  InstanceRefreshBusy: { status: 504, title: 'Another instance refresh was under way until the deadline' },
  ExecutionTimedOut: { status: 504, title: 'The execution ran out of time' },
};

/** Names that Step Functions gives, and what the API calls them. */
const RENAMED: Readonly<Record<string, string>> = {
  'States.Timeout': 'ExecutionTimedOut',
  ABORTED: 'ExecutionAborted',
};

/** The name under which an error is told. */
export function problemName(error: string): string {
  const name = RENAMED[error] ?? error;
  return Object.hasOwn(PROBLEM_TYPES, name) ? name : 'InternalError';
}

/** The type of a name that `problemName` gave. */
export function problemType(name: string): ProblemType {
  const type = PROBLEM_TYPES[name];
  if (type === undefined) throw new Error(`${name} is no problem type`);
  return type;
}

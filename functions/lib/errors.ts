/**
 * The errors that end a runbook, by the name that the ASL knows them by. The list is closed: a test holds it to the
 * state machines and to docs/runbooks. `name` is written out because the bundler renames classes.
 */

/** The input breaks its schema; the message lists the path and the reason of every problem. */
export class InvalidRequest extends Error {
  override readonly name = 'InvalidRequest';
}

/** The configuration does not let the command run; the message lists those that it does. */
export class CommandNotAllowed extends Error {
  override readonly name = 'CommandNotAllowed';
}

/** No such instance, or it has been terminated. */
export class TargetNotFound extends Error {
  override readonly name = 'TargetNotFound';
}

/** The instance does not carry the tag that lets Fleetwright work on it, or is excluded. */
export class TargetNotAllowed extends Error {
  override readonly name = 'TargetNotAllowed';
}

/** The instance is not running, or its SSM agent does not answer. */
export class TargetOffline extends Error {
  override readonly name = 'TargetOffline';
}

/** The parameter that says what must not be touched is missing or malformed, so nothing is touched. */
export class ExclusionsUnreadable extends Error {
  override readonly name = 'ExclusionsUnreadable';
}

/** The group launches in a way that an instance refresh cannot change, or not safely. */
export class TargetNotRollable extends Error {
  override readonly name = 'TargetNotRollable';
}

/** What the group launches is not said by a numbered version and an AMI id, or a new version would be launched elsewhere too. */
export class TemplateNotPinned extends Error {
  override readonly name = 'TemplateNotPinned';
}

/** The AMI does not exist, cannot be used, or cannot be launched as the group launches. */
export class ImageDoesNotFit extends Error {
  override readonly name = 'ImageDoesNotFit';
}

/** Auto Scaling answered StartInstanceRefresh with a refusal, so nothing was started. */
export class InstanceRefreshRefused extends Error {
  override readonly name = 'InstanceRefreshRefused';
}

/** Somebody else's instance refresh was under way until the deadline, so nothing was started. */
export class InstanceRefreshBusy extends Error {
  override readonly name = 'InstanceRefreshBusy';
}

/** Another runbook works on the target. */
export class TargetLocked extends Error {
  override readonly name = 'TargetLocked';
}

/** There is no such association. */
export class AssociationNotFound extends Error {
  override readonly name = 'AssociationNotFound';
}

/** SSM answered StartAssociationsOnce with a refusal, so nothing was started. */
export class AssociationRefused extends Error {
  override readonly name = 'AssociationRefused';
}

/** SSM throttled StartAssociationsOnce, so nothing was started and starting again is safe. */
export class AssociationThrottled extends Error {
  override readonly name = 'AssociationThrottled';
}

/** Whether the association was started cannot be told. */
export class AssociationStateUnknown extends Error {
  override readonly name = 'AssociationStateUnknown';
}

/** The association was not done by its deadline. */
export class AssociationTimedOut extends Error {
  override readonly name = 'AssociationTimedOut';
}

/** There is no such parameter: it was deleted, or never made. */
export class ParameterNotFound extends Error {
  override readonly name = 'ParameterNotFound';
}

/** The value of the parameter is no AMI, or one that this account cannot launch. */
export class AmiNotUsable extends Error {
  override readonly name = 'AmiNotUsable';
}

/** No version of the parameter before this one has another AMI. */
export class NothingToRollBackTo extends Error {
  override readonly name = 'NothingToRollBackTo';
}

/** A newer version of the parameter takes the rollout's place. */
export class RolloutSuperseded extends Error {
  override readonly name = 'RolloutSuperseded';
}

/** More targets failed than may, or a wave did not stay healthy; what the policy says was rolled back. */
export class RolloutFailed extends Error {
  override readonly name = 'RolloutFailed';
}

/** Somebody asked for the run to stop, and it did at a safe point. */
export class StopRequested extends Error {
  override readonly name = 'StopRequested';
}

/** SSM throttled SendCommand, so nothing was sent and sending again is safe. */
export class CommandThrottled extends Error {
  override readonly name = 'CommandThrottled';
}

/** SSM answered SendCommand with a refusal, so nothing was sent. */
export class CommandRefused extends Error {
  override readonly name = 'CommandRefused';
}

/** Whether the command was sent, or what became of it, cannot be told. */
export class CommandStateUnknown extends Error {
  override readonly name = 'CommandStateUnknown';
}

/** The command was not done by its deadline. */
export class CommandTimedOut extends Error {
  override readonly name = 'CommandTimedOut';
}

/** IAM, or SSM on behalf of the instance, refused. */
export class AccessDenied extends Error {
  override readonly name = 'AccessDenied';
}

/** The command never ran: SSM could not hand it to the instance. */
export class Undeliverable extends Error {
  override readonly name = 'Undeliverable';
}

/** The command never ran: the agent did not fetch it in time. */
export class DeliveryTimedOut extends Error {
  override readonly name = 'DeliveryTimedOut';
}

/** The command never ran: its document does not fit the instance's platform. */
export class InvalidPlatform extends Error {
  override readonly name = 'InvalidPlatform';
}

/** The command never ran: SSM ended the whole command before this instance's turn. */
export class Terminated extends Error {
  override readonly name = 'Terminated';
}

/** What a function was about to answer breaks its own schema: AWS answered as nobody expected, or we have a bug. */
export class UnexpectedResult extends Error {
  override readonly name = 'UnexpectedResult';
}

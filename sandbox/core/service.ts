/** The IAM prefix of a service, which is also how the sandbox names it. */
export type ServiceId =
  | 'autoscaling'
  | 'cloudwatch'
  | 'dynamodb'
  | 'ec2'
  | 'events'
  | 'kms'
  | 'lambda'
  | 'logs'
  | 's3'
  | 'scheduler'
  | 'sns'
  | 'sqs'
  | 'ssm'
  | 'states'
  | 'sts';

/** Who makes a call. An operator (the person at the CLI) may do everything; a role or user only what its policies allow. */
export interface Caller {
  readonly kind: 'operator' | 'role' | 'user' | 'service';
  /**
   * ARN as GetCallerIdentity gives it: `arn:aws:sts::…:assumed-role/NAME/SESSION`, `arn:aws:iam::…:user/NAME`, or the
   * principal of a service.
   */
  readonly arn: string;
  /** Name of the IAM role; present for `kind: 'role'` alone. */
  readonly roleName?: string;
  /** Name of the IAM user; present for `kind: 'user'` alone. */
  readonly userName?: string;
  /** What a service calls for (`aws:SourceArn`): a rule, a topic; for `kind: 'service'` alone. */
  readonly sourceArn?: string;
}

/** One call of one operation on its way through the dispatcher. */
export interface Call {
  readonly caller: Caller;
  readonly service: ServiceId;
  readonly operation: string;
  /** Seeded, so the same in every run with the same seed. */
  readonly requestId: string;
  /** ARN of the Step Functions execution that caused the call, where one did. */
  readonly executionArn?: string;
}

/** What IAM must allow for one call: an action on a resource, with the condition keys that AWS supplies for it. */
export interface Permission {
  readonly action: string;
  /** ARN, or `*` where AWS defines no resource for the action. */
  readonly resource: string;
  /** Condition keys by full name (`ssm:resourceTag/SSMRunAllowed`, `iam:PassedToService`). */
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
}

/** An operation of a service: what IAM must allow for an input, and what it does. */
export interface Operation<I = never, O = unknown> {
  permissions(input: I, call: Call): readonly Permission[];
  handle(input: I, call: Call): O | Promise<O>;
}

export interface Service {
  readonly id: ServiceId;
  /** By operation name as AWS writes it (`SendCommand`). What is not here answers NotImplemented. */
  readonly operations: Readonly<Record<string, Operation>>;
}

type Unmetered<O> = Omit<O, '$metadata'>;

/** Types an operation by the SDK's own input and output types; erases them for the table of the service. */
export function operation<I, O>(
  permissions: (input: I, call: Call) => readonly Permission[],
  handle: (input: I, call: Call) => Unmetered<O> | Promise<Unmetered<O>>,
): Operation {
  return { permissions, handle };
}

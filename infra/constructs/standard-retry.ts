/** One entry of a state's Retry, in the JSONata dialect of the Amazon States Language. */
interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds?: number;
  readonly BackoffRate?: number;
  readonly MaxAttempts?: number;
  readonly MaxDelaySeconds?: number;
  readonly JitterStrategy?: 'FULL' | 'NONE';
}

/** A state as far as retries go; everything else is left as it stands. */
interface State {
  readonly Type?: string;
  readonly Resource?: string;
  Retry?: readonly Retrier[];
  readonly Branches?: readonly StateMachine[];
  readonly ItemProcessor?: StateMachine;
}
export interface StateMachine {
  readonly States: Readonly<Record<string, State>>;
}

/**
 * What is worth another attempt, by the service a Task's Resource names: throttling and server errors, by the names under
 * which Step Functions reports them. Nothing that the caller has done wrong, and never States.TaskFailed, which is all of it.
 * DynamoDB, S3 and SNS come as `aws-sdk` tasks under the names of the Java SDK; what that SDK has no class for is
 * reported as the service's base exception, which for S3 is every throttling and every server error.
 */
const TRANSIENT_ERRORS: Readonly<Record<string, readonly string[]>> = {
  lambda: [
    'Lambda.TooManyRequestsException',
    'Lambda.ServiceException',
    'Lambda.AWSLambdaException',
    'Lambda.SdkClientException',
    'Lambda.ClientExecutionTimeoutException',
    // The function ran into its time-out: waiting for a call of its own, since no function of ours waits.
    'Lambda.Unknown',
    'Sandbox.Timedout',
  ],
  // The name is the caller's, so that what was started already is found and not started again.
  states: [
    'StepFunctions.ExecutionLimitExceededException',
    'StepFunctions.AWSStepFunctionsException',
    'StepFunctions.SdkClientException',
  ],
  'aws-sdk:sfn': ['Sfn.SfnException', 'Sfn.SdkClientException'],
  'aws-sdk:dynamodb': [
    'DynamoDb.ProvisionedThroughputExceededException',
    'DynamoDb.RequestLimitExceededException',
    'DynamoDb.ThrottlingException',
    'DynamoDb.InternalServerErrorException',
    'DynamoDb.SdkClientException',
  ],
  'aws-sdk:s3': ['S3.S3Exception', 'S3.SdkClientException'],
  'aws-sdk:sns': [
    'Sns.ThrottledException',
    'Sns.InternalErrorException',
    'Sns.KmsThrottlingException',
    'Sns.SdkClientException',
  ],
};

/** Five more attempts within a minute; jitter, because what is throttled is throttled for many at once. */
const PACE = {
  IntervalSeconds: 2,
  BackoffRate: 2,
  MaxAttempts: 5,
  MaxDelaySeconds: 20,
  JitterStrategy: 'FULL',
} as const;

/** `arn:aws:states:::aws-sdk:dynamodb:updateItem` -> `aws-sdk:dynamodb`; `arn:aws:states:::lambda:invoke` -> `lambda`. */
const integrationOf = (resource: string): string =>
  /^arn:[^:]+:states:::(?<integration>(?:aws-sdk:)?[^:]+):/.exec(resource)?.groups?.integration ?? resource;

/**
 * Gives the standard Retry to every Task that states none (an empty list states one), in branches and maps too.
 * Answers with what it has no standard for, as `STATE: INTEGRATION`.
 */
export function addStandardRetries(machine: StateMachine): string[] {
  return Object.entries(machine.States).flatMap(([name, state]) => [
    ...addToTask(name, state),
    ...[...(state.Branches ?? []), ...(state.ItemProcessor ? [state.ItemProcessor] : [])].flatMap(addStandardRetries),
  ]);
}

function addToTask(name: string, state: State): string[] {
  if (state.Type !== 'Task' || state.Retry !== undefined) return [];
  const integration = integrationOf(state.Resource ?? '');
  const errors = TRANSIENT_ERRORS[integration];
  if (errors === undefined) return [`${name}: ${integration}`];
  state.Retry = [{ ErrorEquals: errors, ...PACE }];
  return [];
}

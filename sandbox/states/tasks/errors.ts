import { AnswerLost, AwsError } from '../../core/aws-error.ts';
import type { World } from '../../core/world.ts';
import { StateFailure } from '../failure.ts';
import type { Resource } from './resource.ts';

/** The clients that say which errors a service models; loaded when a call first fails. */
const CLIENTS: Readonly<Record<string, () => Promise<object>>> = {
  autoscaling: () => import('@aws-sdk/client-auto-scaling'),
  dynamodb: () => import('@aws-sdk/client-dynamodb'),
  ec2: () => import('@aws-sdk/client-ec2'),
  events: () => import('@aws-sdk/client-eventbridge'),
  lambda: () => import('@aws-sdk/client-lambda'),
  logs: () => import('@aws-sdk/client-cloudwatch-logs'),
  s3: () => import('@aws-sdk/client-s3'),
  sns: () => import('@aws-sdk/client-sns'),
  sqs: () => import('@aws-sdk/client-sqs'),
  ssm: () => import('@aws-sdk/client-ssm'),
  states: () => import('@aws-sdk/client-sfn'),
  sts: () => import('@aws-sdk/client-sts'),
};

/** The names by which version 1 of the Java SDK, which the optimized integrations use, calls a service and its unmodelled error. */
const OPTIMIZED: Readonly<Record<string, { readonly name: string; readonly base: string }>> = {
  dynamodb: { name: 'AmazonDynamoDBv2', base: 'AmazonDynamoDBException' },
  events: { name: 'AmazonEventBridge', base: 'AmazonEventBridgeException' },
  lambda: { name: 'AWSLambda', base: 'AWSLambdaException' },
  sns: { name: 'AmazonSNS', base: 'AmazonSNSException' },
  sqs: { name: 'AmazonSQS', base: 'AmazonSQSException' },
  states: { name: 'AWSStepFunctions', base: 'AWSStepFunctionsException' },
};

const suffixed = (code: string): string => (code.endsWith('Exception') ? code : `${code}Exception`);

/** Lambda answers what the fault plan calls throttling and server errors by names of its own. */
function lambdaCode({ code, status }: AwsError): string {
  if (code === 'ThrottlingException') return 'TooManyRequestsException';
  return status >= 500 ? 'ServiceException' : code;
}

async function isModelled(code: string, { service }: Resource, world: World): Promise<boolean> {
  const load = CLIENTS[service];
  if (load === undefined) return false;
  const client = await world.clock.during(load);
  // Auto Scaling's are called faults there: InstanceRefreshInProgressFault, which is InstanceRefreshInProgressException here.
  return [code, suffixed(code), `${code}Fault`].some((name) => name in client);
}

function causeOf(
  { message, status }: AwsError,
  code: string,
  { kind, prefix, service }: Resource,
  requestId: string,
): string {
  const old = OPTIMIZED[service];
  if (kind === 'sdk' || old === undefined)
    return `${message} (Service: ${prefix}, Status Code: ${status}, Request ID: ${requestId})`;
  return `${message} (Service: ${old.name}; Status Code: ${status}; Error Code: ${code}; Request ID: ${requestId}; Proxy: null)`;
}

/**
 * What a call's error is to Retry and Catch: `Ssm.InvocationDoesNotExistException` for an error that the service
 * models, `Ec2.Ec2Exception` for one that it does not. What the sandbox lacks is States.Runtime, which nothing catches.
 */
export async function serviceFailure(error: unknown, resource: Resource, world: World): Promise<StateFailure> {
  if (error instanceof AnswerLost) {
    return new StateFailure(
      `${resource.prefix}.SdkClientException`,
      `Unable to execute HTTP request: ${error.message}`,
    );
  }
  if (!(error instanceof AwsError)) throw error;
  if (error.code === 'NotImplemented') return new StateFailure('States.Runtime', error.message);
  const code = resource.service === 'lambda' ? lambdaCode(error) : error.code;
  const base =
    resource.kind === 'sdk'
      ? `${resource.prefix}Exception`
      : (OPTIMIZED[resource.service]?.base ?? `${resource.prefix}Exception`);
  const name = (await isModelled(code, resource, world)) ? suffixed(code) : base;
  return new StateFailure(`${resource.prefix}.${name}`, causeOf(error, code, resource, world.random.uuid()));
}

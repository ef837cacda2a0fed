import type { ServiceId } from '../../core/service.ts';

/** Whether a task ends with the answer, with the end of the work that it started, or when its token comes back. */
type Pattern = 'request-response' | 'sync' | 'sync:2' | 'token';

/** What a Task calls, read from its `Resource`. */
export interface Resource {
  readonly arn: string;
  readonly kind: 'function' | 'sdk' | 'optimized';
  readonly pattern: Pattern;
  readonly service: ServiceId;
  /** As the service names it (`SendCommand`). */
  readonly operation: string;
  /** As history events name the two (`aws-sdk:ssm` and `sendCommand`). */
  readonly resourceType: string;
  readonly resource: string;
  /** What the error names of the integration begin with. */
  readonly prefix: string;
}

interface SdkService {
  readonly service: ServiceId;
  readonly prefix: string;
}

/** The services by the name that `aws-sdk` tasks give them. */
const SDK_SERVICES: Readonly<Record<string, SdkService>> = {
  autoscaling: { service: 'autoscaling', prefix: 'AutoScaling' },
  cloudwatch: { service: 'cloudwatch', prefix: 'CloudWatch' },
  cloudwatchlogs: { service: 'logs', prefix: 'CloudWatchLogs' },
  dynamodb: { service: 'dynamodb', prefix: 'DynamoDb' },
  ec2: { service: 'ec2', prefix: 'Ec2' },
  eventbridge: { service: 'events', prefix: 'EventBridge' },
  kms: { service: 'kms', prefix: 'Kms' },
  lambda: { service: 'lambda', prefix: 'Lambda' },
  s3: { service: 's3', prefix: 'S3' },
  scheduler: { service: 'scheduler', prefix: 'Scheduler' },
  sfn: { service: 'states', prefix: 'Sfn' },
  sns: { service: 'sns', prefix: 'Sns' },
  sqs: { service: 'sqs', prefix: 'Sqs' },
  ssm: { service: 'ssm', prefix: 'Ssm' },
  sts: { service: 'sts', prefix: 'Sts' },
};

interface Optimized extends SdkService {
  readonly operations: readonly string[];
  readonly patterns: readonly Pattern[];
}

const OPTIMIZED: Readonly<Record<string, Optimized>> = {
  dynamodb: {
    service: 'dynamodb',
    prefix: 'DynamoDB',
    operations: ['getItem', 'putItem', 'updateItem', 'deleteItem'],
    patterns: ['request-response'],
  },
  events: {
    service: 'events',
    prefix: 'EventBridge',
    operations: ['putEvents'],
    patterns: ['request-response', 'token'],
  },
  lambda: { service: 'lambda', prefix: 'Lambda', operations: ['invoke'], patterns: ['request-response', 'token'] },
  sns: { service: 'sns', prefix: 'SNS', operations: ['publish'], patterns: ['request-response', 'token'] },
  sqs: { service: 'sqs', prefix: 'SQS', operations: ['sendMessage'], patterns: ['request-response', 'token'] },
  states: {
    service: 'states',
    prefix: 'StepFunctions',
    operations: ['startExecution'],
    patterns: ['request-response', 'sync', 'sync:2', 'token'],
  },
};

const SUFFIXES: Readonly<Record<string, Pattern>> = { sync: 'sync', 'sync:2': 'sync:2', waitForTaskToken: 'token' };
const INTEGRATION = /^arn:aws:states:::(?:(aws-sdk):)?([a-z0-9]+):([A-Za-z0-9]+)(?:\.(sync:2|sync|waitForTaskToken))?$/;
const FUNCTION = /^arn:aws:lambda:[a-z0-9-]+:\d{12}:function:[A-Za-z0-9_$-]+(?::[A-Za-z0-9_$-]+)?$/;

function functionResource(arn: string): Resource {
  return {
    arn,
    kind: 'function',
    pattern: 'request-response',
    service: 'lambda',
    operation: 'Invoke',
    resourceType: 'lambda',
    resource: 'invoke',
    prefix: 'Lambda',
  };
}

/** Reads a Task's `Resource`; undefined when it names an integration that the sandbox does not have. */
export function readResource(arn: string): Resource | undefined {
  if (FUNCTION.test(arn)) return functionResource(arn);
  const [matched, sdk, name = '', api = '', suffix = ''] = INTEGRATION.exec(arn) ?? [];
  if (matched === undefined) return undefined;
  const pattern = SUFFIXES[suffix] ?? 'request-response';
  const operation = api.charAt(0).toUpperCase() + api.slice(1);
  const resource = suffix === '' ? api : `${api}.${suffix}`;
  if (sdk !== undefined) {
    const known = SDK_SERVICES[name];
    if (known === undefined || pattern.startsWith('sync')) return undefined;
    return {
      arn,
      kind: 'sdk',
      pattern,
      operation,
      resourceType: `aws-sdk:${name}`,
      resource,
      service: known.service,
      prefix: known.prefix,
    };
  }
  const known = OPTIMIZED[name];
  if (known?.operations.includes(api) !== true || !known.patterns.includes(pattern)) return undefined;
  return {
    arn,
    kind: 'optimized',
    pattern,
    operation,
    resourceType: name,
    resource,
    service: known.service,
    prefix: known.prefix,
  };
}

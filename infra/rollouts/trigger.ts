import { Duration } from 'aws-cdk-lib';
import { Match, Rule } from 'aws-cdk-lib/aws-events';
import type { EventPattern } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { EventInvokeConfig } from 'aws-cdk-lib/aws-lambda';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { isPublic } from '../ami-parameters.ts';
import type { AmiParameter } from '../ami-parameters.ts';
import { addDeadLetterQueue } from '../constructs/dead-letter-queue.ts';
import type { FleetContext } from '../constructs/fleet-context.ts';
import { FleetFunction } from '../constructs/fleet-function.ts';
import type { Runbook } from '../constructs/runbook.ts';
import { rolloutPolicies } from './policies.ts';

export interface RolloutTriggerProps {
  readonly context: FleetContext;
  readonly amiRollout: Runbook;
}

/** Starts ami-rollout when a followed parameter changes; what fails on the way is kept in two queues, and can be replayed. */
export class RolloutTrigger extends Construct {
  readonly followAmiParameter: FleetFunction;
  /** Events that EventBridge could not hand to the function. */
  readonly undelivered: Queue;
  /** Events with which the function failed. */
  readonly failed: Queue;

  constructor(scope: Construct, id: string, props: RolloutTriggerProps) {
    super(scope, id);
    const { context } = props;
    this.undelivered = this.#queue('Undelivered', context, 'the rules of AMI parameters', 'was not handed on');
    this.failed = this.#queue(
      'Failed',
      context,
      'follow-ami-parameter',
      'was handed on, and follow-ami-parameter failed',
    );
    this.followAmiParameter = this.#followAmiParameter(props);
    for (const followed of context.config.amiParameters) if (!isPublic(followed)) this.#addRule(followed);
    this.#addReplayParameter(context);
  }

  #queue(id: string, { alerting, environment }: FleetContext, of: string, what: string): Queue {
    return addDeadLetterQueue(this, id, {
      alerting,
      of,
      errorImpact:
        `A change of an AMI parameter ${what}: its rollout has not begun, and begins at the next drift check at the latest, ` +
        `unless that only reports. To start it now: npm run replay -- --environment ${environment}`,
    });
  }

  #followAmiParameter({ context, amiRollout }: RolloutTriggerProps): FleetFunction {
    const { stateMachineArn } = amiRollout.stateMachine;
    const start = new FleetFunction(this, 'FollowAmiParameter', {
      context,
      name: 'follow-ami-parameter',
      description: 'Starts ami-rollout for the version that a parameter has now, once',
      environment: { STATE_MACHINE_ARN: stateMachineArn },
      statements: [
        ...rolloutPolicies(this, context).readParameters,
        new PolicyStatement({ actions: ['states:StartExecution'], resources: [stateMachineArn] }),
        new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [this.failed.queueArn] }),
      ],
      errorImpact: 'A change of an AMI parameter starts no rollout, until it is replayed or the drift check finds it.',
      throttlesImpact: 'Lambda tries again for six hours; then the event is in the queue of failed starts.',
    });
    new EventInvokeConfig(this, 'OnFailure', {
      function: start.function,
      maxEventAge: Duration.hours(6),
      retryAttempts: 2,
      // The role has leave for this queue alone; the class for it in the library gives more.
      onFailure: { bind: () => ({ destination: this.failed.queueArn }) },
    });
    return start;
  }

  #addRule(followed: AmiParameter): void {
    const { parameter } = followed;
    new Rule(this, `Rule-${parameter.slice(1).replaceAll('/', '|')}`, {
      description: `Starts ami-rollout when ${parameter} changes`.slice(0, 512),
      eventPattern: patternOf(followed),
      targets: [
        new LambdaFunction(this.followAmiParameter.function, {
          deadLetterQueue: this.undelivered,
          // AWS's own limits: a version that is still there a day later is worth rolling out, too.
          maxEventAge: Duration.hours(24),
          retryAttempts: 185,
        }),
      ],
    });
  }

  /** What the command `npm run replay` has to know, by a name that it can tell from project and environment. */
  #addReplayParameter({ config, environment }: FleetContext): void {
    const queues = [this.undelivered.queueUrl, this.failed.queueUrl];
    new StringParameter(this, 'Replay', {
      parameterName: `/${config.project}/${environment}/replay`,
      description: 'Which events npm run replay hands to which function again',
      stringValue: `{"function": "${this.followAmiParameter.function.functionName}", "queues": ["${queues.join('", "')}"]}`,
    });
  }
}

/**
 * Of a value that fails its validation the event has an exception, and of a call that failed the record an errorCode.
 * Source: Systems Manager User Guide, "Working with parameter types"; CloudTrail User Guide, "CloudTrail record contents".
 */
function patternOf({ parameter, event }: AmiParameter): EventPattern {
  const source = ['aws.ssm'];
  if (event === 'native') {
    const detail = { name: [parameter], operation: ['Create', 'Update'], exception: Match.doesNotExist() };
    return { source, detailType: ['Parameter Store Change'], detail };
  }
  return {
    source,
    detailType: ['AWS API Call via CloudTrail'],
    detail: {
      eventSource: ['ssm.amazonaws.com'],
      eventName: ['PutParameter'],
      requestParameters: { name: [parameter] },
      errorCode: Match.doesNotExist(),
    },
  };
}

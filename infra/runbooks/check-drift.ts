import { ArnFormat, Duration, Stack, TimeZone } from 'aws-cdk-lib';
import { Policy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { ContextAttribute, Schedule, ScheduleExpression, ScheduleTargetInput } from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledgePattern } from '../constructs/acknowledge-pattern.ts';
import { addDeadLetterQueue } from '../constructs/dead-letter-queue.ts';
import type { FleetContext } from '../constructs/fleet-context.ts';
import { FleetFunction } from '../constructs/fleet-function.ts';
import { Runbook } from '../constructs/runbook.ts';
import { allowUnscoped } from '../constructs/unscoped-actions.ts';
import type { FoundationStack } from '../foundation-stack.ts';
import { rolloutPolicies } from '../rollouts/policies.ts';
import { readExclusions } from './read-exclusions.ts';
import { recordResult } from './record-result.ts';

/** Thousands of groups are described by the page. */
const LONG_SECONDS = 300;

export interface CheckDriftProps {
  readonly context: FleetContext;
  readonly foundation: FoundationStack;
  readonly amiRollout: Runbook;
  readonly followAmiParameter: FleetFunction;
}

/** The runbook `check-drift`, and the schedule that starts it where a parameter is followed. */
export class CheckDrift extends Construct {
  readonly runbook: Runbook;
  readonly functions: readonly FleetFunction[];
  /** Times of the schedule that could not be handed on. */
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, props: CheckDriftProps) {
    super(scope, id);
    const { context, foundation, followAmiParameter } = props;
    const { rolloutTable } = foundation;
    const own = [this.#listAmiParameters(context), this.#inspectDrift(props), this.#compareDrift(context, foundation)];
    this.runbook = new Runbook(this, 'Runbook', {
      context,
      name: 'check-drift',
      functions: [...own, followAmiParameter],
      substitutions: {
        ResultTableName: foundation.resultTable.tableName,
        RolloutTableName: rolloutTable.tableName,
        NotificationTopicArn: foundation.topic.topicArn,
      },
      statements: [
        ...recordResult(foundation),
        new PolicyStatement({ actions: ['dynamodb:UpdateItem'], resources: [rolloutTable.tableArn] }),
      ],
      errorImpact: 'Changes of AMI parameters that were missed stay so until the next check.',
    });
    const startScheduled = this.#startScheduled(context);
    this.functions = [...own, startScheduled];
    this.deadLetters = addDeadLetterQueue(this, 'DeadLetters', {
      alerting: context.alerting,
      of: 'the schedule',
      errorImpact:
        'A drift check was not started. The next one looks at everything again: delete the message when that has run.',
    });
    if (context.config.amiParameters.length > 0) this.#addSchedule(context, startScheduled);
  }

  #listAmiParameters(context: FleetContext): FleetFunction {
    const policies = rolloutPolicies(this, context);
    const [list] = policies.readPolicies;
    return new FleetFunction(this, 'ListAmiParameters', {
      context,
      name: 'list-ami-parameters',
      description: 'Lists the AMI parameters that are followed',
      environment: policies.environment,
      statements: list === undefined ? [] : [list],
      errorImpact: 'Drift checks end before they have looked.',
    });
  }

  #inspectDrift({ context, foundation, amiRollout }: CheckDriftProps): FleetFunction {
    const { config } = context;
    const exclusions = readExclusions(config, foundation);
    const policies = rolloutPolicies(this, context);
    const { stateMachineArn, stateMachineName } = amiRollout.stateMachine;
    const executions = Stack.of(this).formatArn({
      service: 'states',
      resource: 'execution',
      resourceName: `${stateMachineName}:*`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    const inspect = new FleetFunction(this, 'InspectDrift', {
      context,
      name: 'inspect-drift',
      description: 'Says whether all that follows an AMI parameter runs its AMI',
      timeoutSeconds: LONG_SECONDS,
      environment: {
        ...{ TAG_KEY: config.tagGate.key, TAG_VALUE: config.tagGate.value },
        ...exclusions.environment,
        ...policies.environment,
        ROLLOUT_TABLE: foundation.rolloutTable.tableName,
        STATE_MACHINE_ARN: stateMachineArn,
      },
      statements: [
        allowUnscoped(
          'autoscaling:DescribeAutoScalingGroups',
          'ec2:DescribeImages',
          'ec2:DescribeInstances',
          'ec2:DescribeInstanceTypes',
          'ec2:DescribeLaunchTemplateVersions',
        ),
        exclusions.statement,
        // Of those that list-ami-parameters has listed.
        ...policies.readPolicies.slice(1),
        ...policies.readParameters,
        ...this.#onRollouts(foundation),
        new PolicyStatement({ actions: ['states:DescribeExecution'], resources: [executions] }),
      ],
      errorImpact: 'Drift from an AMI parameter is not seen, and its missed changes are not repaired.',
    });
    acknowledgePattern(
      inspect.role,
      'Executions have names of their own, behind the name of their state machine.',
      executions,
    );
    return inspect;
  }

  #compareDrift(context: FleetContext, foundation: FoundationStack): FleetFunction {
    return new FleetFunction(this, 'CompareDrift', {
      context,
      name: 'compare-drift',
      description: 'Says which drift is news',
      environment: { ROLLOUT_TABLE: foundation.rolloutTable.tableName },
      statements: this.#onRollouts(foundation),
      errorImpact: 'Nobody is told of drift from AMI parameters; missed changes are repaired all the same.',
    });
  }

  #onRollouts({ rolloutTable, key }: FoundationStack): PolicyStatement[] {
    return [
      new PolicyStatement({ actions: ['dynamodb:GetItem'], resources: [rolloutTable.tableArn] }),
      new PolicyStatement({ actions: ['kms:Decrypt'], resources: [key.keyArn] }),
    ];
  }

  #startScheduled(context: FleetContext): FleetFunction {
    const { stateMachineArn } = this.runbook.stateMachine;
    return new FleetFunction(this, 'StartScheduled', {
      context,
      name: 'start-scheduled',
      description: 'Starts check-drift for a time of its schedule, once',
      environment: { STATE_MACHINE_ARN: stateMachineArn },
      statements: [new PolicyStatement({ actions: ['states:StartExecution'], resources: [stateMachineArn] })],
      errorImpact: 'A drift check was not started; the next one looks at everything again.',
    });
  }

  #addSchedule({ config }: FleetContext, { function: start }: FleetFunction): void {
    const role = new Role(this, 'ScheduleRole', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com'),
      description: 'Starts the drift check at its times',
    });
    // A policy of its own, without the versions of the function that the class of the target adds by pattern.
    new Policy(this, 'ScheduleInvokes', {
      roles: [role],
      statements: [
        new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [start.functionArn] }),
        new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [this.deadLetters.queueArn] }),
      ],
    });
    new Schedule(this, 'Schedule', {
      description: 'Compares what runs with the AMI parameters',
      schedule: ScheduleExpression.expression(config.driftSchedule, TimeZone.ETC_UTC),
      target: new LambdaInvoke(start, {
        role: role.withoutPolicyUpdates(),
        input: ScheduleTargetInput.fromObject({
          schedule: ContextAttribute.scheduleArn,
          scheduledTime: ContextAttribute.scheduledTime,
        }),
        deadLetterQueue: this.deadLetters,
        maxEventAge: Duration.hours(1),
        retryAttempts: 10,
      }),
    });
  }
}

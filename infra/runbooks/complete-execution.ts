import { Duration } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { SfnStateMachine } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { addDeadLetterQueue } from '../constructs/dead-letter-queue.ts';
import type { FleetContext } from '../constructs/fleet-context.ts';
import type { FleetFunction } from '../constructs/fleet-function.ts';
import { Runbook } from '../constructs/runbook.ts';
import type { FoundationStack } from '../foundation-stack.ts';
import { recordResult } from './record-result.ts';

export interface CompleteExecutionProps {
  readonly context: FleetContext;
  readonly foundation: FoundationStack;
  readonly cancelCommand: FleetFunction;
  readonly releaseLocks: FleetFunction;
  /** Whose executions are completed; not this runbook itself, which would follow its own failures. */
  readonly runbooks: readonly Runbook[];
}

/** The runbook `complete-execution`, started by the event that another execution ended without finishing its row. */
export class CompleteExecution extends Construct {
  readonly runbook: Runbook;
  /** Events whose delivery failed for good; see its alarm. */
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, props: CompleteExecutionProps) {
    super(scope, id);
    const { context, foundation, cancelCommand, releaseLocks, runbooks } = props;
    this.runbook = new Runbook(this, 'Runbook', {
      context,
      name: 'complete-execution',
      functions: [cancelCommand, releaseLocks],
      substitutions: {
        ResultTableName: foundation.resultTable.tableName,
        NotificationTopicArn: foundation.topic.topicArn,
        RunbookNames: runbooks.map(({ name, stateMachine }) => `${stateMachine.stateMachineArn}=${name}`).join(','),
      },
      statements: recordResult(foundation),
      errorImpact:
        'The result row of an execution that ended early may still read RUNNING, and its command may go on running on its instance.',
    });
    this.deadLetters = addDeadLetterQueue(this, 'DeadLetters', {
      alerting: context.alerting,
      of: 'the rule',
      errorImpact:
        'The end of an execution could not be followed up: its result row may still read RUNNING, its command may still run. ' +
        'Each message is the event: start complete-execution with it as the input, then delete it.',
    });
    this.#addRule(props, this.deadLetters);
  }

  #addRule({ runbooks }: CompleteExecutionProps, deadLetterQueue: Queue): void {
    const { stateMachine } = this.runbook;
    const role = new Role(this, 'StarterRole', {
      assumedBy: new ServicePrincipal('events.amazonaws.com'),
      description: 'Starts complete-execution',
    });
    role.addToPolicy(
      new PolicyStatement({ actions: ['states:StartExecution'], resources: [stateMachine.stateMachineArn] }),
    );
    new Rule(this, 'Rule', {
      description: 'Completes what an execution that failed, timed out or was stopped could not',
      eventPattern: {
        source: ['aws.states'],
        detailType: ['Step Functions Execution Status Change'],
        detail: {
          status: ['FAILED', 'TIMED_OUT', 'ABORTED'],
          stateMachineArn: runbooks.map((runbook) => runbook.stateMachine.stateMachineArn),
        },
      },
      targets: [
        new SfnStateMachine(stateMachine, {
          role,
          deadLetterQueue,
          // AWS's own limits: an execution that ended is worth completing a day later, too.
          maxEventAge: Duration.hours(24),
          retryAttempts: 185,
        }),
      ],
    });
  }
}

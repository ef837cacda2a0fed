import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { FleetContext } from '../constructs/fleet-context.ts';
import { FleetFunction } from '../constructs/fleet-function.ts';
import { Runbook } from '../constructs/runbook.ts';
import { allowUnscoped } from '../constructs/unscoped-actions.ts';
import type { FoundationStack } from '../foundation-stack.ts';
import type { Locks } from './locks.ts';
import { readExclusions } from './read-exclusions.ts';
import { recordResult } from './record-result.ts';
import { acknowledgeInstances, sendCommand } from './send-command.ts';

export interface RunCommandProps {
  readonly context: FleetContext;
  readonly foundation: FoundationStack;
  readonly locks: Locks;
}

/** The runbook `run-command`: one command on one instance. */
export class RunCommand extends Construct {
  readonly runbook: Runbook;
  readonly cancelCommand: FleetFunction;
  readonly functions: readonly FleetFunction[];

  constructor(scope: Construct, id: string, { context, foundation, locks }: RunCommandProps) {
    super(scope, id);
    this.cancelCommand = this.#cancelCommand(context);
    this.functions = [
      this.#validateTarget(context, foundation),
      this.#sendCommand(context, foundation),
      this.#checkInvocation(context),
      this.cancelCommand,
    ];
    const { outputBucket, topic } = foundation;
    this.runbook = new Runbook(this, 'Runbook', {
      context,
      name: 'run-command',
      functions: [...this.functions, locks.acquireLocks],
      substitutions: {
        ResultTableName: foundation.resultTable.tableName,
        LockTableName: foundation.lockTable.tableName,
        NotificationTopicArn: topic.topicArn,
        OutputBucketName: outputBucket.bucketName,
        NotifyOnSuccess: String(context.config.notifyOnSuccess),
      },
      statements: [
        ...recordResult(foundation),
        locks.release(),
        new PolicyStatement({ actions: ['s3:ListBucket'], resources: [outputBucket.bucketArn] }),
      ],
      errorImpact:
        'Whoever asked for the command has no output of it. The notification and the result row say why and what to do next.',
    });
  }

  #validateTarget(context: FleetContext, foundation: FoundationStack): FleetFunction {
    const exclusions = readExclusions(context.config, foundation);
    const { allowArbitraryCommands, disabledCommands, tagGate } = context.config;
    return new FleetFunction(this, 'ValidateTarget', {
      context,
      name: 'validate-target',
      description: 'Says whether a command may be sent to an instance',
      environment: {
        TAG_KEY: tagGate.key,
        TAG_VALUE: tagGate.value,
        ALLOW_ARBITRARY_COMMANDS: String(allowArbitraryCommands),
        DISABLED_COMMANDS: disabledCommands.join(','),
        ...exclusions.environment,
      },
      statements: [allowUnscoped('ec2:DescribeInstances', 'ssm:DescribeInstanceInformation'), exclusions.statement],
      errorImpact:
        'Requests are refused before anything is sent, which is what it is for unless the requests are right.',
      // Every refusal of a bad request counts as an error; one is no news.
      errorsToAlarm: 5,
    });
  }

  #sendCommand(context: FleetContext, { outputBucket }: FoundationStack): FleetFunction {
    const send = new FleetFunction(this, 'SendCommand', {
      context,
      name: 'send-command',
      description: 'Sends a command once, or finds the one that was sent',
      environment: { OUTPUT_BUCKET: outputBucket.bucketName, OUTPUT_KEY_PREFIX: context.config.outputKeyPrefix },
      statements: [...sendCommand(this, context), allowUnscoped('ssm:ListCommands')],
      errorImpact: 'Commands do not reach their instances.',
    });
    acknowledgeInstances(send.role);
    return send;
  }

  #checkInvocation(context: FleetContext): FleetFunction {
    return new FleetFunction(this, 'CheckInvocation', {
      context,
      name: 'check-invocation',
      description: 'Says how far a command has got',
      statements: [allowUnscoped('ssm:GetCommandInvocation')],
      errorImpact: 'A command never ran, ran out of time, or cannot be followed; it is cancelled.',
    });
  }

  #cancelCommand(context: FleetContext): FleetFunction {
    return new FleetFunction(this, 'CancelCommand', {
      context,
      name: 'cancel-command',
      description: 'Cancels the command of an execution',
      statements: [allowUnscoped('ssm:CancelCommand', 'ssm:ListCommands')],
      errorImpact: 'Commands of failed or stopped executions may go on running on their instances.',
    });
  }
}
